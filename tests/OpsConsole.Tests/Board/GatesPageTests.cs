using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Board;
using OpsConsole.Features.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Watching;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Board;

public sealed class GatesPageTests : LivePageContext
{

    [Fact]
    public async Task The_operator_sees_who_keeps_a_freeze_from_being_certain_and_then_that_it_is()
    {
        await using var house = await House(Roles.Operator);
        await house.Ask("web1");
        await house.Ask("web2");
        var frozen = await house.Freeze();
        await house.Ack("web1", frozen.Version);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.Contains("because web2 has not acknowledged", Gate(page, "members").TextContent, StringComparison.Ordinal));
        Assert.Contains("Not yet certain", Gate(page, "members").TextContent, StringComparison.Ordinal);
        await house.Ack("web2", frozen.Version);
        page.WaitForAssertion(() => Assert.Contains("Frozen, certain", Gate(page, "members").TextContent, StringComparison.Ordinal));
        Assert.Contains("Open", Gate(page, "forum").QuerySelector(".gate-verdict")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_sees_the_buttons_dead_with_the_reason()
    {
        await using var house = await House();
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(Gate(page, "members").QuerySelectorAll("button")));
        Assert.All(Gate(page, "members").QuerySelectorAll("button.btn"), button => Assert.True(button.HasAttribute("disabled")));
        Assert.Contains("Freeze a site is for: Operator", Gate(page, "members").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_that_closes_databases_names_the_role_and_the_database()
    {
        await using var house = await House(Roles.Operator);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.Contains(Gate(page, "members").QuerySelectorAll("button"), b => b.TextContent == "Shut members_app out of members" && !b.HasAttribute("disabled")));
    }

    [Fact]
    public async Task A_test_login_is_refused_while_the_gate_is_closed_and_not_tried_while_it_is_open()
    {
        await using var house = await House(Roles.Operator);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.DoesNotContain("Test login", Gate(page, "members").TextContent, StringComparison.Ordinal));
        await house.Freeze();
        page.WaitForAssertion(() => Assert.Contains("refused by the gate (403)", Gate(page, "members").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drain_begins_only_when_everyone_is_out_counts_down_and_ends_nobody_by_itself()
    {
        await using var house = await House(Roles.Operator);
        await house.Freeze();
        Assert.Contains("Put everyone out first", house.Drains.Refuse(GateHouse.Rosa, "members")!.Text, StringComparison.Ordinal);
        await house.Freeze(FreezeDepth.Everyone);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.False(Act(page, "drain").HasAttribute("disabled")));
        await Act(page, "drain").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("Draining, ordered by Rosa", Gate(page, "members").TextContent, StringComparison.Ordinal));
        Assert.Contains("It is being drained.", Act(page, "drain").GetAttribute("title"), StringComparison.Ordinal);
        await house.Pass(GateDrains.Seconds + 1);
        await Later(house, () => Gate(page, "members").TextContent.Contains("The drain is over. Who is left is unknown; ending them is yours.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_left_is_ended_by_one_button_that_says_how_many()
    {
        var sessions = new Sessions(14);
        Services.AddSingleton<ISiteSessions>(sessions);
        await using var house = await House(Roles.Operator);
        await house.Freeze(FreezeDepth.Everyone);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.Equal("End the 14 left on members", Act(page, "end").TextContent));
        sessions.Left = 0;
        house.Clock.Advance(TimeSpan.FromSeconds(6));
        await Later(house, () => Act(page, "end").GetAttribute("title") == "Nobody is left.");
    }

    // A page that was reading while the clock moved sets its alarm only afterwards: the clock has to go on for it.
    private static async Task Later(GateHouse house, Func<bool> seen)
    {
        for (var tries = 0; !seen(); tries++)
        {
            Assert.True(tries < 100, "the page never said so");
            await Task.Delay(100);
            house.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task The_history_tells_who_closed_it_why_and_since_when_it_is_certain()
    {
        await using var house = await House(Roles.Operator);
        await house.Ask("web1");
        var frozen = await house.Freeze();
        await house.Ack("web1", frozen.Version);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(Gate(page, "members").QuerySelectorAll(".gate-history button")));
        await Gate(page, "members").QuerySelector(".gate-history button")!.ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("froze it, depth logins: upgrade", Gate(page, "members").QuerySelector(".gate-history")!.TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("upgrade", string.Join(" ", (await house.History.Read(GateHouse.Rosa, "forum", CancellationToken.None)).Select(h => h.What)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_board_asks_for_a_person_while_a_gate_is_not_closed_for_certain()
    {
        await using var house = await House(Roles.Operator);
        await house.Ask("web1");
        var page = Render<BoardPage>();
        page.WaitForAssertion(() => Assert.Contains("Nothing needs you", page.Markup, StringComparison.Ordinal));
        Assert.Contains("Nothing runs", page.Find(".board-line").TextContent, StringComparison.Ordinal);
        var frozen = await house.Freeze(FreezeDepth.Everyone);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Contains("members is not closed for certain: web1", page.Find(".needs").TextContent, StringComparison.Ordinal));
        await house.Ack("web1", frozen.Version);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Contains("members is frozen by hand: everyone is out", page.Find(".needs").TextContent, StringComparison.Ordinal));
        await house.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".needs")));
    }

    [Fact]
    public async Task The_board_never_shows_an_unseen_database_as_well()
    {
        await using var house = await House(Roles.Operator);
        var page = Render<BoardPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".board-db").Count));
        Assert.All(page.FindAll(".board-db"), row => Assert.Contains("not seen yet", row.TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("board-big\">0", page.Markup, StringComparison.Ordinal);
    }

    private static IElement Act(IRenderedComponent<GatesPage> page, string act) => Gate(page, "members").QuerySelector($"[data-act={act}]")!;

    /// <summary>A site's own table of sessions, as far as a gate needs it.</summary>
    private sealed class Sessions(int left) : ISiteSessions
    {
        public int Left { get; set; } = left;
        public Task<SiteSessionCount> Count(Actor actor, string site, CancellationToken token) => Task.FromResult(new SiteSessionCount(Left, null, null, DateTimeOffset.UnixEpoch));
        public Task<Answer<int>> EndAll(Actor actor, string site, CancellationToken token) => Task.FromResult(new Answer<int>(Left, null));
    }

    private static IElement Gate(IRenderedComponent<GatesPage> page, string site) => page.Find($"section[aria-label='{site}']");
}
