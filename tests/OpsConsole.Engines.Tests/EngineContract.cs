using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

/// <summary>What holds for every engine. Each engine's tests derive from it and bring a fresh database.</summary>
public abstract partial class EngineContract
{
    /// <summary>What a new database holds; in SQL that every engine reads.</summary>
    public static IReadOnlyList<string> Schema { get; } =
    [
        "create table accounts (id bigint primary key, owner text not null, balance bigint not null check (balance >= 0))",
        "create table ledger (account bigint not null references accounts (id), amount bigint not null, reference text primary key)",
        "insert into accounts (id, owner, balance) values (1, 'Ada', 100), (2, 'Bob', 50)",
    ];

    protected const string Installation = "test";
    protected static readonly CancellationToken None = CancellationToken.None;

    protected abstract Task<ContractDatabase> NewDatabase();

    private async Task<ContractDatabase> NewFenced()
    {
        var database = await NewDatabase();
        await database.Managed.RaiseFence(Installation, 1, None);
        return database;
    }

    [Fact]
    public async Task Looking_creates_nothing_and_never_says_0_for_what_it_cannot_tell()
    {
        await using var database = await NewDatabase();
        var facts = await database.Managed.Look(None);
        Assert.NotEmpty(facts.EngineVersion);
        Assert.True(facts.SizeBytes > 0);
        Assert.Equal(facts.SessionsKnown, facts.SiteSessions is not null);
        Assert.Null((await database.Managed.ReadHistory(None)).Tool);
        Assert.Null(await database.Managed.ReadFence(None));
        Assert.Null((await database.Managed.ReadMarker("nothing", None)).PayloadSha256);
        Assert.Empty(await database.Managed.Prepared(None));
        Assert.Null(await database.Managed.ReadFence(None));
    }

