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
        await using var estate = await NightEstate.Make(server, Scale);
        await estate.Console.Start();
        using var olga = estate.Console.As(estate.Operator);
        using var anton = estate.Console.As(estate.Approver);
        var clients = NightEstate.Databases.Select(d => estate.Clients(d, 60)).ToList();

        var plan = await olga.Say("api/v1/plans", new { to = new { forum = "7", members = "5" } });
        Assert.True(plan.GetProperty("possible").GetBoolean());
        Assert.True(plan.GetProperty("steps")[0].GetProperty("together").GetBoolean());

        var shells = await All(estate.Shell);
        for (var tries = 0; (await History(estate)).Values.Any(rows => rows == "0"); tries++)
        {
            Assert.True(tries < 100, "the clients never wrote, so nothing would be proven");
            await Task.Delay(100);
        }

        var first = await Begin(olga, anton, "first try");
        await olga.Until(first, "reviewing");
        var shut = await History(estate);
        // Ended clients do not come back by themselves: new ones have to be turned away by the engine, with the console alive and dead.
        await NobodyOfTheSitesGetsIn(estate);
        await estate.Console.Kill();
        await NobodyOfTheSitesGetsIn(estate);
        Assert.Equal(shut, await History(estate));
        await estate.Console.Start();

        await olga.Say($"api/v1/windows/{first}/rollback", new { reason = "a second look" });
        var back = await olga.Until(first, "rolledBack", "needsDecision");
        Assert.Equal("rolledBack", back.GetProperty("status").GetString());
        Assert.Equal("4", await estate.Text("members", "select version from schema_migrations"));
        Assert.Equal("6", await estate.Text("forum", "select version from schema_migrations"));
        await LetIn(olga, first);

        Assert.Equal(shells, await All(estate.Shell));
        var dumps = await All(estate.Dump);
        var second = await Begin(olga, anton, "second try");
        await olga.Until(second, "reviewing");
        await olga.Say($"api/v1/windows/{second}/rollback", new { reason = "prove it to the byte" });
        await olga.Until(second, "rolledBack");
        Assert.Equal(dumps, await All(estate.Dump));
        await LetIn(olga, second);
        Assert.Equal(shells, await All(estate.Shell));

        var third = await Begin(olga, anton, "third try");
        await olga.Until(third, "reviewing");
        await olga.Say($"api/v1/windows/{third}/finalize");
        await LetIn(olga, third);
        Assert.Equal("5", await estate.Text("members", "select version from schema_migrations"));
        Assert.Equal("7", await estate.Text("forum", "select version from schema_migrations"));
        using var again = estate.Clients("members", 1);
        await again.WaitForExitAsync();
        Assert.Equal(0, again.ExitCode);
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
