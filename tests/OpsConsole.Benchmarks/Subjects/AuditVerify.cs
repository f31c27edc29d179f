using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using OpsConsole.Benchmarks.Bench;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>The log as the store keeps it, read and verified; the peer only sums the bytes that the hashes cover, already in memory.</summary>
internal static class AuditVerify
{
    private const int Entries = 200_000;

    public static async Task Run(Report report, Options options)
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-bench-audit-").FullName;
        try
        {
            var file = Path.Combine(folder, "store.db");
            var store = new StoreFactory(StoreProvider.Sqlite, $"Data Source={file}");
            await store.Prepare(CancellationToken.None);
            var entries = Chain();
            await Fill(file, entries);
            byte[][] bytes = [.. entries.Select(e => Encoding.UTF8.GetBytes(
                string.Concat(e.Sequence, e.At.ToString("O", System.Globalization.CultureInfo.InvariantCulture), e.Actor, e.Proof, e.Action, e.Subject, e.DetailsJson, e.PreviousHash)))];
            var rounds = await Rounds.Run(3, () => Rounds.Seconds(async () =>
            {
                if (await AuditReading.Verify(store, new AuditSeal(folder, folder), CancellationToken.None) is not { Entries: Entries, Bad: null }) { throw new InvalidOperationException("The log is not whole."); }
            }), () => Rounds.Seconds(() => Task.Run(() => { foreach (var b in bytes) { SHA256.HashData(b); } })));
            var cpu = Environment.CpuUsage.TotalTime;
            await AuditReading.Verify(store, new AuditSeal(folder, folder), CancellationToken.None);
            report.Say("store.cpu", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / Entries, "microseconds for one entry", 2);
            report.Say("store", Entries / Rounds.Median(rounds.Select(r => r.Subject)), "entries/s");
            report.Say("sha256", Entries / Rounds.Median(rounds.Select(r => r.Peer)), "entries/s");
            report.Say("chain", Entries / Rounds.Median([await InMemory(entries), await InMemory(entries), await InMemory(entries)]), "entries/s, in memory");
            report.Say("ratio", Rounds.Ratio(rounds, r => r), "times as long as SHA-256 alone", 2);
            report.AtMost("million", Rounds.Median(rounds.Select(r => r.Subject)) * 1_000_000 / Entries, 2, "s for 1,000,000 entries");
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<double> InMemory(List<Entry> entries) => Rounds.Seconds(() => Task.Run(() => AuditChain.Verify(entries)));

    private static List<Entry> Chain()
    {
        var (entries, at) = (new List<Entry>(Entries), new DateTimeOffset(2026, 11, 17, 2, 0, 0, TimeSpan.Zero));
        for (var i = 0; i < Entries; i++)
        {
            entries.Add(AuditChain.Append(i == 0 ? null : entries[^1], at.AddMilliseconds(i), "site:members", "key:members-key", "transaction.taken", $"019a-{i}",
                $$"""{"site":"members","key":"k-{{i}}","kind":"deposit","payload":"{{new string('a', 64)}}"}"""));
        }
        return entries;
    }

    private static async Task Fill(string file, List<Entry> entries)
    {
        await using var connection = new SqliteConnection($"Data Source={file}");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.CommandText = "insert into Audit(Sequence, At, Actor, Proof, Action, Subject, DetailsJson, PreviousHash, Hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        for (var i = 1; i <= 9; i++) { insert.Parameters.AddWithValue($"${i}", ""); }
        foreach (var e in entries)
        {
            object[] values = [e.Sequence, e.At.UtcTicks, e.Actor, e.Proof, e.Action, e.Subject, e.DetailsJson, e.PreviousHash, e.Hash];
            for (var i = 0; i < 9; i++) { insert.Parameters[i].Value = values[i]; }
            await insert.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }
}
