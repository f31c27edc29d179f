using System.Diagnostics;
using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>Two PostgreSQL databases made by pgbench, golang-migrate releases that must go together, a console with its people, and clients as site roles.</summary>
public sealed class NightEstate : IAsyncDisposable
{
    public static readonly string[] Databases = ["members", "forum"];
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-night-").FullName;
    private readonly PostgreSqlServer server;
    private readonly string suffix = Guid.NewGuid().ToString("N")[..8];
    private bool looks;
    public ConsoleProcess Console { get; }
    public string Operator { get; private set; } = "";
    public string Approver { get; private set; } = "";
    public string Reviewer { get; private set; } = "";
    public string Site { get; private set; } = "";

    private NightEstate(PostgreSqlServer server)
    {
        this.server = server;
        Console = new ConsoleProcess(Path.Combine(folder, "appsettings.json"), folder);
    }

    public string Real(string database) => $"night_{database}_{suffix}";
    public string Role(string database) => $"{database}_app_{suffix}";

    /// <param name="failing">a release fails</param>
    /// <param name="looks">each window stops for a person's task between the checkpoint and the first release</param>
    public static async Task<NightEstate> Make(PostgreSqlServer server, int scale, bool failing = false, bool looks = false)
    {
        var estate = new NightEstate(server) { looks = looks };
        foreach (var database in Databases) { await estate.MakeDatabase(database, scale, failing && database == "forum"); }
        await File.WriteAllTextAsync(Path.Combine(estate.folder, "appsettings.json"), estate.Configuration());
        const string password = "correct horse battery staple";
        foreach (var (name, role) in new[] { ("olga", "Operator"), ("anton", "Approver"), ("rosa", "Reviewer") })
        {
            await estate.Console.Command(password, "users", "add", name, "--role", role, "--password-stdin");
        }
        estate.Operator = await estate.Console.Command(null, "keys", "add", "olga-key", "--user", "olga", "--step-up");
        estate.Approver = await estate.Console.Command(null, "keys", "add", "anton-key", "--user", "anton", "--step-up");
        estate.Reviewer = await estate.Console.Command(null, "keys", "add", "rosa-key", "--user", "rosa");
        estate.Site = await estate.Console.Command(null, "keys", "add", "members-key", "--site", "members");
        return estate;
    }

    private async Task MakeDatabase(string database, int scale, bool failing)
    {
        var (name, role) = (Real(database), Role(database));
        await server.Run("postgres", $"create database {name}", $"create role {role} login");
        var (exit, text) = await Tool("pgbench", ["-i", "-q", "-s", $"{scale}", "-h", "127.0.0.1", "-p", $"{server.Port}", "-U", "console", name]);
        Assert.True(exit == 0, text);
        await server.Run(name,
            $"grant all on all tables in schema public to {role}", "create table schema_migrations (version bigint primary key, dirty boolean not null)",
            $"insert into schema_migrations values ({(database == "members" ? 4 : 6)}, false)");
        var releases = Directory.CreateDirectory(Path.Combine(folder, "releases", database)).FullName;
        foreach (var (file, sql) in database == "members"
            ? new[] { ("4_begin", "select 1"), ("5_reserve", "alter table pgbench_accounts add column reserved int not null default 0;\nupdate pgbench_branches set filler = 'five';") }
            : [("6_begin", "select 1"), ("7_mirror", failing ? "alter table pgbench_tellers add column mirror int;\nselect 1/0;" : "alter table pgbench_tellers add column mirror int;\ncreate index teller_mirror on pgbench_tellers(mirror);")])
        {
            await File.WriteAllTextAsync(Path.Combine(releases, file + ".up.sql"), sql + "\n");
            await File.WriteAllTextAsync(Path.Combine(releases, file + ".down.sql"), "select 1;\n");
        }
    }

