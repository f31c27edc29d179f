using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Gates;
using OpsConsole.Ground;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.Gates;

/// <summary>Break-glass: the same words from a shell with a console that runs, one that is dead, and one that lives and is silent.</summary>
public sealed class ShellTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("oc-shell-").FullName;
    private string Config => Path.Combine(folder, "opsconsole.json");
    private string Members => Path.Combine(folder, "members.db");
    private StoreFactory Store => new(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=false");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Config, JsonSerializer.Serialize(new
        {
            OpsConsole = new
            {
                Store = new { Provider = "Sqlite", ConnectionString = "Data Source=store.db;Pooling=false" },
                DataDirectory = "data",
                Estate = new
                {
                    Name = "Test",
                    Databases = new Dictionary<string, object>
                    {
                        ["members"] = new { Engine = "Sqlite", ConnectionString = "Data Source=members.db;Pooling=false" },
                        ["forum"] = new { Engine = "Sqlite", ConnectionString = "Data Source=forum.db;Pooling=false" },
                    },
                    Sites = new Dictionary<string, object> { ["members"] = new { Databases = new[] { "members" } }, ["forum"] = new { Databases = new[] { "forum", "members" } } },
                },
            },
        }));
        foreach (var name in new[] { "members", "forum" })
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, name + ".db")};Pooling=false");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "create table accounts (id integer primary key)";
            await command.ExecuteNonQueryAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<(int Code, string Answer, string Said)> Call(string line)
    {
        using var answer = new StringWriter();
        using var said = new StringWriter();
        var code = await CommandLine.Run([.. line.Split(' '), "--config", Config], TextReader.Null, answer, said, default);
        return (code, answer.ToString(), said.ToString());
    }

    private async Task<List<(string Actor, string Proof, string Action, string Subject)>> Audit()
    {
        await using var db = Store.CreateDbContext();
        return [.. (await db.Audit.OrderBy(a => a.Sequence).ToListAsync()).Select(a => (a.Actor, a.Proof, a.Action, a.Subject))];
    }

    private async Task<GateRow?> Gate(string site)
    {
        await using var db = Store.CreateDbContext();
        return await db.Set<GateRow>().SingleOrDefaultAsync(g => g.Site == site);
    }

    private async Task<LeaseRow> Lease()
    {
        await using var db = Store.CreateDbContext();
        return await db.Leases.SingleAsync();
    }

    private async Task<WebApplication> Console(bool ready = true)
    {
        var found = SettingsSource.Read(["--config", Config]);
        var store = new StoreFactory(found.Settings!.Store.Provider, found.Settings.Store.ConnectionString);
        await store.Prepare(default);
        var app = Serve.Build(["--urls=http://127.0.0.1:0", "--applicationName=OpsConsole"], found, store);
        await app.StartAsync();
        var readiness = app.Services.GetRequiredService<Readiness>();
        for (var tries = 0; readiness.WaitsFor is not null && tries < 500; tries++) { await Task.Delay(20); }
        Assert.Null(readiness.WaitsFor);
        if (!ready) { readiness.WaitsFor = "a test"; }
        return app;
    }

    [Fact]
    public async Task With_no_console_the_databases_shut_the_site_out_and_a_thaw_puts_everything_back()
    {
        var (code, answer, said) = await Call("freeze members --include-sites --reason disk");
        Assert.Equal(0, code);
        Assert.Equal("members\tdatabases\tversion 2\tcertain, databases closed\n", answer);
        Assert.Contains("No console is running", said, StringComparison.Ordinal);
        Assert.False(File.Exists(Members));
        Assert.Equal((GateDoor.Everyone, FreezeDepth.Databases, true), ((await Gate("members"))!.Door, (await Gate("members"))!.Depth, (await Gate("members"))!.DatabasesClosed));
        Assert.Equal(GateDoor.Everyone, (await Gate("forum"))!.Door);
        Assert.True((await Lease()).ExpiresAt <= TimeProvider.System.GetUtcNow());

        var entries = await Audit();
        Assert.Contains((Environment.UserName, "shell", "shell.alone", "members"), entries);
        Assert.Contains((Environment.UserName, "shell", "freeze.done", "members"), entries);
        Assert.Contains((Environment.UserName, "shell", "close.done", "members"), entries);

        // A console that starts now finds the freeze, and the next thaw goes through it.
        await using (var console = await Console())
        {
            Assert.Equal(FreezeDepth.Databases, console.Services.GetRequiredService<GateBook>().Find("members")!.Depth);
            await console.StopAsync();
        }
        Assert.Equal((0, "members\topen\tversion 4\tlet in\n"), await Call("thaw members") is var thawed ? (thawed.Code, thawed.Answer) : default);
        Assert.True(File.Exists(Members));
        Assert.Equal(GateDoor.Open, (await Gate("members"))!.Door);
    }

    [Fact]
    public async Task With_no_console_a_neighbour_that_would_be_hit_is_named_and_nothing_is_touched()
    {
        var (code, answer, said) = await Call("freeze members");
        Assert.Equal((1, ""), (code, answer));
        Assert.Contains("forum", said, StringComparison.Ordinal);
        Assert.Contains("--include-sites", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Members));
        Assert.Null(await Gate("members"));
    }

    [Fact]
    public async Task A_running_console_is_asked_and_does_it_itself()
    {
        await using var console = await Console();
        var epoch = (await Lease()).Epoch;
        Assert.Equal((0, "members\teveryone\tversion 2\tnot certain yet\n", ""), await Call("freeze members --message back_soon"));
        var gate = console.Services.GetRequiredService<GateBook>().Find("members")!;
        Assert.Equal((FreezeDepth.Everyone, "back_soon"), (gate.Depth, gate.Message));
        Assert.Equal(epoch, (await Lease()).Epoch);
        Assert.True(File.Exists(Members));
        Assert.Contains((Environment.UserName, "shell", "freeze.done", "members"), await Audit());
        var (code, status, _) = await Call("status");
        Assert.Equal(0, code);
        Assert.Matches("^console\t\\S+\tepoch [0-9]+\tdrives\n", status);
        Assert.Contains("site\tmembers\teveryone\tversion 2\tnot certain yet\n", status, StringComparison.Ordinal);
        Assert.Contains("site\tforum\topen\tversion 1\tlet in\n", status, StringComparison.Ordinal);
        Assert.Equal("members\tthawing\tversion 3\t25 percent let in\n", (await Call("thaw members --share 25")).Answer);
        Assert.Equal(1, (await Call("thaw members --share 5")).Code);
        await console.StopAsync();
    }

    [Fact]
    public async Task A_console_that_lives_and_is_silent_is_left_alone_and_does_not_do_it_later()
    {
        await using var console = await Console(ready: false);
        var (code, answer, said) = await Call("freeze members --depth databases --include-sites --wait 1");
        Assert.Equal((1, ""), (code, answer));
        Assert.Contains("holds the lease and does not answer", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Members));
        Assert.Null(await Gate("members"));
        var (looked, status, _) = await Call("status --wait 1");
        Assert.Equal(1, looked);
        Assert.Contains("holds the lease and does not answer", status, StringComparison.Ordinal);
        Assert.Contains("database\tmembers\tup", status, StringComparison.Ordinal);
        console.Services.GetRequiredService<Readiness>().WaitsFor = null;
        var desk = console.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<ShellDesk>().Single();
        await desk.Look(default);
        Assert.Null(await Gate("members"));
        await console.StopAsync();
    }

    [Fact]
    public async Task With_no_console_status_says_so_and_shows_what_stands_in_the_store()
    {
        File.Delete(Path.Combine(folder, "forum.db"));
        var (code, answer, _) = await Call("status");
        Assert.Equal(1, code);
        Assert.StartsWith("console\tnone\t", answer, StringComparison.Ordinal);
        Assert.Contains("site\tmembers\topen", answer, StringComparison.Ordinal);
        Assert.Contains("database\tforum\tdoes not answer\t", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("freeze moon", 1, "no site moon")]
    [InlineData("freeze members --depth deep", 2, "no depth deep")]
    [InlineData("thaw members --share 101", 2, "from 0 to 100")]
    [InlineData("thaw members", 1, "nothing to thaw")]
    [InlineData("freeze", 2, "A name is missing")]
    public async Task What_cannot_be_is_said_on_stderr_alone(string line, int code, string part)
    {
        var (exit, answer, said) = await Call(line);
        Assert.Equal((code, ""), (exit, answer));
        Assert.Contains(part, said, StringComparison.Ordinal);
    }
}
