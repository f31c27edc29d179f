using OpsConsole.Benchmarks.Bench;
using OpsConsole.Engines;
using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>The way back: what it costs to have it, to go it, and to prove it.</summary>
internal static class Copies
{
    private static readonly string[] Tables = ["pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history"];

    public static async Task Run(Report report, Options options)
    {
        await using var server = await PostgreSqlServer.Start();
        var folder = Directory.CreateTempSubdirectory("opsconsole-bench-copies-").FullName;
        try
        {
            await server.Run("postgres", "create database bank");
            await server.Client("pgbench", "-i", "-q", "-s", $"{options.Scale}", "bank");
            var database = new PostgreSqlDatabase(new DatabaseSettings("bank", EngineKind.PostgreSql, server.ConnectionString("bank"), "postgres", CloseMethod.Connect, [], null, ReleaseLayout.Auto, folder, "bench"));
            await using var open = database;
            await database.RaiseFence("bench", 1, CancellationToken.None);
            await server.Run("bank", "vacuum", "checkpoint");
            report.Say("size", double.Parse(await server.Text("postgres", "select pg_database_size('bank')"), System.Globalization.CultureInfo.InvariantCulture) / (1 << 20), "MB");
            await Checkpoint(report, server, database, folder);
            await Fingerprint(report, server, database);
            await Rollback(report, server, database, folder);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task Checkpoint(Report report, PostgreSqlServer server, PostgreSqlDatabase database, string folder)
    {
        var turn = 0;
        var files = Path.Combine(server.Data, "base", await server.Text("postgres", "select oid from pg_database where datname = 'bank'"));
        var rounds = await Rounds.Run(3, async () =>
        {
            var id = $"c{turn++}";
            var seconds = await Rounds.Seconds(() => database.TakeCheckpoint(id, CancellationToken.None));
            await database.DropCheckpoint(id, CancellationToken.None);
            return seconds;
        }, async () =>
        {
            var copy = Path.Combine(folder, "copy");
            // Onto the disk, as the server does it: without that a copy is only a promise.
            var seconds = await Rounds.Seconds(() => Tool.Run("/bin/sh", ["-c", "cp -r \"$0\" \"$1\" && find \"$1\" -type f -exec sync {} +", files, copy]));
            Directory.Delete(copy, recursive: true);
            return seconds;
        });
        report.Say("template", Rounds.Median(rounds.Select(r => r.Subject)), "s", 2);
        report.Say("cp", Rounds.Median(rounds.Select(r => r.Peer)), "s, written to disk", 2);
        report.AtMost("ratio", Rounds.Ratio(rounds, r => r), 1.5, "of cp");
    }

    private static async Task Fingerprint(Report report, PostgreSqlServer server, PostgreSqlDatabase database)
    {
        var rounds = await Rounds.Run(3, () => Rounds.Seconds(() => database.ReadFingerprint(CancellationToken.None)),
            () => Rounds.Seconds(() => server.Run("bank", [.. Tables.Select(t => $"select count(*) from {t}")])));
        report.Say("fingerprint", Rounds.Median(rounds.Select(r => r.Subject)), "s", 2);
        report.Say("scan", Rounds.Median(rounds.Select(r => r.Peer)), "s", 2);
        report.AtMost("fingerprint.ratio", Rounds.Ratio(rounds, r => r), 3, "of a sequential scan");
    }

    private static async Task Rollback(Report report, PostgreSqlServer server, PostgreSqlDatabase database, string folder)
    {
        await database.TakeCheckpoint("back", CancellationToken.None);
        var (shell, print) = (await database.ReadShell(CancellationToken.None), await database.ReadFingerprint(CancellationToken.None));
        var dump = Path.Combine(folder, "dump");
        await server.Client("pg_dump", "-Fc", "-Z", "0", "-f", dump, "bank");
        var rounds = await Rounds.Run(2, async () =>
        {
            await server.Run("bank", "update pgbench_branches set bbalance = bbalance + 1");
            return await Rounds.Seconds(() => database.Restore("back", shell, "bench", 1, CancellationToken.None));
        }, async () =>
        {
            await server.Run("postgres", "create database restored");
            var seconds = await Rounds.Seconds(() => server.Client("pg_restore", "-d", "restored", dump));
            await server.Run("postgres", "drop database restored");
            return seconds;
        });
        if ((await database.ReadFingerprint(CancellationToken.None)).DifferenceTo(print) is { } difference) { throw new InvalidOperationException($"The rollback is not the checkpoint: {difference}."); }
        report.Say("pg_restore", Rounds.Median(rounds.Select(r => r.Peer)), "s", 2);
        report.Say("rollback.ratio", Rounds.Ratio(rounds, r => r), "of pg_restore", 2);
        report.AtMost("rollback", Rounds.Median(rounds.Select(r => r.Subject)), 1, "s");
    }
}
