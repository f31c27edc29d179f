using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>What a site put aside in a table of its own: into the queue once, and ended there in the transaction that commits it.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();
    private QueuePull Puller => house.Services.GetRequiredService<QueuePull>();

    public async ValueTask InitializeAsync()
    {
        await house.InitializeAsync();
        await Aside("r1", "12.50");
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    private Task Aside(string key, string amount, int account = 1) =>
        house.Sql($"insert into waiting (ref, at, account, amount, currency, state) values ('{key}', '2025-11-17 02:29:58', {account}, '{amount}', 'EUR', 'new')");

    private Task<long> In(string state, string key = "r1") => house.Number($"select count(*) from waiting where ref = '{key}' and state = '{state}'");

    private async Task<List<QueuedTransactionRow>> Rows()
    {
        await using var db = house.Store.CreateDbContext();
        return await db.Set<QueuedTransactionRow>().AsNoTracking().OrderBy(t => t.Sequence).ToListAsync();
    }

    private async Task<string> Pulled()
    {
        await Puller.Pull(default);
        return (await Rows()).Single().Id;
    }

    private async Task<IReadOnlyList<string>> Needs() => [.. (await Puller.Read(QueueHouse.Vera, default)).Select(n => n.What)];

    [Fact]
    public async Task A_row_is_taken_once_however_often_and_by_however_many_it_is_read()
    {
        await Aside("r2", "7.00", account: 2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Puller.Pull(default)));
        await Puller.Pull(default);
        var rows = await Rows();
        Assert.Equal(["r1", "r2"], rows.Select(r => r.Key));
        Assert.All(rows, r => Assert.Equal(("members", "deposit", true, QueuedStatus.Pending), (r.Site, r.Kind, r.Pulled, r.Status)));
        Assert.Equal((12.50m, "EUR", new DateTimeOffset(2025, 11, 17, 2, 29, 58, TimeSpan.Zero)), (rows[0].Amount, rows[0].Currency, rows[0].StartedAt));
        Assert.Equal(1, await In("new"));
        Assert.Empty(await Needs());
    }

    [Fact]
    public async Task Its_row_is_ended_in_the_transaction_that_commits_it()
    {
        var id = await Pulled();
        Assert.Null((await house.Queue.Commit(QueueHouse.Rita, id, default)).Refusal);
        Assert.Equal((11_250L, 1L), (await house.Balance(), await In("committed")));
        // Read again and committed again, it changes nothing.
        await house.Sql("update waiting set state = 'new'");
        await Puller.Pull(default);
        Assert.Null((await house.Queue.Commit(QueueHouse.Rita, id, default)).Refusal);
        Assert.Single(await Rows());
        Assert.Equal(11_250L, await house.Balance());
    }

    [Fact]
    public async Task A_row_that_the_site_has_ended_itself_is_not_committed_a_second_time()
    {
        var id = await Pulled();
        await house.Sql("delete from waiting");
        Assert.Equal("notNow", (await house.Queue.Commit(QueueHouse.Rita, id, default)).Refusal?.Code);
        Assert.Equal(10_000L, await house.Balance());
        Assert.Equal(0, await house.Number("select count(*) from ledger"));
    }

    [Fact]
    public async Task A_preview_ends_nothing()
    {
        var id = await Pulled();
        var shown = await house.Queue.Preview(QueueHouse.Rita, id, default);
        Assert.True(shown.Value!.WouldCommit);
        Assert.Equal([1, 1, 1], shown.Value.Rows);
        Assert.Equal((10_000L, 1L), (await house.Balance(), await In("new")));
    }

    [Fact]
    public async Task One_that_was_posted_ends_no_row()
    {
        var id = await house.Post("p1");
        Assert.Null((await house.Queue.Commit(QueueHouse.Rita, id, default)).Refusal);
        Assert.Equal((11_250L, 1L), (await house.Balance(), await In("new")));
    }

    [Fact]
    public async Task A_rejected_ones_row_is_ended_once_the_decision_is_final()
    {
        var id = await Pulled();
        house.Window.Set(WindowStatus.Reviewing);
        Assert.Null((await house.Queue.Reject(QueueHouse.Rita, id, "a test", null, default)).Refusal);
        await Puller.EndRejected(default);
        Assert.Equal(1, await In("new"));
        house.Window.Now = null;
        await house.Recorder.Write(async (write, t) =>
        {
            await QueueOutcomes.Tell(write, [(await QueueService.Load(write.Db, id, t, tracked: true))!], t);
        }, default);
        await Puller.EndRejected(default);
        await Puller.EndRejected(default);
        Assert.Equal((10_000L, 1L), (await house.Balance(), await In("rejected")));
        Assert.True((await Rows()).Single().EndedAtSite);
        await using var db = house.Store.CreateDbContext();
        Assert.Equal(1, await db.Audit.CountAsync(a => a.Action == "transaction.endedAtSite"));
    }

    [Fact]
    public async Task A_row_that_cannot_be_taken_is_named_and_holds_up_no_other()
    {
        await Aside("bad", "a lot");
        await house.Sql("insert into waiting (ref, at, account, amount, currency, state) values ('r3', 'some day', 1, '1.00', 'EUR', 'new'), ('r4', '2025-11-17 02:29:58', 2, '1.00', 'EUR', 'new')");
        await Puller.Pull(default);
        Assert.Equal(["r1", "r4"], (await Rows()).Select(r => r.Key));
        var need = Assert.Single(await Needs());
        Assert.Contains("bad: ", need, StringComparison.Ordinal);
        Assert.Contains("started_at for r3", need, StringComparison.Ordinal);
        await house.Sql("delete from waiting where ref in ('bad', 'r3')");
        await Puller.Pull(default);
        Assert.Empty(await Needs());
    }

    [Fact]
    public async Task A_key_that_the_site_posted_too_is_shown_to_a_person()
    {
        await house.Post("r1");
        await Puller.Pull(default);
        Assert.False((await Rows()).Single().Pulled);
        Assert.Contains("r1 was posted by members too", Assert.Single(await Needs()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_is_said_and_nothing_is_lost()
    {
        await house.Sql("alter table waiting rename to gone");
        await Puller.Pull(default);
        Assert.Contains("refused or does not answer", Assert.Single(await Needs()), StringComparison.Ordinal);
        await house.Sql("alter table gone rename to waiting");
        await Puller.Pull(default);
        Assert.Single(await Rows());
    }

    [Theory]
    [InlineData("2026-11-17 02:29:58.5+00", "2026-11-17T02:29:58.500000Z")]
    [InlineData("2026-11-17 03:29:58+01", "2026-11-17T02:29:58.000000Z")]
    [InlineData("2026-11-17 02:29:58", "2026-11-17T02:29:58.000000Z")]
    [InlineData("2026-11-17T02:29:58Z", "2026-11-17T02:29:58.000000Z")]
    public void Both_engines_texts_become_what_a_site_would_have_posted(string started, string posted)
    {
        var kind = new KindSettings("k", [new FieldRule("n", FieldType.Integer), new FieldRule("m", FieldType.Money), new FieldRule("b", FieldType.Boolean), new FieldRule("d", FieldType.Date), new FieldRule("o", FieldType.Text, Optional: true)],
            [], null, [], []);
        var (row, fault) = PutAside.Of(kind, ["KEY", "started_at", "n", "m", "m_currency", "b", "d", "o"], ["r1", started, "42", "12.50", "EUR", "t", "2026-11-17", null]);
        Assert.Null(fault);
        var body = JsonDocument.Parse(row!.Body).RootElement;
        Assert.Equal(posted, body.GetProperty("startedAt").GetString());
        Assert.Equal("""{"n":42,"m":{"value":"12.50","currency":"EUR"},"b":true,"d":"2026-11-17"}""", body.GetProperty("fields").GetRawText());
        Assert.True(kind.ToKind().Read(body.GetProperty("fields")).IsValid);
    }
}
