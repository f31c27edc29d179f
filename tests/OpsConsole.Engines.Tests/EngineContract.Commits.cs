using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

public abstract partial class EngineContract
{
    private static readonly Leg[] DepositLegs =
    [
        new("update accounts set balance = balance + @amount where id = @account", 1),
        new("insert into ledger (account, amount, reference) values (@account, @amount, @key)", 1),
    ];

    private static Parameter[] DepositValues(string key, long amount, long account) => [new("account", account), new("amount", amount), new("key", key)];

    protected static CommitRequest Deposit(string key, long amount, long account = 1, long epoch = 1, string installation = Installation, string hash = "aa") =>
        new(key, hash, installation, epoch, DepositLegs, DepositValues(key, amount, account));

    [Fact]
    public async Task A_key_is_committed_once_however_often_it_is_sent()
    {
        await using var database = await NewFenced();
        var first = await database.Managed.Commit(Deposit("key-1", 25), None);
        Assert.Equal(CommitOutcome.Committed, first.Outcome);
        Assert.Equal([1, 1], first.RowsPerLeg);
        Assert.Equal("aa", (await database.Managed.ReadMarker("key-1", None)).PayloadSha256);
        Assert.Equal(CommitOutcome.AlreadyApplied, (await database.Managed.Commit(Deposit("key-1", 25), None)).Outcome);
        Assert.Equal(CommitOutcome.KeyConflict, (await database.Managed.Commit(Deposit("key-1", 99, hash: "bb"), None)).Outcome);
        Assert.Equal("125", await database.AskAsSite("select balance from accounts where id = 1"));
        Assert.Equal("1", await database.AskAsSite("select count(*) from ledger"));
    }

    [Fact]
    public async Task Many_attempts_at_once_commit_one_key_once()
    {
        await using var database = await NewFenced();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => database.Managed.Commit(Deposit("key-1", 5), None)));
        Assert.Single(outcomes, o => o.Outcome == CommitOutcome.Committed);
        Assert.Equal(7, outcomes.Count(o => o.Outcome == CommitOutcome.AlreadyApplied));
        Assert.Equal("105", await database.AskAsSite("select balance from accounts where id = 1"));
    }

    [Fact]
    public async Task A_leg_that_changes_another_number_of_rows_or_breaks_a_rule_changes_nothing()
    {
        await using var database = await NewFenced();
        var nobody = await database.Managed.Commit(Deposit("key-1", 25, account: 99), None);
        Assert.Equal(CommitOutcome.Refused, nobody.Outcome);
        Assert.NotNull(nobody.Text);
        Assert.Equal(CommitOutcome.Refused, (await database.Managed.Commit(Deposit("key-2", -500), None)).Outcome);
        Assert.Null((await database.Managed.ReadMarker("key-1", None)).PayloadSha256);
        Assert.Null((await database.Managed.ReadMarker("key-2", None)).PayloadSha256);
        Assert.Equal("100", await database.AskAsSite("select balance from accounts where id = 1"));
        // What was refused may be sent again, and then counts.
        Assert.Equal(CommitOutcome.Committed, (await database.Managed.Commit(Deposit("key-2", 5), None)).Outcome);
    }

    [Fact]
    public async Task A_commit_under_a_stale_or_foreign_fence_changes_nothing()
    {
        await using var database = await NewFenced();
        await database.Managed.RaiseFence(Installation, 2, None);
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.Commit(Deposit("key-1", 25), None));
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.Commit(Deposit("key-1", 25, epoch: 2, installation: "another"), None));
        Assert.Null((await database.Managed.ReadMarker("key-1", None)).PayloadSha256);
        Assert.Equal("100", await database.AskAsSite("select balance from accounts where id = 1"));
    }

    [Fact]
    public async Task A_preview_shows_what_would_change_and_changes_nothing()
    {
        await using var database = await NewFenced();
        EvidenceQuery[] evidence = [new("Balance", "select balance from accounts where id = @account")];
        var preview = await database.Managed.Preview(DepositLegs, DepositValues("key-1", 25, 1), evidence, None);
        Assert.True(preview.WouldCommit, preview.Refusal);
        Assert.Equal([1, 1], preview.RowsPerLeg);
        Assert.Equal(new EvidenceLine("Balance", "100", "125"), Assert.Single(preview.Evidence));

        var refused = await database.Managed.Preview(DepositLegs, DepositValues("key-1", -500, 1), evidence, None);
        Assert.False(refused.WouldCommit);
        Assert.NotNull(refused.Refusal);
        Assert.Equal("100", await database.AskAsSite("select balance from accounts where id = 1"));
        Assert.Equal("0", await database.AskAsSite("select count(*) from ledger"));
        Assert.Null((await database.Managed.ReadMarker("key-1", None)).PayloadSha256);
    }
}
