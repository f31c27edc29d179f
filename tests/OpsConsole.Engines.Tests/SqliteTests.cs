using Microsoft.Data.Sqlite;
using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

public sealed class SqliteTests : EngineContract
{
    protected override async Task<ContractDatabase> NewDatabase() => await SqliteContractDatabase.Create();

    private static async Task<SqliteContractDatabase> Fenced(string journalMode = "wal")
    {
        var database = await SqliteContractDatabase.Create(journalMode);
        await database.Managed.RaiseFence(Installation, 1, None);
        return database;
    }

    private static async Task<(ReleaseFolder Folder, Release Release)> Write(SqliteContractDatabase database, string sql)
    {
        await database.WriteRelease("001_it.sql", sql);
        var folder = await database.Managed.ReadReleases(None);
        return (folder, folder.Releases[0]);
    }

    [Fact]
    public async Task Looking_at_a_file_that_is_not_there_does_not_create_it()
    {
        await using var database = await SqliteContractDatabase.Create();
        await using var down = database.Down();
        var fault = await Assert.ThrowsAsync<EngineFault>(() => down.Look(None));
        Assert.Contains("gone.db is not there", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(database.DataFile)!, "gone.db*"));
        Assert.Throws<EngineFault>(() => ManagedDatabases.Open(database.Managed.Settings with { ConnectionString = "Data Source=:memory:" }));
    }

    [Fact]
    public async Task What_sqlite_cannot_tell_is_not_said()
    {
        await using var database = await SqliteContractDatabase.Create();
        var facts = await database.Managed.Look(None);
        Assert.Equal((false, null, null, null), (facts.SessionsKnown, facts.SiteSessions, facts.ActiveSessions, facts.OldestTransactionSeconds));
        Assert.Empty(await database.Managed.Sessions(None));
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.EndSession("1", None));
    }

    [Fact]
    public async Task Doors_do_not_close_on_a_site_that_has_the_file_open_and_nothing_is_changed()
    {
        await using var database = await Fenced();
        var before = await database.Managed.ReadDoors(None);
        await using (var site = database.Connect())
        {
            Assert.Equal("2", SqliteContractDatabase.Execute(site, "select count(*) from accounts"));
            var fault = await Assert.ThrowsAsync<EngineFault>(() => database.Managed.CloseDoors(before, None));
            Assert.Contains("Another process holds the file", fault.Message, StringComparison.Ordinal);
            Assert.Equal(DoorState.Open, await database.Managed.InspectDoors(before, None));
            SqliteContractDatabase.Execute(site, "update accounts set balance = 101 where id = 1");
        }
        await database.Managed.CloseDoors(before, None);
        Assert.Equal([database.ClosedFile], Directory.GetFiles(Path.GetDirectoryName(database.DataFile)!));
        await database.Managed.OpenDoors(before, None);
        Assert.Equal("101", await database.AskAsSite("select balance from accounts where id = 1"));
        Assert.Equal("wal", await database.AskAsSite("pragma journal_mode"));
    }

    [Fact]
    public async Task A_handle_that_was_idle_while_the_doors_closed_cannot_write_any_more()
    {
        await using var database = await Fenced("delete");
        await using var idle = database.Connect();
        Assert.Equal("2", SqliteContractDatabase.Execute(idle, "select count(*) from accounts"));
        var before = await database.Managed.ReadDoors(None);
        await database.Managed.CloseDoors(before, None);
        var refused = Assert.Throws<SqliteException>(() => SqliteContractDatabase.Execute(idle, "update accounts set balance = 0 where id = 1"));
        Assert.Equal(1032, refused.SqliteExtendedErrorCode);
        Assert.Equal("100", (await database.Managed.Query("select balance from accounts where id = 1", [], 1, None)).Rows[0][0]);
        await database.Managed.OpenDoors(before, None);
        Assert.Equal("delete", await database.AskAsSite("pragma journal_mode"));
    }

    [Fact]
    public async Task A_new_file_that_a_site_made_while_closed_is_never_replaced()
    {
        await using var database = await Fenced();
        var before = await database.Managed.ReadDoors(None);
        await database.Managed.CloseDoors(before, None);
        await using (var site = database.Connect(SqliteOpenMode.ReadWriteCreate)) { SqliteContractDatabase.Execute(site, "create table mine (n int)"); }
        Assert.Equal(DoorState.Between, await database.Managed.InspectDoors(before, None));
        Assert.Contains("made anew", Assert.Single(await database.Managed.WhatHoldsItUp(None)), StringComparison.Ordinal);
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.OpenDoors(before, None));
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.CloseDoors(before, None));
        Assert.Equal("2", (await database.Managed.Query("select count(*) from accounts", [], 1, None)).Rows[0][0]);
        Assert.Equal("mine", await database.AskAsSite("select name from sqlite_schema"));
    }

    [Fact]
    public async Task A_lock_that_is_not_let_go_is_a_fault_in_time_and_nothing_is_written()
    {
        await using var database = await Fenced();
        await using var site = database.Connect();
        SqliteContractDatabase.Execute(site, "begin immediate");
        var fault = await Assert.ThrowsAsync<EngineFault>(() => database.Managed.Commit(Deposit("key-1", 25), None));
        Assert.False(fault.Unknown);
        Assert.Contains("held the file's lock", fault.Message, StringComparison.Ordinal);
        Assert.Single(await database.Managed.WhatHoldsItUp(None));
        Assert.Null((await database.Managed.ReadMarker("key-1", None)).PayloadSha256);
        SqliteContractDatabase.Execute(site, "rollback");
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_ended_and_its_outcome_is_unknown()
    {
        await using var database = await SqliteContractDatabase.Create();
        await using var quick = ManagedDatabases.Open(database.Managed.Settings with { CommandSeconds = 1 });
        var fault = await Assert.ThrowsAsync<EngineFault>(() => quick.Query("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n", [], 1, None));
        Assert.True(fault.Unknown);
    }

    [Fact]
    public async Task Values_are_bound_to_the_letter()
    {
        await using var database = await SqliteContractDatabase.Create();
        var rows = await database.Managed.Query("select @money, typeof(@money), @day, @at, @yes, @id, @none, 1e0, 0.1, x'00ff', @money + 1",
        [
            new("money", 12.50m), new("@day", new DateOnly(2026, 2, 1)), new("at", new DateTimeOffset(2026, 2, 1, 1, 30, 0, TimeSpan.FromHours(2))),
            new("yes", true), new("id", Guid.Empty), new("none", null), new("unused", 1L),
        ], 1, None);
        Assert.Equal(["12.50", "text", "2026-02-01", "2026-01-31T23:30:00.0000000Z", "1", "00000000-0000-0000-0000-000000000000", null, "1.0", "0.1", @"\x00ff", "13.5"], rows.Rows[0]);
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.Query("select @missing", [], 1, None));
    }

    [Fact]
    public async Task A_query_cannot_talk_itself_into_writing()
    {
        await using var database = await SqliteContractDatabase.Create();
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.Query("commit; pragma query_only = off; delete from accounts", [], 1, None));
        Assert.Equal("2", await database.AskAsSite("select count(*) from accounts"));
    }

    [Fact]
    public async Task A_release_with_triggers_and_one_with_vacuum_are_applied()
    {
        await using var database = await Fenced();
        var (folder, release) = await Write(database, """
            create table log (text text);
            create trigger heard after insert on ledger begin
              insert into log values ('in; ' || new.reference);
              update accounts set owner = case when 1 then owner else '' end;
            end;
            """);
        await database.Managed.ApplyRelease(folder, release, Installation, 1, _ => { }, None);
        await database.AsSite("insert into ledger values (1, 1, 'r')");
        Assert.Equal("in; r", await database.AskAsSite("select text from log"));

        await database.WriteRelease("002_vacuum.sql", "vacuum;");
        folder = await database.Managed.ReadReleases(None);
        Assert.False(folder.Releases[1].Transactional);
        await database.Managed.ApplyRelease(folder, folder.Releases[1], Installation, 1, _ => { }, None);
        Assert.Equal(["001", "002"], (await database.Managed.ReadHistory(None)).Applied);
    }

    [Fact]
    public async Task A_rebuild_of_a_table_keeps_the_rows_that_refer_to_it()
    {
        await using var database = await Fenced();
        await database.AsSite("create table cards (id integer primary key, account bigint references accounts (id) on delete cascade)");
        await database.AsSite("insert into cards values (1, 1)");
        const string rebuild = "create table new (id bigint primary key, owner text, balance bigint);\ninsert into new select * from accounts;\ndrop table accounts;\nalter table new rename to accounts;\n";
        var (folder, release) = await Write(database, rebuild + "delete from accounts where id = 1;\n");
        var fault = await Assert.ThrowsAsync<EngineFault>(() => database.Managed.ApplyRelease(folder, release, Installation, 1, _ => { }, None));
        Assert.Contains("refer to nothing", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Observed.NotDone, (await database.Managed.InspectRelease(folder, release, None)).Observed);

        (folder, release) = await Write(database, rebuild);
        await database.Managed.ApplyRelease(folder, release, Installation, 1, _ => { }, None);
        Assert.Equal("1", await database.AskAsSite("select count(*) from cards"));
    }

    [Fact]
    public async Task A_release_with_its_own_transaction_is_refused_before_its_first_statement()
    {
        await using var database = await Fenced();
        var (folder, release) = await Write(database, "create table a (n int);\ncommit;\ncreate table b (n int);");
        Assert.Equal(2, (await Assert.ThrowsAsync<EngineFault>(() => database.Managed.ApplyRelease(folder, release, Installation, 1, _ => { }, None))).Line);
        Assert.Equal("0", await database.AskAsSite("select count(*) from sqlite_schema where name in ('a', 'b')"));
    }

    [Fact]
    public async Task A_rule_that_is_checked_only_at_the_commit_refuses_commit_and_preview()
    {
        await using var database = await Fenced();
        await database.AsSite("create table cards (account bigint references accounts (id) deferrable initially deferred)");
        Leg[] legs = [new("insert into cards values (99)", 1)];
        Assert.False((await database.Managed.Preview(legs, [], [], None)).WouldCommit);
        Assert.Equal(CommitOutcome.Refused, (await database.Managed.Commit(new("k", "aa", Installation, 1, legs, []), None)).Outcome);
        Assert.Equal("0", await database.AskAsSite("select count(*) from cards"));
        Assert.Equal(CommitOutcome.Refused, (await database.Managed.Commit(new("k", "aa", Installation, 1, [new("commit", 0)], []), None)).Outcome);
        Assert.Null((await database.Managed.ReadMarker("k", None)).PayloadSha256);
    }

    [Fact]
    public async Task What_a_crash_left_half_made_is_made_again()
    {
        await using var database = await Fenced();
        var managed = database.Managed;
        var doors = await managed.ReadDoors(None);
        await database.AsSite("pragma user_version = 7");
        await managed.CloseDoors(doors, None);
        Directory.CreateDirectory(database.CheckpointDirectory);
        var whole = Path.Combine(database.CheckpointDirectory, "members-c1.db");
        await File.WriteAllTextAsync(whole + ".part", "half");
        Assert.Equal(Observed.NotDone, (await managed.InspectCheckpoint("c1", None)).Observed);
        await managed.TakeCheckpoint("c1", None);
        Assert.Equal([whole], Directory.GetFiles(database.CheckpointDirectory));

        var (shell, expected) = (await managed.ReadShell(None), await managed.ReadFingerprint(None));
        await File.WriteAllTextAsync(database.ClosedFile + ".restoring", "half");
        Assert.Equal(Observed.NotDone, (await managed.InspectRestore("c1", expected, None)).Observed);
        // The old content is past reading: that is no reason to refuse the way back.
        await File.WriteAllTextAsync(database.ClosedFile, "this is no database at all, and has never been one");
        await managed.Restore("c1", shell, Installation, 4, None);
        Assert.Equal(Observed.Done, (await managed.InspectRestore("c1", expected, None)).Observed);
        Assert.Equal(shell, await managed.ReadShell(None));
        Assert.Contains("\"UserVersion\":7", shell.Json, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FenceRefused>(() => managed.Restore("c1", shell, Installation, 3, None));
        await Assert.ThrowsAsync<FenceRefused>(() => managed.Restore("c1", shell, "another", 9, None));
        await managed.OpenDoors(doors, None);
        await Assert.ThrowsAsync<EngineFault>(() => managed.Restore("c1", shell, Installation, 5, None));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_restored_file_keeps_its_mode_and_its_owner()
    {
        await using var database = await Fenced();
        var managed = database.Managed;
        File.SetUnixFileMode(database.DataFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        await managed.CloseDoors(await managed.ReadDoors(None), None);
        var shell = await managed.ReadShell(None);
        await managed.TakeCheckpoint("c1", None);
        await managed.Restore("c1", shell, Installation, 2, None);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(database.ClosedFile));
        Assert.Equal(shell, await managed.ReadShell(None));
        Assert.DoesNotContain("\"Owner\":null", shell.Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_keeps_no_record_of_failures_is_not_shown_as_green()
    {
        await using var database = await Fenced();
        await database.AsSite("create table __EFMigrationsHistory (MigrationId text primary key, ProductVersion text not null)");
        await database.AsSite("insert into __EFMigrationsHistory values ('20240101_First', '9'), ('20250101_Second', '9')");
        var history = await database.Managed.ReadHistory(None);
        Assert.Equal(("EF Core", "20250101_Second"), (history.Tool, history.Version));
        Assert.Equal(LampState.CannotTell, history.Failed.State);
        Assert.Equal(LampState.No, history.Lock.State);
        await database.AsSite("create table __EFMigrationsLock (Id int, Timestamp text)");
        await database.AsSite("insert into __EFMigrationsLock values (1, '2026-01-01')");
        Assert.Equal(LampState.Yes, (await database.Managed.ReadHistory(None)).Lock.State);
    }

    [Fact]
    public async Task There_is_no_prepared_transaction_and_none_to_settle()
    {
        await using var database = await SqliteContractDatabase.Create();
        Assert.False(database.Managed.CanPrepare);
        Assert.Contains("prepares no transactions", (await Assert.ThrowsAsync<EngineFault>(() => database.Managed.SettlePrepared("any", true, "test", 1, default))).Message, StringComparison.Ordinal);
        Assert.Equal(PreparedFate.Unknown, await database.Managed.FateOf(new PreparedTransaction("any", null, null, false), default));
    }
}
