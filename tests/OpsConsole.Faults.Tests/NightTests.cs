using System.Globalization;
using System.Net;
using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>The night through the API on real servers, with the console as a process that can be killed.</summary>
public sealed class NightTests(PostgreSqlServer server)
{
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OPSCONSOLE_NIGHT_SCALE") ?? "2", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Two_databases_go_together_come_back_as_they_were_and_go_again()
    {
        await using var estate = await NightEstate.Make(server, Scale, looks: true);
        await estate.Console.Start();
        using var olga = estate.Console.As(estate.Operator);
        using var anton = estate.Console.As(estate.Approver);
        var clients = NightEstate.Databases.Select(d => estate.Clients(d, 60)).ToList();
        await using var writers = new SiteWriters(server, estate);

        var plan = await olga.Say("api/v1/plans", new { to = new { forum = "7", members = "5" } });
        Assert.True(plan.GetProperty("possible").GetBoolean());
        Assert.True(plan.GetProperty("steps")[0].GetProperty("together").GetBoolean());

        var shells = await All(estate.Shell);
        for (var tries = 0; (await History(estate)).Values.Any(rows => rows == "0"); tries++)
        {
            Assert.True(tries < 100, "the clients never wrote, so nothing would be proven");
            await Task.Delay(100);
        }
        await writers.WriteAgain();

        // The first window is taken back, and is compared with what the databases were when their doors had just been closed.
        var first = await Begin(olga, anton, "first try");
        await TheTask(olga, first);
        var dumps = await All(estate.Dump);
        await Past(olga, first);
        await olga.Until(first, "reviewing");
        var shut = await History(estate);
        // Ended clients do not come back by themselves: new ones have to be turned away by the engine, with the console alive and dead.
        await NobodyOfTheSitesGetsIn(estate);
        var killed = TimeProvider.System.GetUtcNow();
        await estate.Console.Kill();
        await NobodyOfTheSitesGetsIn(estate);
        Assert.Equal(shut, await History(estate));
        await Task.Delay(1_000);
        writers.WereShutOut(killed, TimeProvider.System.GetUtcNow());
        await estate.Console.Start();

        await olga.Say($"api/v1/windows/{first}/rollback", new { reason = "a second look" });
        var back = await olga.Until(first, "rolledBack", "needsDecision");
        Assert.Equal("rolledBack", back.GetProperty("status").GetString());
        Assert.Equal("4", await estate.Text("members", "select version from schema_migrations"));
        Assert.Equal("6", await estate.Text("forum", "select version from schema_migrations"));
        Assert.Equal(dumps, await All(estate.Dump));
        await LetIn(olga, first);
        await writers.WriteAgain();
        Assert.Equal(shells, await All(estate.Shell));

        var second = await Begin(olga, anton, "second try");
        await Past(olga, second);
        await olga.Until(second, "reviewing");
        await olga.Say($"api/v1/windows/{second}/finalize");
        await LetIn(olga, second);
        await writers.WriteAgain();
        Assert.Equal("5", await estate.Text("members", "select version from schema_migrations"));
        Assert.Equal("7", await estate.Text("forum", "select version from schema_migrations"));
        Assert.Equal(shells, await All(estate.Shell));
        foreach (var window in new[] { first, second })
        {
            var (closed, opened) = await Closed(olga, window);
            writers.WereShutOut(closed, opened);
            foreach (var database in NightEstate.Databases)
            {
                Assert.NotEqual("0", await estate.Text(database, $"select count(*) from pgbench_history where mtime < {At(closed)}"));
                Assert.Equal("0", await estate.Text(database, $"select count(*) from pgbench_history where mtime > {At(closed)} and mtime < {At(opened)}"));
            }
        }
        foreach (var client in clients) { if (!client.HasExited) { client.Kill(); } client.Dispose(); }
    }

