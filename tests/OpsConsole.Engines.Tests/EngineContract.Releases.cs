using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

public abstract partial class EngineContract
{
    private static async Task<(ReleaseFolder Folder, Release Release)> Only(ContractDatabase database, string name, string sql)
    {
        await database.WriteRelease(name, sql);
        var folder = await database.Managed.ReadReleases(None);
        return (folder, folder.Releases.Single(r => r.File == name));
    }

    private static Task Apply(ContractDatabase database, ReleaseFolder folder, Release release, long epoch = 1, Action<StatementProgress>? progress = null) =>
        database.Managed.ApplyRelease(folder, release, Installation, epoch, progress ?? (_ => { }), None);

    [Theory]
    [InlineData("007_colours.sql", "007", ReleaseLayout.Plain)]
    [InlineData("7_colours.up.sql", "7", ReleaseLayout.GolangMigrate)]
    public async Task A_release_is_applied_once_with_its_row_in_the_history(string name, string version, ReleaseLayout layout)
    {
        await using var database = await NewFenced();
        var (folder, release) = await Only(database, name, "create table colours (name text);\n\ninsert into colours values ('red; green');\n");
        Assert.Equal(layout, folder.Layout);
        Assert.Equal(Observed.NotDone, (await database.Managed.InspectRelease(folder, release, None)).Observed);

        var seen = new List<(int, int, int, bool)>();
        await Apply(database, folder, release, progress: p => seen.Add((p.Number, p.Of, p.Line, p.Ended)));
        Assert.Equal([(1, 2, 1, false), (1, 2, 1, true), (2, 2, 3, false), (2, 2, 3, true)], seen);
        Assert.Equal(Observed.Done, (await database.Managed.InspectRelease(folder, release, None)).Observed);
        var history = await database.Managed.ReadHistory(None);
        Assert.Equal(version, history.Version);
        Assert.Equal([version], history.Applied);
        Assert.NotEqual(LampState.Yes, history.Failed.State);

        await Apply(database, folder, release);
        Assert.Equal("1", await database.AskAsSite("select count(*) from colours"));
    }

    [Theory]
    [InlineData("007_colours.sql")]
    [InlineData("7_colours.up.sql")]
    public async Task A_release_that_fails_in_its_transaction_leaves_nothing(string name)
    {
        await using var database = await NewFenced();
        var (folder, release) = await Only(database, name, "create table colours (name text);\n-- the next line is wrong\ninsert into no_such_table values (1);\n");
        var fault = await Assert.ThrowsAsync<EngineFault>(() => Apply(database, folder, release));
        Assert.Equal(3, fault.Line);
        Assert.Equal(Observed.NotDone, (await database.Managed.InspectRelease(folder, release, None)).Observed);
        Assert.Null((await database.Managed.ReadHistory(None)).Version);
        await Assert.ThrowsAnyAsync<Exception>(() => database.AskAsSite("select count(*) from colours"));
    }

    [Theory]
    [InlineData("007_torn.sql")]
    [InlineData("7_torn.up.sql")]
    public async Task A_release_without_a_transaction_that_stops_in_its_middle_is_torn_and_is_not_run_again(string name)
    {
        await using var database = await NewFenced();
        var (folder, release) = await Only(database, name, "-- opsconsole: no-transaction\ncreate table half (n int);\ninsert into other_half values (1);\n");
        Assert.False(release.Transactional);
        await Assert.ThrowsAsync<EngineFault>(() => Apply(database, folder, release));
        Assert.Equal(Observed.Torn, (await database.Managed.InspectRelease(folder, release, None)).Observed);
        Assert.Equal(LampState.Yes, (await database.Managed.ReadHistory(None)).Failed.State);
        await database.AsSite("create table other_half (n int)");
        await Assert.ThrowsAsync<EngineFault>(() => Apply(database, folder, release));
        Assert.Equal("0", await database.AskAsSite("select count(*) from other_half"));
    }

    [Theory]
    [InlineData("007_torn.sql")]
    [InlineData("7_torn.up.sql")]
    public async Task A_torn_release_that_says_so_may_be_run_again(string name)
    {
        await using var database = await NewFenced();
        var (folder, release) = await Only(database, name, "-- opsconsole: no-transaction\n-- opsconsole: repeatable\ncreate table if not exists half (n int);\ninsert into other_half values (1);\n");
        Assert.True(release.Repeatable);
        await Assert.ThrowsAsync<EngineFault>(() => Apply(database, folder, release));
        await database.AsSite("create table other_half (n int)");
        await Apply(database, folder, release);
        Assert.Equal(Observed.Done, (await database.Managed.InspectRelease(folder, release, None)).Observed);
        Assert.NotEqual(LampState.Yes, (await database.Managed.ReadHistory(None)).Failed.State);
        Assert.Equal("1", await database.AskAsSite("select count(*) from other_half"));
    }

    [Fact]
    public async Task A_release_under_a_stale_or_foreign_fence_does_nothing()
    {
        await using var database = await NewFenced();
        var (folder, release) = await Only(database, "001_colours.sql", "create table colours (name text);");
        await database.Managed.RaiseFence(Installation, 2, None);
        await Assert.ThrowsAsync<FenceRefused>(() => Apply(database, folder, release, epoch: 1));
        await Assert.ThrowsAsync<FenceRefused>(() => database.Managed.ApplyRelease(folder, release, "another", 2, _ => { }, None));
        Assert.Equal(Observed.NotDone, (await database.Managed.InspectRelease(folder, release, None)).Observed);
        await Apply(database, folder, release, epoch: 2);
        Assert.Equal(Observed.Done, (await database.Managed.InspectRelease(folder, release, None)).Observed);
    }
}
