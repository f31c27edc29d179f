using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Recording;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>What stands beside a transaction: its order, what came before, who has it open, what is unusual about it.</summary>
public sealed class DeskTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();
    public ValueTask InitializeAsync() => house.InitializeAsync();
    public ValueTask DisposeAsync() => house.DisposeAsync();

    private DeskService Desk => house.Services.GetRequiredService<DeskService>();
    private async Task<DeskView> Look(string id, global::OpsConsole.Ground.Access.Actor? who = null) => (await Desk.Look(who ?? QueueHouse.Rita, id, default)).Value!;
    private async Task<DeskFlag> Flag(string id, string title) => Assert.Single((await Look(id)).Flags, f => f.Title == title);

    [Fact]
    public async Task Its_place_in_its_order_is_told_with_what_holds_the_first()
    {
        var first = await house.Post("k1");
        await house.Post("other account", account: 2);
        var second = await house.Post("k2");
        await house.Post("k3");
        await Desk.Claim(QueueHouse.Olaf, first, default);
        var desk = await Look(second);
        Assert.Equal((2, 3), (desk.Place, desk.Order.Count));
        var flag = await Flag(second, "Waits for an earlier one");
        Assert.Equal(("2nd of 3 for account 1; the first, deposit of 12.50 EUR, is open at olaf", first), (flag.Fact, flag.Other));
        await house.Queue.Hold(QueueHouse.Olaf, first, "asked the member", null, default);
        Assert.Contains("is held", (await Flag(second, "Waits for an earlier one")).Fact, StringComparison.Ordinal);
        Assert.Equal("asked the member", (await Flag(first, "Held")).Fact);
    }

    [Fact]
    public async Task The_last_ten_of_the_account_are_those_decided_before_it_newest_first()
    {
        for (var i = 1; i <= 12; i++) { await house.Queue.Commit(QueueHouse.Rita, await house.Post($"k{i}", $"{i}.00"), default); }
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("else", account: 2), default);
        var desk = await Look(await house.Post("now", "99.00"));
        Assert.Equal(Enumerable.Range(3, 10).Reverse().Select(i => $"{i}.00"), desk.Last.Select(l => DeskText.Figure(l.Amount!.Value)));
        Assert.All(desk.Last, l => Assert.Equal(("rita", QueuedStatus.Committed), (l.By, l.Status)));
        Assert.Equal(now(desk), desk.Order.Select(o => o.Id));
        static string[] now(DeskView d) => [d.It.Id];
    }

    [Fact]
    public async Task The_same_amount_again_and_one_far_above_the_usual_are_flagged_with_their_fact()
    {
        for (var i = 1; i <= 3; i++) { await house.Queue.Commit(QueueHouse.Rita, await house.Post($"k{i}", $"{i}0.00"), default); }
        var twin = await Flag(await house.Post("twin", "20.00"), "Same amount again");
        Assert.Equal("number 2 is committed by rita", twin.Fact);
        Assert.Equal("the largest of 4 before it was 30.00 EUR", (await Flag(await house.Post("large", "90.01"), "Larger than usual")).Fact);
        Assert.DoesNotContain((await Look(await house.Post("usual", "40.00"))).Flags, f => f.Title is "Larger than usual" or "Same amount again");
    }

    [Fact]
    public async Task One_that_the_database_refused_says_its_words_that_nothing_changed_and_what_can_be_done()
    {
        var id = await house.Post("k1", "900.00", kind: "withdrawal");
        await house.Queue.Commit(QueueHouse.Rita, id, default);
        var flag = await Flag(id, "The database refused it");
        Assert.Contains("CHECK", flag.Fact, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed. Put right what it names", flag.Fact, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_went_back_with_the_group_says_so_and_not_that_it_was_refused()
    {
        var window = house.Window.Set(WindowStatus.Reviewing);
        var id = await house.Post("k1");
        await house.Queue.Commit(QueueHouse.Rita, id, default);
        foreach (var witness in house.Services.GetServices<global::OpsConsole.Ground.Windows.IWindowWitness>()) { await house.Recorder.Write((write, t) => witness.RolledBack(write, window, t), default); }
        Assert.Contains("taken back with the group", (await Flag(id, "Taken back")).Fact, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_one_open_is_seen_by_the_others_until_they_go_on_to_another()
    {
        var (one, two) = (await house.Post("k1"), await house.Post("k2", account: 2));
        await Desk.Claim(QueueHouse.Rita, one, default);
        Assert.Null((await Look(one)).Claim);
        Assert.Equal("rita", (await Look(one, QueueHouse.Olaf)).Claim!.By);
        await Desk.Claim(QueueHouse.Olaf, one, default);
        Assert.Equal("rita", (await Look(one, QueueHouse.Olaf)).Claim!.By);
        Assert.Equal([one], (await Desk.OpenElsewhere(QueueHouse.Olaf, default)).Value!);
        await Desk.Claim(QueueHouse.Rita, two, default);
        Assert.Null((await Look(one, QueueHouse.Olaf)).Claim);
        Assert.Equal([two], (await Desk.OpenElsewhere(QueueHouse.Olaf, default)).Value!);
        Assert.Equal(2, (await Desk.Standing(QueueHouse.Vera, default)).Value!.Team.Single(m => m.Name == "rita").Open);
    }

    [Fact]
    public async Task A_claim_lapses_and_forbids_nothing()
    {
        var id = await house.Post("k1");
        await Desk.Claim(QueueHouse.Rita, id, default);
        await house.Recorder.Write(async (write, t) => (await write.Db.Set<DeskClaimRow>().FindAsync([id], t))!.Until = write.Now.AddSeconds(-1), default);
        Assert.Null((await Look(id, QueueHouse.Olaf)).Claim);
        await Desk.Claim(QueueHouse.Olaf, id, default);
        Assert.Equal("olaf", (await Look(id)).Claim!.By);
        Assert.Null((await house.Queue.Commit(QueueHouse.Rita, id, default)).Refusal);
    }

    [Fact]
    public async Task A_note_is_kept_with_who_wrote_it_and_a_viewer_writes_none()
    {
        var id = await house.Post("k1");
        Assert.Equal(RefusalCode.NotAllowed, (await Desk.Note(QueueHouse.Vera, id, "hello", default)).Refusal!.Code);
        Assert.Equal(RefusalCode.InvalidField, (await Desk.Note(QueueHouse.Rita, id, "  ", default)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await Desk.Note(QueueHouse.Rita, "none", "hello", default)).Refusal!.Code);
        await Desk.Note(QueueHouse.Rita, id, " the member called ", default);
        Assert.Equal([("rita", "the member called")], (await Look(id, QueueHouse.Vera)).Notes.Select(n => (n.By, n.Text)));
    }

    [Fact]
    public async Task The_standing_counts_what_waits_and_what_was_decided_since_the_window_began()
    {
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("before", "5.00"), default);
        await Task.Delay(5);
        house.Window.Now = house.Window.Set(WindowStatus.Reviewing) with { StartedAt = TimeProvider.System.GetUtcNow() };
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("k1", "0.10"), default);
        await house.Queue.Commit(QueueHouse.Olaf, await house.Post("k2", "0.20"), default);
        await house.Queue.Reject(QueueHouse.Olaf, await house.Post("k3", "7.00"), "twice", null, default);
        await house.Post("k4", "8.00");
        var standing = (await Desk.Standing(QueueHouse.Vera, default)).Value!;
        Assert.Equal((4, 3, 1), (standing.Total, standing.Decided, standing.Waiting));
        Assert.Equal("0.30 EUR", DeskText.Sums(standing.SumsOf(QueuedStatus.Committed)));
        Assert.Equal([("olaf", 2), ("rita", 1)], standing.Team.Select(m => (m.Name, m.Decided)));
        Assert.NotNull(standing.SecondsEach);
    }

    [Fact]
    public async Task The_approver_takes_the_approval_back_as_long_as_it_is_not_committed_and_nobody_else_does()
    {
        var id = await house.Post("k1", "1000.01");
        await house.Queue.Approve(QueueHouse.Rita, id, default);
        Assert.Equal(RefusalCode.NotAllowed, (await house.Queue.Withdraw(QueueHouse.Olaf, id, default)).Refusal!.Code);
        var withdrawn = (await house.Queue.Withdraw(QueueHouse.Rita, id, default)).Value!;
        Assert.Equal((QueuedStatus.Pending, null), (withdrawn.Status, withdrawn.Approval));
        Assert.Equal(RefusalCode.SecondPersonNeeded, (await house.Queue.Commit(QueueHouse.Olaf, id, default)).Refusal!.Code);
        Assert.Equal(RefusalCode.WrongState, (await house.Queue.Withdraw(QueueHouse.Rita, id, default)).Refusal!.Code);
    }

    [Theory]
    [InlineData("1046.74", "710.55", "−336.19")]
    [InlineData("14", "15", "+1")]
    [InlineData("0.00", "0.00", "")]
    [InlineData("open", "closed", "changed")]
    public void A_change_is_written_with_its_sign_and_its_own_decimals(string before, string after, string change) => Assert.Equal(change, DeskText.Change(new EvidenceView("x", before, after)));
}