    [Fact]
    public async Task A_release_that_fails_leaves_needs_decision_and_the_group_can_come_back()
    {
        await using var estate = await NightEstate.Make(server, 1, failing: true);
        await estate.Console.Start();
        using var olga = estate.Console.As(estate.Operator);
        using var anton = estate.Console.As(estate.Approver);
        var dumps = await All(estate.Dump);
        var window = await Begin(olga, anton, "a night that fails");
        var asked = await olga.Until(window, "needsDecision");
        Assert.Equal("notDone", asked.GetProperty("decision").GetProperty("observed").GetString());
        Assert.Contains("division by zero", asked.GetProperty("decision").GetProperty("because").GetString());
        Assert.True(asked.GetProperty("wayBack").GetProperty("possible").GetBoolean());
        await olga.Say($"api/v1/windows/{window}/close", expected: HttpStatusCode.Conflict);
        await olga.Say($"api/v1/windows/{window}/rollback");
        await olga.Until(window, "rolledBack");
        Assert.Equal(dumps, await All(estate.Dump));
        await LetIn(olga, window);
    }

    internal static async Task<string> Begin(HttpClient olga, HttpClient anton, string name)
    {
        var window = (await olga.Say("api/v1/windows", new { name, to = new { forum = "7", members = "5" } })).GetProperty("id").GetString()!;
        await anton.Say($"api/v1/windows/{window}/approve");
        await olga.Say($"api/v1/windows/{window}/start");
        return window;
    }

    /// <summary>Waits for the task that stands between the checkpoint and the first release; its verb.</summary>
    private static async Task<string> TheTask(HttpClient olga, string window)
    {
        for (var tries = 0; ; tries++)
        {
            var seen = await olga.See($"api/v1/windows/{window}");
            if (seen.GetProperty("can").EnumerateArray().Select(v => v.GetString()!).FirstOrDefault(v => v.StartsWith("steps/", StringComparison.Ordinal)) is { } verb) { return verb; }
            Assert.True(tries < 600 && seen.GetProperty("status").GetString() == "running", $"the window never came to its task: {seen}");
            await Task.Delay(100);
        }
    }

    internal static async Task Past(HttpClient olga, string window) => await olga.Say($"api/v1/windows/{window}/{await TheTask(olga, window)}", new { note = "looked" });

    // The column has no zone; the server writes it in its own.
    private static string At(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"'{time:O}'::timestamptz at time zone current_setting('TimeZone')");

    /// <summary>From when the console said that the databases are closed until it began to open them.</summary>
    private static async Task<(DateTimeOffset Closed, DateTimeOffset Opened)> Closed(HttpClient olga, string window)
    {
        var steps = (await olga.See($"api/v1/windows/{window}")).GetProperty("steps").EnumerateArray().ToList();
        return (steps.First(s => s.GetProperty("kind").GetString() == "closeDatabases").GetProperty("endedAt").GetDateTimeOffset(),
            steps.First(s => s.GetProperty("kind").GetString() == "openDatabases").GetProperty("startedAt").GetDateTimeOffset());
    }

    internal static async Task LetIn(HttpClient olga, string window)
    {
        await olga.Say($"api/v1/windows/{window}/thaw", new { share = 100 });
        for (var tries = 0; ; tries++)
        {
            var seen = await olga.See($"api/v1/windows/{window}");
            if (seen.GetProperty("can").EnumerateArray().Any(v => v.GetString() == "close")) { break; }
            Assert.True(tries < 300, $"the window cannot be closed: {seen}");
            await Task.Delay(100);
        }
        await olga.Say($"api/v1/windows/{window}/close");
        await olga.Until(window, "closed");
    }

    private static async Task<Dictionary<string, string?>> All(Func<string, Task<string?>> read)
    {
        var all = new Dictionary<string, string?>();
        foreach (var database in NightEstate.Databases) { all[database] = await read(database); }
        return all;
    }

    private static Task<Dictionary<string, string?>> History(NightEstate estate) => All(d => estate.Text(d, "select count(*) from pgbench_history"));

    private static async Task NobodyOfTheSitesGetsIn(NightEstate estate)
    {
        foreach (var database in NightEstate.Databases)
        {
            using var refused = estate.Clients(database, 1);
            await refused.WaitForExitAsync();
            Assert.NotEqual(0, refused.ExitCode);
        }
    }
}
