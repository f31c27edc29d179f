using System.Globalization;
using Microsoft.Data.Sqlite;
using OpsConsole.Benchmarks.Bench;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>201 is said when the transaction is on disk; the peer waits for the disk once for each row, in the same file.</summary>
internal static class Ingest
{
    private const int Clients = 64;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2), Warm = TimeSpan.FromSeconds(10);

    public static async Task Run(Report report, Options options)
    {
        await using var estate = await Estate.Start();
        await using var peer = new SqliteConnection($"Data Source={estate.Store};Default Timeout=10");
        await peer.OpenAsync();
        await Execute(peer, "pragma synchronous=FULL");
        await Execute(peer, "create table peer(id text primary key, sequence integer not null unique, site text, key text, body text, sha text, unique(site, key))");
        var (turn, row) = (0, 0L);
        // A console runs for weeks: until its compiler is through, what it computes is mostly that.
        await Post(estate, turn++, Warm);
        var rounds = await Rounds.Run(3, () => Post(estate, turn++, Turn), async () =>
        {
            long rows = 0;
            var seconds = await Rounds.Seconds(async () => { rows = await OneByOne(peer, row); row += rows; });
            return new Load(rows, seconds, []);
        });
        report.Say("console", Rounds.Median(rounds.Select(r => r.Subject.PerSecond)), "transactions/s");
        report.Say("one_row_a_commit", Rounds.Median(rounds.Select(r => r.Peer.PerSecond)), "rows/s");
        report.Say("console.cpu", Rounds.Median(rounds.Select(r => r.Subject.CpuMicroseconds)), "microseconds of the server's for one transaction");
        report.Say("p50", Rounds.Median(rounds.Select(r => r.Subject.At(0.5))), "ms", 1);
        report.AtLeast("ratio", Rounds.Ratio(rounds, r => r.PerSecond), 20_000 / 2_395.0, "of one row a commit");
        report.AtLeast("per_second", Rounds.Median(rounds.Select(r => r.Subject.PerSecond)), 20_000, "transactions/s", 0);
        report.AtMost("p99", Rounds.Median(rounds.Select(r => r.Subject.At(0.99))), 20, "ms", 1);
    }

    private static Task<Load> Post(Estate estate, int turn, TimeSpan span) => HttpLoad.Run(estate.Console, Clients, span, 201, (client, n) =>
    {
        var account = ((turn * 1000L) + client) * 1_000_000 + n;
        return HttpLoad.Post("/api/v1/transactions", estate.Site, Estate.Deposit(account, "12.50"), string.Create(CultureInfo.InvariantCulture, $"Idempotency-Key: k-{account}"));
    });

    private static async Task<long> OneByOne(SqliteConnection peer, long from)
    {
        await using var insert = peer.CreateCommand();
        insert.CommandText = "insert into peer values ($id, $sequence, 'bank', $key, $body, $sha)";
        foreach (var name in (string[])["$id", "$sequence", "$key", "$body", "$sha"]) { insert.Parameters.AddWithValue(name, ""); }
        insert.Prepare();
        var (rows, began) = (0L, System.Diagnostics.Stopwatch.GetTimestamp());
        for (; System.Diagnostics.Stopwatch.GetElapsedTime(began) < Turn; rows++)
        {
            insert.Parameters[0].Value = Guid.CreateVersion7().ToString();
            insert.Parameters[1].Value = from + rows;
            insert.Parameters[2].Value = $"k-{from + rows}";
            insert.Parameters[3].Value = Estate.Deposit(from + rows, "12.50");
            insert.Parameters[4].Value = new string('0', 64);
            await insert.ExecuteNonQueryAsync();
        }
        return rows;
    }

    private static async Task Execute(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
