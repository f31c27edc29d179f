using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Engines;
using OpsConsole.Features.Audit;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Watching;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>Commits on a real database: once, by whom the rules allow, and what is left of those that were cut off.</summary>
public sealed class CommitTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();
    public ValueTask InitializeAsync() => house.InitializeAsync();
    public ValueTask DisposeAsync() => house.DisposeAsync();

    private async Task<TransactionView> Commit(string id)
    {
        var answer = await house.Queue.Commit(QueueHouse.Rita, id, default);
        Assert.True(answer.Refusal is null, answer.Refusal?.Text);
        return answer.Value!;
    }

    private async Task<Refusal> Refused(Task<Answer<TransactionView>> verb) => (await verb).Refusal ?? throw new InvalidOperationException("It was not refused.");

    [Fact]
    public async Task A_commit_changes_the_database_once_and_a_second_click_is_told_what_was_done()
    {
        var id = await house.Post("k1");
        var first = await Commit(id);
        var second = await Commit(id);
        Assert.Equal((QueuedStatus.Committed, QueuedStatus.Committed), (first.Status, second.Status));
        Assert.Equal((11250L, 1L), (await house.Balance(), await house.Number("select count(*) from ledger")));
        Assert.Equal([1, 1], second.Result!.Rows);
        Assert.Equal("11250", Assert.Single(second.Result.ReadBack).After);
        Assert.Equal((1, "rita"), (second.Attempt, second.CommittedBy));
    }

    [Fact]
    public async Task The_log_names_a_transaction_by_kind_key_and_amount_and_an_older_entry_by_its_id()
    {
        var id = await house.Post("FM-87-004", "138.71");
        await Commit(id);
        await using var db = house.Store.CreateDbContext();
        var entry = (await db.Audit.SingleAsync(a => a.Action == "transaction.committed")).ToEntry();
        Assert.Equal("committed deposit FM-87-004 of 138.71 EUR", AuditSentences.Of(entry));
        Assert.Equal($"committed transaction {id}", AuditSentences.Of(entry with { DetailsJson = "{\"attempt\":1}" }));
    }

    [Fact]
    public async Task A_whole_amount_is_bound_with_its_decimal_places()
    {
        await Commit(await house.Post("k1", "500"));
        Assert.Equal(60000L, await house.Balance());
    }

    [Fact]
    public async Task Eight_clicks_at_one_time_change_the_database_once()
    {
        var id = await house.Post("k1");
        var clicks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => house.Queue.Commit(QueueHouse.Rita, id, default))));
        Assert.All(clicks, c => Assert.True(c.Refusal is null or { Code: RefusalCode.WrongState }, c.Refusal?.Text));
        Assert.Contains(clicks, c => c.Refusal is null);
        Assert.Equal((11250L, 1L), (await house.Balance(), await house.Number("select count(*) from ledger")));
    }

    [Fact]
    public async Task A_preview_shows_before_and_after_and_leaves_nothing()
    {
        var id = await house.Post("k1");
        var preview = (await house.Queue.Preview(QueueHouse.Rita, id, default)).Value!;
        Assert.Equal(("Balance", "10000", "11250"), (preview.Evidence[0].Label, preview.Evidence[0].Before, preview.Evidence[0].After));
        Assert.True(preview.WouldCommit);
        Assert.Equal((10000L, 0L), (await house.Balance(), await house.Number("select count(*) from ledger")));
    }

    [Fact]
    public async Task A_constraint_that_refuses_leaves_it_pending_with_the_databases_words()
    {
        var id = await house.Post("k1", "900.00", kind: "withdrawal");
        var refusal = await Refused(house.Queue.Commit(QueueHouse.Rita, id, default));
        Assert.Contains("nothing was changed", refusal.Text, StringComparison.Ordinal);
        var now = await house.See(id);
        Assert.Equal(QueuedStatus.Pending, now.Status);
        Assert.Contains("CHECK", now.Reason, StringComparison.Ordinal);
        Assert.Equal((10000L, 0L), (await house.Balance(), await house.Number("select count(*) from ledger")));
        await house.Sql("update accounts set balance = 100000 where id = 1");
        Assert.Equal(QueuedStatus.Committed, (await Commit(id)).Status);
        Assert.Equal(10000L, await house.Balance());
    }

    [Fact]
    public async Task Above_the_limit_one_approves_and_another_commits()
    {
        var id = await house.Post("k1", "1000.01");
        Assert.Equal(RefusalCode.SecondPersonNeeded, (await Refused(house.Queue.Commit(QueueHouse.Rita, id, default))).Code);
        Assert.Null((await house.Queue.Approve(QueueHouse.Rita, id, default)).Refusal);
        Assert.Equal(RefusalCode.SecondPersonNeeded, (await Refused(house.Queue.Commit(QueueHouse.Rita, id, default))).Code);
        Assert.Equal(RefusalCode.StepUpNeeded, (await Refused(house.Queue.Commit(QueueHouse.Olaf with { SteppedUpUntil = null }, id, default))).Code);
        Assert.Equal(10000L, await house.Balance());
        Assert.Null((await house.Queue.Commit(QueueHouse.Olaf, id, default)).Refusal);
        Assert.Equal(110001L, await house.Balance());
    }

    [Fact]
    public async Task An_earlier_one_of_the_same_account_has_to_be_decided_first()
    {
        var first = await house.Post("k1");
        var second = await house.Post("k2");
        var other = await house.Post("k3", account: 2);
        Assert.Equal(RefusalCode.NotNow, (await Refused(house.Queue.Commit(QueueHouse.Rita, second, default))).Code);
        Assert.Equal(first, (await house.See(second)).WaitsFor);
        await Commit(other);
        Assert.Null((await house.Queue.Hold(QueueHouse.Rita, first, "call them", null, default)).Refusal);
        Assert.Equal(RefusalCode.NotNow, (await Refused(house.Queue.Commit(QueueHouse.Rita, second, default))).Code);
        Assert.Null((await house.Queue.Reject(QueueHouse.Rita, first, "twice", null, default)).Refusal);
        Assert.Equal(QueuedStatus.Committed, (await Commit(second)).Status);
    }

    [Fact]
    public async Task A_viewer_commits_nothing_and_nothing_is_touched()
    {
        var id = await house.Post("k1");
        foreach (var actor in new[] { QueueHouse.Vera, QueueHouse.Person("ada", Roles.Admin), new Actor("site:members", "members", new HashSet<string>(), "key:k", "members") })
        {
            foreach (var verb in new[]
            {
                house.Queue.Commit(actor, id, default), house.Queue.Approve(actor, id, default), house.Queue.Reject(actor, id, "no", null, default),
                house.Queue.Hold(actor, id, "no", null, default), house.Queue.Unhold(actor, id, default),
            })
            {
                Assert.Equal(RefusalCode.NotAllowed, (await Refused(verb)).Code);
            }
            Assert.Equal(RefusalCode.NotAllowed, (await house.Queue.Preview(actor, id, default)).Refusal!.Code);
        }
        await using var db = house.Store.CreateDbContext();
        Assert.Equal((0, QueuedStatus.Pending), (await db.Acts.CountAsync(), (await house.See(id)).Status));
        Assert.Equal(0L, await house.Number("select count(*) from sqlite_master where name like 'opsconsole%'"));
        Assert.Empty((await house.See(id)).Can);
    }

    [Fact]
    public async Task An_account_is_one_whichever_site_posts_for_it_so_its_transactions_commit_in_the_order_in_which_they_were_captured()
    {
        var first = await house.Post("k1", site: "members");
        var second = await house.Post("k2", site: "forum", kind: "withdrawal");
        Assert.Equal(first, (await house.See(second)).WaitsFor);
        Assert.Equal(RefusalCode.NotNow, (await house.Queue.Commit(QueueHouse.Olaf, second, default)).Refusal!.Code);
        Assert.Null((await house.Queue.Commit(QueueHouse.Olaf, first, default)).Refusal);
        Assert.Null((await house.Queue.Commit(QueueHouse.Olaf, second, default)).Refusal);
    }

    [Fact]
    public async Task A_hold_ends_later_than_now_and_a_reason_is_no_novel()
    {
        var id = await house.Post("k1", "500.00");
        Assert.Equal("500.00", (await house.See(id)).Amount!.Value);
        Assert.Equal("until", (await house.Queue.Hold(QueueHouse.Olaf, id, "asks first", TimeProvider.System.GetUtcNow().AddMinutes(-1), default)).Refusal!.Field);
        Assert.Equal("reason", (await house.Queue.Hold(QueueHouse.Olaf, id, new string('a', QueueService.LongestReason + 1), null, default)).Refusal!.Field);
        Assert.Null((await house.Queue.Hold(QueueHouse.Olaf, id, "asks first", TimeProvider.System.GetUtcNow().AddMinutes(1), default)).Refusal);
    }

    /// <summary>As a console leaves it that died after it had said Committing: begun by an epoch that is over.</summary>
    private async Task CutOff(string id) => await house.Recorder.Write(async (write, t) =>
    {
        var row = await write.Db.Set<QueuedTransactionRow>().Include(r => r.OrderKeys).SingleAsync(r => r.Id == id, t);
        row.Take(row.ToDomain().BeginCommit("rita", write.Now, new()));
        row.Epoch = house.Services.GetRequiredService<DriverLease>().Epoch;
    }, default);

    private async Task Restart()
    {
        Assert.True(await house.Services.GetRequiredService<DriverLease>().Take(default));
        foreach (var step in house.Services.GetServices<IStartStep>().OrderBy(s => s.Order)) { await step.Run(default); }
    }

    [Fact]
    public async Task A_commit_that_was_cut_off_before_the_database_may_run_again_under_the_same_key()
    {
        var id = await house.Post("k1");
        await CutOff(id);
        await Restart();
        Assert.Equal((QueuedStatus.Approved, 10000L), ((await house.See(id)).Status, await house.Balance()));
        Assert.Equal((QueuedStatus.Committed, 2), ((await Commit(id)).Status, (await house.See(id)).Attempt));
        Assert.Equal(11250L, await house.Balance());
    }

    [Fact]
    public async Task A_commit_that_this_very_console_never_brought_to_an_end_is_settled_too()
    {
        var id = await house.Post("k1");
        await CutOff(id);
        await house.Services.GetRequiredService<QueueCommits>().SettleAll(default);
        Assert.Equal((QueuedStatus.Approved, 10000L), ((await house.See(id)).Status, await house.Balance()));
        Assert.Equal(QueuedStatus.Committed, (await Commit(id)).Status);
    }

    [Fact]
    public async Task A_commit_that_was_cut_off_after_the_database_is_committed_by_its_marker_and_not_run_again()
    {
        var id = await house.Post("k1");
        await CutOff(id);
        var row = await house.See(id);
        var database = house.Services.GetRequiredService<EstateDatabases>().Find("members")!;
        var epoch = house.Services.GetRequiredService<DriverLease>().Epoch;
        var installation = house.Services.GetRequiredService<Readiness>().Installation;
        await database.RaiseFence(installation, epoch, default);
        var legs = new[] { new Leg("update accounts set balance = balance + 1250 where id = 1", 1) };
        var key = house.Services.GetRequiredService<Committer>().KeyOf("members", "k1");
        Assert.Equal(CommitOutcome.Committed, (await database.Commit(new CommitRequest(key, row.PayloadSha256, installation, epoch, legs, []), default)).Outcome);
        await Restart();
        var now = await house.See(id);
        Assert.Equal((QueuedStatus.Committed, "rita"), (now.Status, now.DecidedBy));
        await Commit(id);
        Assert.Equal((11250L, 0L), (await house.Balance(), await house.Number("select count(*) from ledger")));
    }

    [Fact]
    public async Task A_marker_with_another_content_is_held_for_a_person()
    {
        var id = await house.Post("k1");
        var database = house.Services.GetRequiredService<EstateDatabases>().Find("members")!;
        var (epoch, installation) = (house.Services.GetRequiredService<DriverLease>().Epoch, house.Services.GetRequiredService<Readiness>().Installation);
        await database.RaiseFence(installation, epoch, default);
        await database.Commit(new CommitRequest(house.Services.GetRequiredService<Committer>().KeyOf("members", "k1"), "other", installation, epoch, [], []), default);
        Assert.Equal(RefusalCode.NotNow, (await Refused(house.Queue.Commit(QueueHouse.Rita, id, default))).Code);
        Assert.Equal((QueuedStatus.Held, 10000L), ((await house.See(id)).Status, await house.Balance()));
    }

    [Fact]
    public async Task Until_finalize_a_site_hears_pending_and_afterwards_its_outcomes_in_order()
    {
        var window = house.Window.Set(WindowStatus.Reviewing);
        var (first, second) = (await house.Post("k1"), await house.Post("k2", account: 2));
        await Commit(first);
        await house.Queue.Reject(QueueHouse.Rita, second, "twice", "It was there twice.", default);
        var site = new Actor("site:members", "members", new HashSet<string>(), "key:k", "members");
        Assert.Equal("pending", (await house.Queue.GetForSite(site, first, default)).Value!.Status);
        Assert.Empty((await house.Queue.Outcomes(site, null, null, TimeSpan.Zero, 50, default)).Value!.Items);
        var waiting = house.Queue.Outcomes(site, null, null, TimeSpan.FromSeconds(20), 50, default);
        await house.Recorder.Write((write, t) => house.Services.GetServices<IWindowWitness>().OfType<QueueWitness>().Single().Finalized(write, window, t), default);
        var told = (await waiting).Value!;
        Assert.Equal([(first, "committed"), (second, "rejected")], told.Items.Select(o => (o.Id, o.Status)));
        Assert.Equal("It was there twice.", told.Items[1].Reason);
        Assert.Empty((await house.Queue.Outcomes(site, null, told.Next, TimeSpan.Zero, 50, default)).Value!.Items);
        Assert.Equal("committed", (await house.Queue.GetForSite(site, first, default)).Value!.Status);
    }

    [Fact]
    public async Task A_rollback_of_the_group_puts_what_was_committed_back_into_the_queue()
    {
        var window = house.Window.Set(WindowStatus.Reviewing);
        var witness = house.Services.GetServices<IWindowWitness>().OfType<QueueWitness>().Single();
        var (committed, rejected, waiting) = (await house.Post("k1"), await house.Post("k2", account: 2), await house.Post("k3", account: 3));
        await Commit(committed);
        await house.Queue.Reject(QueueHouse.Rita, rejected, "twice", null, default);
        await using (var db = house.Store.CreateDbContext())
        {
            Assert.Equal(1, await witness.CommittedIn(db, window, default));
            Assert.Equal(new FinalizeFacts(1, 0, 0, 0, 0), await witness.Undecided(db, window, default));
        }
        await house.Recorder.Write((write, t) => witness.RolledBack(write, window, t), default);
        Assert.Equal([QueuedStatus.Pending, QueuedStatus.Rejected, QueuedStatus.Pending],
            new[] { (await house.See(committed)).Status, (await house.See(rejected)).Status, (await house.See(waiting)).Status });
        Assert.Null((await house.See(committed)).Approval);
    }

    [Fact]
    public async Task A_desk_that_is_closed_and_a_database_outside_the_group_hold_the_commit_back()
    {
        var id = await house.Post("k1");
        house.Window.Set(WindowStatus.Running);
        Assert.Equal(RefusalCode.NotNow, (await Refused(house.Queue.Commit(QueueHouse.Rita, id, default))).Code);
        Assert.Equal(RefusalCode.NotNow, (await house.Queue.Preview(QueueHouse.Rita, id, default)).Refusal!.Code);
        house.Window.Set(WindowStatus.Reviewing, "forum");
        Assert.Equal(RefusalCode.NotNow, (await Refused(house.Queue.Commit(QueueHouse.Rita, id, default))).Code);
        Assert.Equal(10000L, await house.Balance());
        house.Window.Set(WindowStatus.RolledBack);
        await Commit(id);
    }

    [Fact]
    public async Task Who_comes_too_late_is_told_who_was_faster()
    {
        var id = await house.Post("k1");
        await house.Queue.Reject(QueueHouse.Rita, id, "twice", null, default);
        var late = await Refused(house.Queue.Commit(QueueHouse.Olaf, id, default));
        Assert.Equal(RefusalCode.WrongState, late.Code);
        Assert.Contains("By rita at ", late.Text, StringComparison.Ordinal);
    }
}
