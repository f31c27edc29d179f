using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

public abstract partial class EngineContract
{
    [Fact]
    public async Task What_the_site_writes_in_a_trial_is_counted_and_what_the_console_commits_is_not()
    {
        await using var database = await NewFenced();
        Assert.Null((await database.Managed.ReadTrialCount(None)).Rows);
        await database.Managed.BeginTrialCount("w1", Installation, 1, None);
        Assert.Equal(new TrialCount("w1", true, 0, null), await database.Managed.ReadTrialCount(None));
        await database.AsSite("insert into accounts (id, owner, balance) values (3, 'Cy', 1), (4, 'Di', 1)");
        await database.AsSite("update accounts set balance = balance + 1 where id in (1, 3, 4)");
        await database.AsSite("delete from accounts where id = 4");
        await database.AsSite("update accounts set balance = 0 where id = 99");
        Assert.Equal(6, (await database.Managed.ReadTrialCount(None)).Rows);
        Assert.Equal(CommitOutcome.Committed, (await database.Managed.Commit(Deposit("key-1", 25), None)).Outcome);
        Assert.Equal(CommitOutcome.Refused, (await database.Managed.Commit(Deposit("key-2", -5000), None)).Outcome);
        await database.Managed.Preview(DepositLegs, DepositValues("key-3", 25, 1), [], None);
        Assert.Equal(6, (await database.Managed.ReadTrialCount(None)).Rows);
    }

    [Fact]
    public async Task What_the_site_rolls_back_is_not_counted()
    {
        await using var database = await NewFenced();
        await database.Managed.BeginTrialCount("w1", Installation, 1, None);
        await Assert.ThrowsAnyAsync<Exception>(() => database.AsSite("update accounts set balance = balance - 70"));
        Assert.Equal(0, (await database.Managed.ReadTrialCount(None)).Rows);
    }

    [Fact]
    public async Task A_table_that_is_not_counted_makes_the_count_unknown_and_never_0()
    {
        await using var database = await NewFenced();
        await database.Managed.BeginTrialCount("w1", Installation, 1, None);
        foreach (var sql in NewTable) { await database.AsSite(sql); }
        var count = await database.Managed.ReadTrialCount(None);
        Assert.Null(count.Rows);
        Assert.Contains("extra", count.Because, StringComparison.Ordinal);
        // Begun again it is counted from then on, and what was counted before stays.
        await database.AsSite("update accounts set balance = 7 where id = 1");
        await database.Managed.BeginTrialCount("w1", Installation, 1, None);
        Assert.Equal(1, (await database.Managed.ReadTrialCount(None)).Rows);
    }

    [Fact]
    public async Task The_count_outlives_its_end_is_another_for_another_window_and_leaves_nothing_behind()
    {
        await using var database = await NewFenced();
        var before = await database.Managed.ReadFingerprint(None);
        await database.Managed.BeginTrialCount("w1", Installation, 1, None);
        await database.AsSite("insert into ledger (account, amount, reference) values (1, 5, 'by hand')");
        await database.Managed.EndTrialCount(false, Installation, 1, None);
        await database.AsSite("delete from ledger where reference = 'by hand'");
        Assert.Equal(new TrialCount("w1", false, 1, null), await database.Managed.ReadTrialCount(None));
        await database.Managed.BeginTrialCount("w2", Installation, 1, None);
        Assert.Equal(new TrialCount("w2", true, 0, null), await database.Managed.ReadTrialCount(None));
        await database.Managed.EndTrialCount(true, Installation, 1, None);
        Assert.Null((await database.Managed.ReadTrialCount(None)).Id);
        Assert.Null(before.DifferenceTo(await database.Managed.ReadFingerprint(None)));
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.BeginTrialCount("w3", Installation, 7, None));
    }

    /// <summary>What makes the table extra as the database's owner would.</summary>
    protected virtual IReadOnlyList<string> NewTable => ["create table extra (id integer primary key)"];
}
