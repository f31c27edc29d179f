using OpsConsole.Engines;
using OpsConsole.Features.Sessions;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Sessions;

public sealed class SessionTreeTests
{
    internal static SessionFacts One(string id, string state = "active", double? seconds = null, bool own = false, params string[] blockedBy) =>
        new(id, "members_app", "web", "10.0.0.7:5", state, "select 1", null, seconds, null, blockedBy, own);

    [Fact]
    public void Who_holds_up_the_others_stands_first_and_they_stand_under_it()
    {
        var rows = SessionTree.Of([One("1", "idle"), One("19044", blockedBy: "19007"), One("19007", blockedBy: "18842"), One("18842", seconds: 846), One("19013", blockedBy: "18842"), One("own", own: true)]);
        Assert.Equal(["18842", "19007", "19044", "19013", "1", "own"], rows.Select(r => r.Id));
        Assert.Equal([0, 1, 2, 1, 0, 0], rows.Select(r => r.Depth));
        Assert.Equal((Mark.Danger, "blocks 3"), rows[0].State);
        Assert.Equal((Mark.Danger, "blocks 1"), rows[1].State);
        Assert.Equal((Mark.Attention, "waits"), rows[2].State);
        Assert.Equal("19007", rows[2].Blocker);
    }

    [Fact]
    public void An_open_transaction_that_does_nothing_stands_above_who_works()
    {
        var rows = SessionTree.Of([One("idle", "idle"), One("works", seconds: 3), One("young", "idle in transaction", 5), One("old", "idle in transaction", 41)]);
        Assert.Equal(["old", "young", "works", "idle"], rows.Select(r => r.Id));
        Assert.Equal(Mark.Attention, rows[0].State.Mark);
    }

    [Fact]
    public void A_circle_of_waiters_is_shown_whole_and_once()
    {
        var rows = SessionTree.Of([One("a", blockedBy: "b"), One("b", blockedBy: "c"), One("c", blockedBy: "a")]);
        Assert.Equal(["a", "b", "c"], rows.Select(r => r.Id).Order());
    }

    [Fact]
    public void A_session_that_waits_for_somebody_elsewhere_waits_all_the_same()
    {
        var row = Assert.Single(SessionTree.Of([One("a", blockedBy: "0")]));
        Assert.Equal((Mark.Attention, "waits"), row.State);
        Assert.Null(row.Blocker);
    }
}
