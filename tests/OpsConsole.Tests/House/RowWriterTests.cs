using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>What goes past the change tracker is the same on disk as what goes through it.</summary>
public sealed class RowWriterTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 17, 3, 29, 58, 123, 456, TimeSpan.FromHours(1));
    public static TheoryData<StoreProvider> Providers() => TestStore.Providers();

    private static QueuedTransactionRow Full(string name, long sequence) => new()
    {
        Id = name,
        Sequence = sequence,
        Site = "members",
        Key = $"k ' \" é 漢 {name}",
        Kind = "deposit",
        FieldsJson = """{"account":1}""",
        StartedAt = At,
        ExternalId = "e-1",
        ReceivedAt = At,
        PostedBy = "site:members",
        PayloadSha256 = new string('a', 64),
        ContentSha256 = new string('b', 64),
        AboveLimit = true,
        Amount = 12345678901234567.8900m,
        Currency = "EUR",
        Status = QueuedStatus.InDoubt,
        Version = 3,
        Attempt = 2,
        Epoch = 9_000_000_000,
        ApprovedBy = "anton",
        ApprovedAt = At,
        ApprovedSha256 = new string('a', 64),
        CommittedBy = "rosa",
        DecidedBy = "rosa",
        DecidedAt = At,
        Reason = "",
        PublicReason = "\t\n",
        HeldUntil = At,
        Window = "w1",
        Told = true,
        Pulled = true,
        EndedAtSite = true,
        ResultJson = "{}",
    };

    private static QueuedTransactionRow Bare(string name, long sequence) => new()
    {
        Id = name,
        Sequence = sequence,
        Site = "members",
        Key = name,
        Kind = "deposit",
        FieldsJson = "{}",
        PostedBy = "x",
        PayloadSha256 = "",
        ContentSha256 = "",
    };

    private static ActRow Act(string name, bool ended) => new()
    {
        Id = name,
        Kind = "commit",
        Subject = "bank",
        Window = ended ? "w1" : null,
        Step = ended ? 7 : null,
        IntentJson = "{}",
        Epoch = 5,
        StartedAt = At,
        EndedAt = ended ? At : null,
        Outcome = ended ? "done" : null,
        DetailJson = ended ? "{}" : null,
    };

    [Theory, MemberData(nameof(Providers))]
    public async Task Every_column_of_every_row_is_what_the_change_tracker_would_have_written(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        await store.Recorder.Write((write, _) =>
        {
            write.Db.AddRange(Full("a1", 1), Bare("a2", 2), Act("a3", true), Act("a4", false), new QueueOrderKeyRow { TransactionId = "a1", Value = "account=1" });
            foreach (var row in (object[])[Full("b1", 11), new QueueOrderKeyRow { TransactionId = "b1", Value = "account=1" }, Act("b3", true), Bare("b2", 12), Act("b4", false)]) { write.Insert(row); }
            return Task.CompletedTask;
        }, CancellationToken.None);
        await using var db = store.Factory.CreateDbContext();
        foreach (var (table, key) in ((string, string)[])[("QueuedTransactions", "Id"), ("Acts", "Id"), ("QueueOrderKeys", "TransactionId")])
        {
            var (tracked, past) = (await Raw(db, table, key, 'a', provider), await Raw(db, table, key, 'b', provider));
            Assert.NotEmpty(tracked);
            Assert.Equal(tracked, past);
        }
        var read = await db.Set<QueuedTransactionRow>().AsNoTracking().SingleAsync(t => t.Id == "b1");
        Assert.Equal(Full("b1", 11).ToDomain() with { OrderKeys = [] }, read.ToDomain() with { OrderKeys = [] });
        Assert.Equal((At.ToUniversalTime(), At.ToUniversalTime(), 12345678901234567.8900m, 9_000_000_000), (read.StartedAt, read.ReceivedAt, read.Amount, read.Epoch));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task One_in_the_middle_that_is_there_already_is_undone_alone_with_its_entry(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        var works = Enumerable.Range(0, 60).Select(i => store.Recorder.Write((write, _) =>
        {
            write.Insert(new FactRow { Name = $"fact {(i % 3 == 1 ? i - 1 : i)}", Value = $"{i}" });
            write.Audit(Actor.Console, "test.noted", $"{i}");
            return Task.CompletedTask;
        }, CancellationToken.None)).ToList();
        await Task.WhenAll(works.Select(w => w.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.All(works.Index(), w => Assert.Equal(w.Index % 3 != 1, w.Item.IsCompletedSuccessfully));
        await using var db = store.Factory.CreateDbContext();
        Assert.DoesNotContain((await db.Facts.ToListAsync()).Where(f => f.Name.StartsWith("fact", StringComparison.Ordinal)), f => $"fact {f.Value}" != f.Name);
        var entries = await db.Audit.OrderBy(a => a.Sequence).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), entries.Select(e => e.Sequence));
        Assert.Equal(Enumerable.Range(0, 60).Where(i => i % 3 != 1).Select(i => $"{i}"), entries.Select(e => e.Subject));
        Assert.Null((await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None)).Bad);
    }

    [Fact]
    public async Task A_row_that_only_the_change_tracker_knows_whole_is_not_taken()
    {
        await using var store = await TestStore.Start(StoreProvider.Sqlite);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Recorder.Write((write, _) => { write.Insert(new object()); return Task.CompletedTask; }, CancellationToken.None));
    }

    // As the store keeps it, type included; names and numbers that have to differ are left out.
    private static async Task<List<string>> Raw(StoreContext db, string table, string key, char first, StoreProvider provider)
    {
        var names = db.Model.GetEntityTypes().Single(t => t.GetTableName() == table).GetProperties().Select(p => p.GetColumnName()).Where(n => n != key && n is not ("Sequence" or "Key")).Order().Select(n => $"\"{n}\"");
        var typed = string.Join(" || '|' || ", names.Select(n => $"{(provider == StoreProvider.Sqlite ? "typeof" : "pg_typeof")}({n}){(provider == StoreProvider.Sqlite ? "" : "::text")} || ':' || coalesce(cast({n} as text), 'null')"));
        var sql = $"select {typed} as \"Value\" from \"{table}\" where \"{key}\" like '{first}%' order by \"{key}\"";
        return await db.Database.SqlQueryRaw<string>(sql).ToListAsync();
    }
}