    private string Configuration() => JsonSerializer.Serialize(new
    {
        OpsConsole = new
        {
            Store = new { Provider = "Sqlite", ConnectionString = "Data Source=data/opsconsole.db" },
            DataDirectory = "data",
            Policy = new { RequireRehearsal = false, Drain = new { Seconds = 1, Then = "End" } },
            Estate = new
            {
                Name = "Night",
                Databases = Databases.ToDictionary(d => d, d => new
                {
                    Engine = "PostgreSql",
                    ConnectionString = server.ConnectionString(Real(d)),
                    AdminDatabase = "postgres",
                    SiteRoles = new[] { Role(d) },
                    Releases = new { Path = $"releases/{d}", Layout = "Auto" },
                }),
                Sites = new Dictionary<string, object>
                {
                    ["members"] = new { Databases = new[] { "members" }, LeaseSeconds = 5 },
                    ["forum"] = new { Databases = new[] { "forum", "members" }, LeaseSeconds = 5 },
                },
                Contracts = new object[]
                {
                    new { Database = "forum", Versions = ">=7", Requires = new { members = ">=5" } },
                    new { Database = "members", Versions = ">=5", Requires = new { forum = ">=7" } },
                },
                Tasks = looks ? [new { Title = "Look at the closed databases", After = "checkpoint", Who = "Operator" }] : Array.Empty<object>(),
                Checks = new Dictionary<string, object> { ["money"] = new { Equal = new { Before = new { Database = "members", Sql = "select sum(abalance) from pgbench_accounts" } } } },
                TransactionKinds = new Dictionary<string, object>
                {
                    ["deposit"] = new
                    {
                        Fields = new Dictionary<string, object> { ["account"] = "Integer", ["amount"] = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "100000.00" } },
                        OrderKey = "account",
                        SecondPersonAbove = 1000,
                        Legs = new[] { new { Database = "members", Sql = "update pgbench_accounts set abalance = abalance + (@amount * 100)::int where aid = @account", Rows = 1 } },
                        Evidence = new Dictionary<string, object> { ["Balance"] = new { Database = "members", Sql = "select abalance from pgbench_accounts where aid = @account" } },
                    },
                },
            },
        },
    });

    /// <summary>Clients as a site's role until they are shut out.</summary>
    public Process Clients(string database, int seconds)
    {
        var start = new ProcessStartInfo("pgbench") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var word in new[] { "-n", "-c", "4", "-T", $"{seconds}", "-h", "127.0.0.1", "-p", $"{server.Port}", "-U", Role(database), Real(database) }) { start.ArgumentList.Add(word); }
        var clients = Process.Start(start)!;
        clients.BeginErrorReadLine();
        clients.BeginOutputReadLine();
        return clients;
    }

    public Task<string?> Text(string database, string sql) => server.Text(Real(database), sql);

    /// <summary>The database as a dump, without the console's own schema and without what names the moment.</summary>
    public async Task<string?> Dump(string database)
    {
        var (exit, text) = await Tool("pg_dump", ["-N", "opsconsole", "-h", "127.0.0.1", "-p", $"{server.Port}", "-U", "console", Real(database)]);
        Assert.True(exit == 0, text);
        return string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("\\restrict", StringComparison.Ordinal) && !l.StartsWith("\\unrestrict", StringComparison.Ordinal)));
    }

    /// <summary>Effective rights, owner, limit, settings and comment of the database.</summary>
    public async Task<string?> Shell(string database) => await server.Text("postgres", $"""
        select string_agg(x, ' ' order by x) from (
          select 'acl ' || a.grantee::regrole::text || a.privilege_type from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = '{Real(database)}'
          union all select 'owner ' || datdba::regrole::text || ' limit ' || datconnlimit || ' allow ' || datallowconn from pg_database where datname = '{Real(database)}'
          union all select 'setting ' || coalesce(s.setrole::regrole::text, '') || s.setconfig::text from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = '{Real(database)}') t(x)
        """);

    private static async Task<(int Exit, string Text)> Tool(string name, IReadOnlyList<string> words)
    {
        var program = Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin", name)).FirstOrDefault(File.Exists) ?? name;
        using var tool = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = tool.StandardError.ReadToEndAsync();
        var text = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        return (tool.ExitCode, tool.ExitCode == 0 ? text : text + await errors);
    }

    public async ValueTask DisposeAsync()
    {
        await Console.DisposeAsync();
        Directory.Delete(folder, true);
    }
}
