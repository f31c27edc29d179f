using System.Globalization;
using OpsConsole.Benchmarks.Bench;
using OpsConsole.Engines;
using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>Each file is one transaction for both; the console also checks its fence and writes the history in it.</summary>
internal static class ManyReleases
{
    public static async Task Run(Report report, Options options)
    {
        await using var server = await PostgreSqlServer.Start();
        var folder = Directory.CreateTempSubdirectory("opsconsole-bench-releases-").FullName;
        try
        {
            var files = new List<string>();
            for (var i = 1; i <= options.Releases; i++)
            {
                var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i:0000}_step.up.sql"));
                await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture,
                    $"begin;\ncreate table t{i}(id int primary key, name text not null);\ninsert into t{i} select g, 'name ' || g from generate_series(1, 10) g;\ncreate index on t{i}(name);\ncommit;\n"));
                files.Add(file);
            }
            var turn = 0;
            var rounds = await Rounds.Run(2, () => Console(server, folder, $"c{turn++}", options.Releases), () => Psql(server, files, $"p{turn++}"));
            report.Say("console", Rounds.Median(rounds.Select(r => r.Subject)), "s", 2);
            report.Say("psql", Rounds.Median(rounds.Select(r => r.Peer)), "s", 2);
            report.Note("scope", $"{options.Releases} releases through the engine with fence and history; the store's journal is not in it");
            report.AtMost("ratio", Rounds.Ratio(rounds, r => r), 1.1, "of one psql session");
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task<double> Console(PostgreSqlServer server, string path, string name, int count)
    {
        await server.Run("postgres", $"create database {name}");
        await using var database = new PostgreSqlDatabase(new DatabaseSettings(name, EngineKind.PostgreSql, server.ConnectionString(name), "postgres", CloseMethod.Connect, [], path, ReleaseLayout.Auto, path, "bench"));
        await database.RaiseFence("bench", 1, CancellationToken.None);
        var seconds = await Rounds.Seconds(async () =>
        {
            var folder = await database.ReadReleases(CancellationToken.None);
            foreach (var release in folder.Releases) { await database.ApplyRelease(folder, release, "bench", 1, _ => { }, CancellationToken.None); }
        });
        await Expect(server, name, count);
        return seconds;
    }

    private static async Task<double> Psql(PostgreSqlServer server, List<string> files, string name)
    {
        await server.Run("postgres", $"create database {name}");
        var seconds = await Rounds.Seconds(() => server.Client("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, .. files.SelectMany(f => (string[])["-f", f])]));
        await Expect(server, name, files.Count);
        return seconds;
    }

    private static async Task Expect(PostgreSqlServer server, string name, int count)
    {
        var there = await server.Text(name, "select count(*) from pg_tables where schemaname = 'public' and tablename like 't%'");
        if (there != count.ToString(CultureInfo.InvariantCulture)) { throw new InvalidOperationException($"{name} has {there} tables of {count}."); }
        await server.Run("postgres", $"drop database {name} with (force)");
    }
}
