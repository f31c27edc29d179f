using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>A console with one database, a site, and people who may review and approve.</summary>
internal sealed class Estate : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-bench-").FullName;
    public Web Console { get; }
    public string Site { get; private set; } = "";
    public string Reviewer { get; private set; } = "";
    public string Approver { get; private set; } = "";
    public string Store => Path.Combine(folder, "data", "opsconsole.db");
    public string Folder => folder;

    private Estate() => Console = Web.Console(folder);

    /// <param name="server">null: the database is a SQLite file</param>
    public static async Task<Estate> Start(PostgreSqlServer? server = null, string database = "")
    {
        var estate = new Estate();
        var releases = Directory.CreateDirectory(Path.Combine(estate.folder, "releases")).FullName;
        await File.WriteAllTextAsync(Path.Combine(releases, "1_begin.up.sql"), "select 1;\n");
        object connection = new { Engine = "PostgreSql", ConnectionString = server?.ConnectionString(database), AdminDatabase = "postgres", SiteRoles = new[] { "bank_app" }, Releases = new { Path = "releases" } };
        if (server is null)
        {
            var file = Path.Combine(estate.folder, "bank.db");
            await using var bank = new SqliteConnection($"Data Source={file}");
            await bank.OpenAsync();
            await using var make = bank.CreateCommand();
            make.CommandText = "create table pgbench_accounts(aid integer primary key, abalance integer)";
            await make.ExecuteNonQueryAsync();
            connection = new { Engine = "Sqlite", ConnectionString = $"Data Source={file}", Releases = new { Path = "releases" } };
        }
        await File.WriteAllTextAsync(Path.Combine(estate.folder, "appsettings.json"), Configuration(connection));
        const string password = "correct horse battery staple";
        await Web.Command(estate.folder, password, "users", "add", "rosa", "--role", "Reviewer", "--password-stdin");
        await Web.Command(estate.folder, password, "users", "add", "anton", "--role", "Approver", "--password-stdin");
        estate.Reviewer = await Web.Command(estate.folder, null, "keys", "add", "rosa-key", "--user", "rosa", "--step-up");
        estate.Approver = await Web.Command(estate.folder, null, "keys", "add", "anton-key", "--user", "anton", "--step-up");
        estate.Site = await Web.Command(estate.folder, null, "keys", "add", "bank-key", "--site", "bank");
        await estate.Console.Start();
        return estate;
    }

    /// <summary>A transaction as the site posts it.</summary>
    public static string Deposit(long account, string amount) =>
        $$$"""{"kind":"deposit","fields":{"account":{{{account}}},"amount":{"value":"{{{amount}}}","currency":"EUR"}},"startedAt":"2025-11-17T02:29:58Z"}""";

    private static string Configuration(object database) => JsonSerializer.Serialize(new
    {
        OpsConsole = new
        {
            Store = new { Provider = "Sqlite", ConnectionString = "Data Source=data/opsconsole.db" },
            DataDirectory = "data",
            Policy = new { RequireRehearsal = false },
            Estate = new
            {
                Name = "Bench",
                Databases = new Dictionary<string, object> { ["bank"] = database },
                Sites = new Dictionary<string, object> { ["bank"] = new { Databases = new[] { "bank" } } },
                TransactionKinds = new Dictionary<string, object>
                {
                    ["deposit"] = new
                    {
                        Fields = new Dictionary<string, object> { ["account"] = "Integer", ["amount"] = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "100000.00" } },
                        OrderKey = "account",
                        SecondPersonAbove = 100,
                        Legs = new object[]
                        {
                            new { Database = "bank", Sql = "update pgbench_accounts set abalance = abalance + (@amount * 100)::int where aid = @account", Rows = 1 },
                            new { Database = "bank", Sql = "insert into pgbench_history(tid, bid, aid, delta, mtime) values (1, 1, @account, (@amount * 100)::int, now())", Rows = 1 },
                        },
                        Evidence = new Dictionary<string, object> { ["Balance"] = new { Database = "bank", Sql = "select abalance from pgbench_accounts where aid = @account" } },
                    },
                },
            },
        },
    });

    public async ValueTask DisposeAsync()
    {
        await Console.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}
