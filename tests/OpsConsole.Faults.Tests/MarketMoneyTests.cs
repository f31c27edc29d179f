using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpsConsole.FastMarket;
using OpsConsole.Gate;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>FastMarket's own sites against a real console: what their members start during the freeze.</summary>
public sealed class MarketMoneyTests : IDisposable
{
    private const int Queued = 40;
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-market-").FullName;

    [Fact]
    public async Task What_members_start_during_the_freeze_is_booked_once_after_finalize_and_their_site_hears_of_each_once()
    {
        var data = Path.Combine(folder, "data");
        Assert.True(FastMarketSeed.Create(data));
        await using var console = new ConsoleProcess(FastMarketConfiguration.Write(data), folder);
        var keys = new Dictionary<string, string>();
        foreach (var (name, role) in new[] { ("olga", "Operator"), ("anton", "Approver"), ("rosa", "Reviewer") })
        {
            await console.Command("correct horse battery staple", "users", "add", name, "--role", role, "--password-stdin");
            keys[name] = await console.Command(null, "keys", "add", name + "-key", "--user", name, "--step-up");
        }
        foreach (var site in FastMarketFiles.Databases) { keys[site] = await console.Command(null, "keys", "add", site + "-key", "--site", site); }
        await console.Start();
        using var olga = console.As(keys["olga"]);
        using var anton = console.As(keys["anton"]);
        using var rosa = console.As(keys["rosa"]);

        using var sites = new FastMarketSimulation(new FastMarketSimulationOptions
        {
            ConsoleAddress = console.Address,
            MembersKey = keys["members"],
            ForumKey = keys["forum"],
            DataDirectory = data,
            Pace = TimeSpan.FromMilliseconds(60),
            QueuePace = TimeSpan.FromMilliseconds(60),
            QueuedPerFreeze = Queued,
        });
        await sites.StartAsync(default);
        await When(() => sites.Activity.Deposits > 5, "the members never deposited");
        var window = await NightTests.Begin(olga, anton, "the market's night");
        await NightTests.Past(olga, window);
        Assert.Equal("reviewing", (await olga.Until(window, "reviewing", "needsDecision")).GetProperty("status").GetString());
        await When(() => sites.Activity.Queued >= Queued, "the members' site did not hand over what it had");

        using var outcomes = new OutcomesReader(console.Address, keys["members"]);
        var decided = await Decide(rosa, anton);
        Assert.Equal(Queued, decided.Count);
        Assert.Contains(decided.Values, d => d.Status == "committed");
        // Goods are not shipped for a deposit that a rollback could still take back.
        Assert.Empty((await outcomes.Read(null, TimeSpan.Zero, default)).Items);
        Assert.Equal(0, sites.Activity.Outcomes);

        await olga.Say($"api/v1/windows/{window}/finalize");
        var deposits = sites.Activity.Deposits;
        await NightTests.LetIn(olga, window);
        await When(() => sites.Activity.Deposits > deposits && sites.Activity.Outcomes == Queued, "the sites did not go on, or did not hear their outcomes");
        var heard = new List<Outcome>();
        for (string? after = null; await outcomes.Read(after, TimeSpan.Zero, default) is { Items.Count: > 0 } page; after = page.Next) { heard.AddRange(page.Items); }
        Assert.Equal(decided.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, d.Value.Status)), heard.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => (h.Key!, h.Status)));
        await sites.StopAsync(default);
        Assert.Equal(Queued, sites.Activity.Outcomes);
        Books(data, decided);
    }

    private sealed record Decided(string Kind, int Account, decimal Amount, string Status);

    /// <summary>In the order of capture: above the limit one approves and another commits; what the account does not hold is rejected.</summary>
    private static async Task<Dictionary<string, Decided>> Decide(HttpClient rosa, HttpClient anton)
    {
        var decided = new Dictionary<string, Decided>();
        foreach (var t in await BankCrowd.List(rosa, "status=pending&limit=500"))
        {
            var path = $"api/v1/transactions/{t.GetProperty("id").GetString()}";
            if (t.GetProperty("aboveLimit").GetBoolean()) { await anton.Say($"{path}/approve"); }
            using var answer = await rosa.PostAsJsonAsync($"{path}/commit", new { });
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                var text = await answer.Content.ReadAsStringAsync();
                Assert.Contains("nothing was changed", text, StringComparison.Ordinal);
                await rosa.Say($"{path}/reject", new { reason = "not enough on the account", publicReason = "Your account does not hold enough." });
            }
            var fields = t.GetProperty("fields");
            decided.Add(t.GetProperty("key").GetString()!, new Decided(t.GetProperty("kind").GetString()!, fields.GetProperty("account").GetInt32(),
                decimal.Parse(fields.GetProperty("amount").GetProperty("value").GetString()!, CultureInfo.InvariantCulture), answer.IsSuccessStatusCode ? "committed" : "rejected"));
        }
        return decided;
    }

    /// <summary>Each that was committed stands in the ledger once and to the cent, none that was rejected does, and every account is the sum of its ledger.</summary>
    private static void Books(string data, Dictionary<string, Decided> decided)
    {
        using var connection = FastMarketFiles.Open(FastMarketFiles.Database(data, "members"));
        var booked = Rows(connection, "select reference, account_id, amount_cents from ledger where reference like 'FM-%' order by reference");
        Assert.Equal(decided.Where(d => d.Value.Status == "committed").OrderBy(d => d.Key, StringComparer.Ordinal)
            .Select(d => (d.Key, d.Value.Account, decimal.ToInt64(d.Value.Amount * 100) * (d.Value.Kind == "deposit" ? 1 : -1))), booked);
        Assert.Empty(Rows(connection, "select 'account', id, 0 from accounts where available_cents + reserved_cents <> (select coalesce(sum(amount_cents), 0) from ledger where account_id = accounts.id)"));
    }

    private static List<(string, int, long)> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<(string, int, long)>();
        while (reader.Read()) { rows.Add((reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2))); }
        return rows;
    }

    private static async Task When(Func<bool> condition, string otherwise)
    {
        for (var from = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(50)) { Assert.True(Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(180), otherwise); }
    }

    public void Dispose() => Directory.Delete(folder, true);
}
