using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.House;

public sealed class StoreTests
{
    private static readonly Actor Anna = new("1", "anna", new HashSet<string>(), "password");
    public static TheoryData<StoreProvider> Providers() => TestStore.Providers();

    private static Task Note(TestStore store, string subject) =>
        store.Recorder.Write((write, _) => { write.Audit(Anna, "test.noted", subject, new { b = 1, a = "é" }); return Task.CompletedTask; }, CancellationToken.None);

    [Theory]
    [InlineData("store")]
    [InlineData("keys")]
    public async Task Whoever_makes_the_data_folder_first_makes_it_for_the_consoles_user_alone(string first)
    {
        var root = Directory.CreateTempSubdirectory("oc-folder-").FullName;
        try
        {
            var data = Path.Combine(root, "data");
            if (first == "keys") { using var key = new AuditSeal(Path.Combine(data, "keys"), data).Key(); }
            else { await new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(data, "store.db")};Pooling=false").Prepare(CancellationToken.None); }
#pragma warning disable CA1416 // the tests run on Linux
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
#pragma warning restore CA1416
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task The_shape_of_the_store_is_the_shape_of_the_model(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        await using var db = store.Factory.CreateDbContext();
        Assert.False(db.Database.HasPendingModelChanges(), "A room changed its rows: run src/OpsConsole/Ground/Store/migrate.sh.");
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task The_store_refuses_to_change_or_remove_an_audit_entry(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        await Note(store, "one");
        await using var db = store.Factory.CreateDbContext();
        string[] tries = provider == StoreProvider.PostgreSql
            ? ["update \"Audit\" set \"Actor\" = 'eve'", "delete from \"Audit\"", "truncate \"Audit\""]
            : ["update \"Audit\" set \"Actor\" = 'eve'", "delete from \"Audit\"", "insert or replace into \"Audit\" select * from \"Audit\" where false; delete from \"Audit\" where \"Sequence\" = 1"];
        foreach (var sql in tries)
        {
            var fault = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Database.ExecuteSqlRawAsync(sql));
            Assert.Contains("only ever added to", fault.Message, StringComparison.Ordinal);
        }
        Assert.Equal("anna", (await db.Audit.SingleAsync()).Actor);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Preparing_twice_changes_nothing_and_keeps_the_refusal(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        await Note(store, "one");
        await store.Factory.Prepare(CancellationToken.None);
        await using var db = store.Factory.CreateDbContext();
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Database.ExecuteSqlRawAsync("delete from \"Audit\""));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_failing_neighbour_leaves_no_gap_and_takes_nobody_with_it(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        var works = Enumerable.Range(0, 90).Select(i => store.Recorder.Write((write, _) =>
        {
            write.Db.Facts.Add(new FactRow { Name = $"fact {i}", Value = "x" });
            write.Audit(Anna, "test.noted", $"{i}");
            // Two ways to fail: in the work itself, and only when the store looks at it.
            if (i % 3 == 1) { throw new InvalidOperationException("mine alone"); }
            if (i % 3 == 2) { write.Db.Facts.Add(new FactRow { Name = $"fact {i - 2}", Value = "twin" }); }
            return Task.CompletedTask;
        }, CancellationToken.None)).ToList();
        await Task.WhenAll(works.Select(w => w.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(30, works.Count(w => w.IsCompletedSuccessfully));
        Assert.Equal(60, works.Count(w => w.IsFaulted));
        await using var db = store.Factory.CreateDbContext();
        var entries = await db.Audit.OrderBy(a => a.Sequence).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 30).Select(i => (long)i), entries.Select(e => e.Sequence));
        Assert.Equal(30, await db.Facts.CountAsync());
        Assert.Null((await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None)).Bad);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task An_entry_comes_back_as_it_was_written_and_a_changed_one_is_found(StoreProvider provider)
    {
        await using var store = await TestStore.Start(provider);
        for (var i = 1; i <= 5; i++) { await Note(store, $"s{i}"); }
        await using var db = store.Factory.CreateDbContext();
        Assert.Equal(new AuditFindings(5, null, null), await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None));
        await db.Database.ExecuteSqlRawAsync(provider == StoreProvider.PostgreSql ? "alter table \"Audit\" disable trigger all" : "drop trigger \"AuditKeepsUpdate\"");
        await db.Database.ExecuteSqlRawAsync("update \"Audit\" set \"Subject\" = 'other' where \"Sequence\" = 3");
        Assert.Equal(3, (await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None)).Bad?.Sequence);
    }

    [Fact]
    public async Task A_long_log_is_read_in_parts_and_a_changed_entry_is_found_in_whichever_it_is()
    {
        await using var store = await TestStore.Start(StoreProvider.Sqlite);
        const int entries = 9_001;
        await store.Recorder.Write((write, _) =>
        {
            for (var i = 0; i < entries; i++) { write.Audit(Anna, "test.noted", $"{i}"); }
            return Task.CompletedTask;
        }, CancellationToken.None);
        await using var db = store.Factory.CreateDbContext();
        Assert.Equal(new AuditFindings(entries, null, null), await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None));
        await db.Database.ExecuteSqlRawAsync("drop trigger \"AuditKeepsUpdate\"");
        foreach (var bad in new[] { 9_001, 4_001, 4_000, 1 })
        {
            await db.Database.ExecuteSqlAsync($"update \"Audit\" set \"Subject\" = 'other' where \"Sequence\" = {bad}");
            Assert.Equal(bad, (await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None)).Bad?.Sequence);
        }
    }

    [Theory]
    [InlineData(1), InlineData(4_000), InlineData(4_001), InlineData(8_000), InlineData(8_001)]
    public async Task A_missing_entry_is_named_wherever_a_part_begins_or_ends(int missing)
    {
        await using var store = await TestStore.Start(StoreProvider.Sqlite);
        await store.Recorder.Write((write, _) =>
        {
            for (var i = 0; i < 8_002; i++) { write.Audit(Anna, "test.noted", $"{i}"); }
            return Task.CompletedTask;
        }, CancellationToken.None);
        await using var db = store.Factory.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync("drop trigger \"AuditKeepsDelete\"");
        await db.Database.ExecuteSqlAsync($"delete from \"Audit\" where \"Sequence\" = {missing}");
        var bad = (await AuditReading.Verify(store.Factory, new AuditSeal("/nowhere", "/nowhere"), CancellationToken.None)).Bad;
        Assert.StartsWith($"Entry {missing} is missing", bad?.Because, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_connection_of_the_store_waits_for_the_disk_whether_it_is_new_or_used_again()
    {
        var folder = Directory.CreateTempSubdirectory("oc-store-").FullName;
        var factory = new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")}");
        await factory.Prepare(CancellationToken.None);
        for (var round = 0; round < 3; round++)
        {
            // Two at once, so that one of them is a connection that nobody has used before.
            await using var one = factory.CreateDbContext();
            await using var two = factory.CreateDbContext();
            foreach (var db in new[] { one, two })
            {
                await db.Database.OpenConnectionAsync();
                Assert.Equal(2, await db.Database.SqlQueryRaw<int>("select synchronous as \"Value\" from pragma_synchronous").SingleAsync());
                Assert.Equal(1, await db.Database.SqlQueryRaw<int>("select foreign_keys as \"Value\" from pragma_foreign_keys").SingleAsync());
            }
        }
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_store_of_a_newer_console_is_refused()
    {
        await using var store = await TestStore.Start(StoreProvider.Sqlite);
        await using (var db = store.Factory.CreateDbContext())
        {
            await db.Database.ExecuteSqlRawAsync("insert into \"__EFMigrationsHistory\" values ('99990101000000_Later', '99.0')");
        }
        var refused = await Assert.ThrowsAsync<StoreRefused>(() => store.Factory.Prepare(CancellationToken.None));
        Assert.Contains("99990101000000_Later", refused.Message, StringComparison.Ordinal);
    }
}