    [Fact]
    public async Task A_query_gives_text_says_when_it_was_cut_and_cannot_write()
    {
        await using var database = await NewDatabase();
        var rows = await database.Managed.Query("select owner, balance, null as nobody from accounts where balance > @least order by id", [new("least", 10L)], 10, None);
        Assert.Equal(["owner", "balance", "nobody"], rows.Columns);
        Assert.Equal([["Ada", "100", null], ["Bob", "50", null]], rows.Rows);
        Assert.False(rows.Truncated);
        Assert.True((await database.Managed.Query("select id from accounts", [], 1, None)).Truncated);
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.Query("delete from ledger", [], 10, None));
        await Assert.ThrowsAsync<EngineFault>(() => database.Managed.Query("select nothing from nowhere", [], 10, None));
    }

    [Fact]
    public async Task The_fence_only_rises_and_knows_its_installation()
    {
        await using var database = await NewFenced();
        await database.Managed.RaiseFence(Installation, 1, None);
        await database.Managed.RaiseFence(Installation, 3, None);
        Assert.Equal((Installation, 3), await database.Managed.ReadFence(None));
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.RaiseFence(Installation, 2, None));
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.RaiseFence("another", 9, None));
        Assert.Equal((Installation, 3), await database.Managed.ReadFence(None));
    }

    [Fact]
    public async Task Doors_shut_the_site_out_and_open_to_the_letter()
    {
        await using var database = await NewFenced();
        var before = await database.Managed.ReadDoors(None);
        Assert.Equal(DoorState.Open, await database.Managed.InspectDoors(before, None));

        await database.Managed.CloseDoors(before, None);
        Assert.Equal(DoorState.Closed, await database.Managed.InspectDoors(before, None));
        await Assert.ThrowsAnyAsync<Exception>(() => database.AskAsSite("select count(*) from accounts"));
        Assert.Equal("2", (await database.Managed.Query("select count(*) from accounts", [], 1, None)).Rows[0][0]);
        Assert.Empty(await database.Managed.WhatHoldsItUp(None));
        await database.Managed.CloseDoors(before, None);
        Assert.Equal(DoorState.Closed, await database.Managed.InspectDoors(before, None));

        await database.Managed.OpenDoors(before, None);
        await database.Managed.OpenDoors(before, None);
        Assert.Equal(DoorState.Open, await database.Managed.InspectDoors(before, None));
        Assert.Equal(before, await database.Managed.ReadDoors(None));
        Assert.Equal("2", await database.AskAsSite("select count(*) from accounts"));
    }

    [Fact]
    public async Task A_write_mark_stands_still_until_the_site_writes()
    {
        await using var database = await NewFenced();
        var mark = await database.Managed.ReadWriteMark(None);
        await database.Managed.Look(None);
        await database.Managed.ReadFingerprint(None);
        Assert.Equal(mark, await database.Managed.ReadWriteMark(None));
        await database.AsSite("update accounts set balance = balance + 1 where id = 1");
        // An engine may count a moment late; a mark that never moves fails.
        for (var tries = 0; tries < 50 && mark == await database.Managed.ReadWriteMark(None); tries++) { await Task.Delay(100, None); }
        Assert.NotEqual(mark, await database.Managed.ReadWriteMark(None));
    }

    [Fact]
    public async Task Equal_content_has_an_equal_fingerprint_in_any_order_of_rows()
    {
        await using var one = await NewFenced();
        await using var other = await NewDatabase();
        await one.AsSite("create table pairs (a text, b text)");
        await other.AsSite("create table pairs (a text, b text)");
        await one.AsSite("insert into pairs values ('x', 'y'), ('x', 'y'), (null, ''), ('', null), ('xy', '')");
        await other.AsSite("insert into pairs values ('', null), ('xy', ''), ('x', 'y'), (null, ''), ('x', 'y')");
        var expected = await one.Managed.ReadFingerprint(None);
        Assert.Null(expected.DifferenceTo(await other.Managed.ReadFingerprint(None)));
        Assert.Equal(expected.Digest, (await other.Managed.ReadFingerprint(None)).Digest);
        Assert.Equal(["accounts", "ledger", "pairs"], expected.Tables.Select(t => t.Name.Split('.')[^1].Trim('"')));

        await other.AsSite("update pairs set a = 'z' where a = 'x' and b = 'y'");
        Assert.NotNull(expected.DifferenceTo(await other.Managed.ReadFingerprint(None)));
        await other.AsSite("update pairs set a = 'x' where a = 'z'");
        Assert.Null(expected.DifferenceTo(await other.Managed.ReadFingerprint(None)));
        await other.AsSite("create index pairs_a on pairs (a)");
        Assert.NotNull(expected.DifferenceTo(await other.Managed.ReadFingerprint(None)));
    }

    [Fact]
    public async Task Hostile_names_and_values_stay_text()
    {
        await using var database = await NewFenced();
        const string table = "\"o'Hara \"\"; drop table accounts; -- \U0001F9E8 ñ\"";
        await database.AsSite($"create table {table} (\"sel'ect \"\"x\" text)");
        await database.AsSite($"insert into {table} values ('it''s; -- \"quoted\"')");
        var print = await database.Managed.ReadFingerprint(None);
        Assert.Equal(1, Assert.Single(print.Tables, t => t.Name.Contains("Hara", StringComparison.Ordinal)).Rows);
        var rows = await database.Managed.Query($"select * from {table} where \"sel'ect \"\"x\" = @value", [new("value", "it's; -- \"quoted\"")], 10, None);
        Assert.Equal(["sel'ect \"x"], rows.Columns);
        Assert.Equal("it's; -- \"quoted\"", rows.Rows[0][0]);
        Assert.Equal("2", await database.AskAsSite("select count(*) from accounts"));
    }

    [Fact]
    public async Task A_checkpoint_brings_the_content_back_with_a_raised_fence_and_closed_doors()
    {
        await using var database = await NewFenced();
        var managed = database.Managed;
        var doors = await managed.ReadDoors(None);
        await managed.CloseDoors(doors, None);
        var (shell, expected) = (await managed.ReadShell(None), await managed.ReadFingerprint(None));
        Assert.Equal(Observed.NotDone, (await managed.InspectCheckpoint("c1", None)).Observed);
        await managed.TakeCheckpoint("c1", None);
        await managed.TakeCheckpoint("c1", None);
        Assert.Equal(Observed.Done, (await managed.InspectCheckpoint("c1", None)).Observed);

        Assert.Equal(CommitOutcome.Committed, (await managed.Commit(Deposit("key-1", 25), None)).Outcome);
        Assert.NotNull(expected.DifferenceTo(await managed.ReadFingerprint(None)));
        Assert.Equal(Observed.NotDone, (await managed.InspectRestore("c1", expected, None)).Observed);

        for (var again = 0; again < 2; again++)
        {
            await managed.Restore("c1", shell, Installation, 2, None);
            Assert.Equal(Observed.Done, (await managed.InspectRestore("c1", expected, None)).Observed);
            Assert.Null(expected.DifferenceTo(await managed.ReadFingerprint(None)));
            Assert.Equal((Installation, 2), await managed.ReadFence(None));
            Assert.Equal(shell, await managed.ReadShell(None));
            Assert.Equal(DoorState.Closed, await managed.InspectDoors(doors, None));
            Assert.Null((await managed.ReadMarker("key-1", None)).PayloadSha256);
        }
        await Assert.ThrowsAsync<FenceRefused>(() => managed.Commit(Deposit("key-1", 25), None));

        await managed.OpenDoors(doors, None);
        Assert.Equal(DoorState.Open, await managed.InspectDoors(doors, None));
        Assert.Equal("100", await database.AskAsSite("select balance from accounts where id = 1"));
        await managed.DropCheckpoint("c1", None);
        await managed.DropCheckpoint("c1", None);
        Assert.Equal(Observed.NotDone, (await managed.InspectCheckpoint("c1", None)).Observed);
    }

    [Fact]
    public async Task A_database_that_is_down_is_a_fault_with_words()
    {
        await using var database = await NewDatabase();
        await using var down = database.Down();
        Assert.NotEmpty((await Assert.ThrowsAsync<EngineFault>(() => down.Look(None))).Message);
        await Assert.ThrowsAsync<EngineFault>(() => down.ReadHistory(None));
        await Assert.ThrowsAsync<EngineFault>(() => down.Query("select 1", [], 1, None));
        await Assert.ThrowsAsync<EngineFault>(() => down.RaiseFence(Installation, 1, None));
        await Assert.ThrowsAsync<EngineFault>(() => down.ReadFingerprint(None));
    }
}
