using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpsConsole.Engines;

namespace OpsConsole.Faults.Tests;

/// <summary>Two small databases that have to go together, and the same eyes on them whatever the engine: outside the console, past its journal.</summary>
public abstract class LapEstate(LapPlan plan, string folder) : IAsyncDisposable
{
    public const int Cents = 100_000, Deposit = 1234;
    public static readonly string[] Databases = ["members", "forum"];
    public static readonly string[] Sites = ["members", "forum"];

    protected LapPlan Plan => plan;
    protected string Folder => folder;
    private string Store => Path.Combine(folder, "data", "opsconsole.db");

    protected abstract Task MakeDatabase(string database);
    protected abstract object Connection(string database);
    protected abstract string DepositSql { get; }
    protected abstract string Concurrently { get; }
    protected abstract string Markers { get; }

    /// <summary>The first column of the first row; null where nobody at all gets in.</summary>
    public abstract Task<string?> Text(string database, string sql);
    /// <summary>Everything in it but the console's own tables.</summary>
    public abstract Task<string> Content(string database);
    /// <summary>Owner, effective rights, limits: what the site's way in hangs on.</summary>
    public abstract Task<string> Shell(string database);
    public abstract Task<bool> SiteGetsIn(string database);
    /// <summary>Opens a session of the site's and leaves it; null where the engine cannot tell sessions.</summary>
    public abstract Task<string?> LeaveSession(string database);
    /// <summary>Leaves a transaction prepared that writes the note; null where the engine prepares none.</summary>
    public abstract Task<string?> LeavePrepared(string database, string note);
    public abstract Task<bool> PreparedWaits(string gid);
    public abstract Task<bool> SessionLives(string database, string id);
    /// <summary>Copies of a database that are no finished checkpoint.</summary>
    public abstract Task<IReadOnlyList<string>> Strays();
    /// <summary>While the console is dead its recovery must not be done for it: SQLite is looked at in a copy.</summary>
    public virtual void Dead(bool dead) { }

    public async Task Make(string template)
    {
        foreach (var file in Directory.GetFiles(template, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(template, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        foreach (var database in Databases)
        {
            await MakeDatabase(database);
            var releases = Directory.CreateDirectory(Path.Combine(folder, "releases", database)).FullName;
            foreach (var (file, sql) in Releases(database))
            {
                await File.WriteAllTextAsync(Path.Combine(releases, file + ".up.sql"), sql + "\n");
                await File.WriteAllTextAsync(Path.Combine(releases, file + ".down.sql"), "select 1;\n");
            }
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), Configuration(Databases.ToDictionary(d => d, Connection), DepositSql));
    }

    private (string File, string Sql)[] Releases(string database)
    {
        var index = plan.Way == ReleaseWay.AtOnce ? "index" : $"index {Concurrently}";
        var mark = plan.Way switch { ReleaseWay.AtOnce => "", ReleaseWay.InSteps => "-- opsconsole: no-transaction\n", _ => "-- opsconsole: no-transaction\n-- opsconsole: repeatable\n" };
        var again = plan.Way == ReleaseWay.Repeatable ? " if not exists" : "";
        var (begin, next) = database == "members" ? ("4_begin", "5_reserve") : ("6_begin", "7_mirror");
        return [(begin, "select 1"), (next, $"{mark}create table{again} later (id int not null primary key, word text);\ncreate {index}{again} later_word on later (word);\ninsert into later (id, word) select 1, 'five' where not exists (select 1 from later);")];
    }

    /// <summary>The same for both engines, so that people and keys are made once.</summary>
    public static string Configuration(IReadOnlyDictionary<string, object> databases, string deposit) => JsonSerializer.Serialize(new
    {
        OpsConsole = new
        {
            Store = new { Provider = "Sqlite", ConnectionString = "Data Source=data/opsconsole.db" },
            DataDirectory = "data",
            Policy = new { RequireRehearsal = false, Drain = new { Seconds = 0, Then = "End" } },
            Estate = new
            {
                Name = "Lap",
                Databases = databases,
                Sites = new Dictionary<string, object> { ["members"] = new { Databases = new[] { "members" }, LeaseSeconds = 5 }, ["forum"] = new { Databases = new[] { "forum", "members" }, LeaseSeconds = 5 } },
                Contracts = new object[]
                {
                    new { Database = "forum", Versions = ">=7", Requires = new { members = ">=5" } },
                    new { Database = "members", Versions = ">=5", Requires = new { forum = ">=7" } },
                },
                // Where a person has the word the window stands still, and what came of the step before can be looked at.
                Tasks = new[] { "freeze", "closeDatabases", "checkpoint", "release" }.Select(after => new { Title = $"Look after {after}", After = after, Who = "Operator" }),
                Checks = new Dictionary<string, object> { ["money"] = new { Equal = new { Before = new { Database = "members", Sql = "select sum(balance) from accounts" } } } },
                TransactionKinds = new Dictionary<string, object>
                {
                    ["deposit"] = new
                    {
                        Fields = new Dictionary<string, object> { ["account"] = "Integer", ["amount"] = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "1000.00" } },
                        OrderKey = "account",
                        SecondPersonAbove = 500,
                        Legs = new[] { new { Database = "members", Sql = deposit, Rows = 1 } },
                    },
                },
            },
        },
    });

    public static object Releases(string database, string engine, string connection) => new { Engine = engine, ConnectionString = connection, Releases = new { Path = $"releases/{database}", Layout = "GolangMigrate" } };

    public Task<string?> Version(string database) => Text(database, "select version || case when dirty then ' torn' else '' end from schema_migrations");
    public async Task<long?> Money() => await Text("members", "select sum(balance) from accounts") is { } sum ? long.Parse(sum, System.Globalization.CultureInfo.InvariantCulture) : null;
    public async Task<long?> Marked() => await Text("members", $"select count(*) from {Markers}") is { } count ? long.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>A writer whom no door keeps out. False: not even it gets in.</summary>
    public async Task<bool> WriteFromOutside(string database) => await Text(database, "insert into notes (word) values ('from outside') returning word") is not null;

    /// <summary>The process is known to be dead; in life its lease would have to run out first.</summary>
    public void ForgetLease() => StoreText("update Leases set ExpiresAt = 0 returning Name");

    public string? StoreText(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Store};Pooling=False;Default Timeout=20");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(folder, true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
