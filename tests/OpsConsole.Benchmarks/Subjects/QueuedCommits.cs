using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using OpsConsole.Benchmarks.Bench;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>Transactions above the limit, posted and approved before; what is timed is the reviewers' commits.</summary>
internal static class QueuedCommits
{
    private const int Clients = 16, PerTurn = 800, Singles = 100, Turns = 3;
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(5);
    private const string Legs = """
        \set aid random(1, 100000)
        begin;
        update pgbench_accounts set abalance = abalance + 25000 where aid = :aid;
        insert into pgbench_history(tid, bid, aid, delta, mtime) values (1, 1, :aid, 25000, now());
        commit;
        """;

    public static async Task Run(Report report, Options options)
    {
        await using var server = await PostgreSqlServer.Start();
        await server.Run("postgres", "create database bank", "create role bank_app login");
        await server.Client("pgbench", "-i", "-q", "-s", "1", "bank");
        await server.Run("bank", "create table schema_migrations (version bigint primary key, dirty boolean not null)", "insert into schema_migrations values (1, false)");
        await using var estate = await Estate.Start(server, "bank");
        var ids = await Approved(estate, (PerTurn * (Turns + 1)) + Singles);
        var script = Path.Combine(estate.Folder, "legs.sql");
        await File.WriteAllTextAsync(script, Legs);
        var turn = 0;
        var rounds = await Rounds.Run(Turns, () => Commit(estate, Clients, ids.GetRange(turn++ * PerTurn, PerTurn)), () => Bench(server, script, Clients));
        var single = await Commit(estate, 1, ids.GetRange(PerTurn * (Turns + 1), Singles));
        report.Say("console", Rounds.Median(rounds.Select(r => r.Subject.PerSecond)), "commits/s");
        report.Say("pgbench", Rounds.Median(rounds.Select(r => r.Peer.PerSecond)), "commits/s");
        report.Say("console.cpu", Rounds.Median(rounds.Select(r => r.Subject.CpuMicroseconds)), "microseconds of the console's for one commit");
        report.AtLeast("ratio", Rounds.Ratio(rounds, r => r.PerSecond), 0.8, "of pgbench");
        report.AtMost("single.p50", single.At(0.5), 5, "ms", 1);
        var money = await server.Text("bank", "select (select sum(delta) from pgbench_history where delta = 25000) - (select sum(abalance) from pgbench_accounts)");
        if (money != "0") { throw new InvalidOperationException($"The legs do not add up: {money}."); }
    }

    private static async Task<List<string>> Approved(Estate estate, int count)
    {
        await HttpLoad.Run(estate.Console, Clients, AtMost, 201, (client, n) => (n * Clients) + client is var i && i >= count ? null
            : HttpLoad.Post("/api/v1/transactions", estate.Site, Estate.Deposit(i + 1, "250.00"), string.Create(CultureInfo.InvariantCulture, $"Idempotency-Key: c-{i}")));
        var ids = new List<string>();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{estate.Console.Port}"), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", estate.Reviewer) } };
        for (string? after = ""; after is not null;)
        {
            using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/api/v1/transactions?status=pending&limit=500&after={after}", UriKind.Relative)));
            ids.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("id").GetString()!));
            after = page.RootElement.GetProperty("next").GetString();
        }
        await Say(estate, "approve", estate.Approver, Clients, ids);
        return ids;
    }

    private static Task<Load> Commit(Estate estate, int clients, List<string> ids) => Say(estate, "commit", estate.Reviewer, clients, ids);

    private static async Task<Load> Say(Estate estate, string verb, string key, int clients, List<string> ids)
    {
        var load = await HttpLoad.Run(estate.Console, clients, AtMost, 200, (client, n) =>
            (n * clients) + client is var i && i >= ids.Count ? null : HttpLoad.Post($"/api/v1/transactions/{ids[(int)i]}/{verb}", key, ""));
        return load.Answers == ids.Count ? load : throw new InvalidOperationException($"Only {load.Answers} of {ids.Count} were answered within {AtMost.TotalMinutes} minutes.");
    }

    private static async Task<Load> Bench(PostgreSqlServer server, string script, int clients)
    {
        var said = await server.Client("pgbench", "-n", "-M", "prepared", "-c", $"{clients}", "-j", "1", "-T", "2", "-f", script, "bank");
        var line = said.Split('\n').First(l => l.StartsWith("tps = ", StringComparison.Ordinal));
        return new Load((long)(double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture) * 1000), 1000, []);
    }
}
