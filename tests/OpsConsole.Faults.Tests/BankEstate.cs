using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>One row of the bank's ledger. The table lets a reference come twice, so that a second booking would be seen and not refused.</summary>
public sealed record Booking(long Number, int Account, decimal Amount, string Reference);

/// <summary>A bank with a database on a server and a till in a file, and a console with its people: an operator, an approver and reviewers.</summary>
public sealed class BankEstate : IAsyncDisposable
{
    public const decimal Opening = 100.00m;
    public static readonly string[] Databases = ["bank", "till"];
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-bank-").FullName;
    private readonly PostgreSqlServer server;
    private readonly string suffix = Guid.NewGuid().ToString("N")[..8];

    public ConsoleProcess Console { get; }
    public string Operator { get; private set; } = "";
    public string Approver { get; private set; } = "";
    public IReadOnlyList<string> Reviewers { get; private set; } = [];
    public string Site { get; private set; } = "";

    private BankEstate(PostgreSqlServer server)
    {
        this.server = server;
        Console = new ConsoleProcess(Path.Combine(folder, "appsettings.json"), folder);
    }

    /// <summary>The accounts of a database: each has its own, so that no order key is common to both.</summary>
    public static IReadOnlyList<int> Accounts(string database) => [.. Enumerable.Range(database == "bank" ? 1 : 1_001, database == "bank" ? 200 : 50)];

    private string Real => $"bank_{suffix}";
    private string Role => $"bank_app_{suffix}";
    private string File => Path.Combine(folder, "till.db");
    private static bool IsFile(string database) => database == "till";
    // SQLite has no decimal: there it is kept in cents, and the bound text is turned into them without a binary fraction in between.
    private static string Bound(string database) => IsFile(database) ? "cast(replace(@amount, '.', '') as integer)" : "@amount";

    public static async Task<BankEstate> Make(PostgreSqlServer server, int reviewers = 4)
    {
        var estate = new BankEstate(server);
        await server.Run("postgres", $"create database {estate.Real}", $"create role {estate.Role} login");
        foreach (var database in Databases) { await estate.MakeDatabase(database); }
        await server.Run(estate.Real, $"grant all on all tables in schema public to {estate.Role}");
        await System.IO.File.WriteAllTextAsync(Path.Combine(estate.folder, "appsettings.json"), estate.Configuration());
        // The first command makes the store, the others come at one time.
        estate.Operator = await estate.Person("olga", "Operator");
        var rest = await Task.WhenAll([estate.Person("anton", "Approver"), estate.Console.Command(null, "keys", "add", "bank-key", "--site", "bank"), .. Enumerable.Range(1, reviewers).Select(r => estate.Person($"rosa{r}", "Reviewer"))]);
        (estate.Approver, estate.Site, estate.Reviewers) = (rest[0], rest[1], rest[2..]);
        return estate;
    }

    private async Task MakeDatabase(string database)
    {
        var (money, serial, opening) = IsFile(database) ? ("integer", "integer", "10000") : ("numeric(14,2)", "bigserial", "100.00");
        await Execute(database, $"create table accounts (id integer primary key, balance {money} not null)");
        await Execute(database, $"create table ledger (n {serial} primary key, account integer not null, amount {money} not null, reference text not null)");
        await Execute(database, "create table schema_migrations (version bigint primary key, dirty boolean not null)");
        await Execute(database, "insert into schema_migrations values (1, false)");
        await Execute(database, $"insert into accounts values {string.Join(", ", Accounts(database).Select(a => $"({a.ToString(CultureInfo.InvariantCulture)}, {opening})"))}");
        var releases = Directory.CreateDirectory(Path.Combine(folder, "releases", database)).FullName;
        foreach (var (name, sql) in new[] { ("1_begin", "select 1;\n"), ("2_note", "alter table accounts add column note text;\n") })
        {
            await System.IO.File.WriteAllTextAsync(Path.Combine(releases, name + ".up.sql"), sql);
            await System.IO.File.WriteAllTextAsync(Path.Combine(releases, name + ".down.sql"), "select 1;\n");
        }
    }

    private async Task<string> Person(string name, string role)
    {
        await Console.Command("correct horse battery staple", "users", "add", name, "--role", role, "--password-stdin");
        return await Console.Command(null, "keys", "add", name + "-key", "--user", name, "--step-up");
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
                Name = "Bank",
                Databases = new Dictionary<string, object>
                {
                    ["bank"] = new { Engine = "PostgreSql", ConnectionString = server.ConnectionString(Real), AdminDatabase = "postgres", SiteRoles = new[] { Role }, Releases = Releases("bank") },
                    ["till"] = new { Engine = "Sqlite", ConnectionString = $"Data Source={File}", Releases = Releases("till") },
                },
                Sites = new Dictionary<string, object>
                {
                    ["bank"] = new { Databases, LeaseSeconds = 5, Staff = new { Users = new[] { "ada" }, Addresses = new[] { "10.1.0.0/16" } } },
                    ["lobby"] = new { Databases = new[] { "till" }, LeaseSeconds = 60 },
                },
                TransactionKinds = Databases.ToDictionary(d => d, d => new
                {
                    Fields = new Dictionary<string, object> { ["account"] = "Integer", ["amount"] = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "1000.00" } },
                    OrderKey = "account",
                    Legs = new[]
                    {
                        new { Database = d, Sql = $"update accounts set balance = balance + {Bound(d)} where id = @account", Rows = 1 },
                        new { Database = d, Sql = $"insert into ledger (account, amount, reference) values (@account, {Bound(d)}, @key)", Rows = 1 },
                    },
                    Evidence = new Dictionary<string, object> { ["Balance"] = new { Database = d, Sql = "select balance from accounts where id = @account" } },
                }),
            },
        },
    });

    private static object Releases(string database) => new { Path = $"releases/{database}", Layout = "GolangMigrate" };

    /// <summary>A window that has run its releases and stands in review.</summary>
    public static async Task<string> Review(HttpClient olga, HttpClient anton)
    {
        var window = (await olga.Say("api/v1/windows", new { name = "bank night", to = new { bank = "2", till = "2" } })).GetProperty("id").GetString()!;
        await anton.Say($"api/v1/windows/{window}/approve");
        await olga.Say($"api/v1/windows/{window}/start");
        var seen = await olga.Until(window, "reviewing", "needsDecision");
        Assert.True(seen.GetProperty("status").GetString() == "reviewing", seen.ToString());
        return window;
    }

    public Task<List<Booking>> Ledger(string database) => Read(database, "select n, account, amount, reference from ledger order by n",
        r => new Booking(r.GetInt64(0), r.GetInt32(1), Amount(database, r, 2), r.GetString(3)));

    public async Task<Dictionary<int, decimal>> Balances(string database) =>
        (await Read(database, "select id, balance from accounts", r => (Id: r.GetInt32(0), Balance: Amount(database, r, 1)))).ToDictionary(a => a.Id, a => a.Balance);

    /// <summary>The keys whose marker the database carries.</summary>
    public Task<List<string>> Applied(string database) => Read(database, $"select key from {(IsFile(database) ? "opsconsole_applied" : "opsconsole.applied")}", r => r.GetString(0).Split('/')[^1]);

    public Task<string?> Text(string sql) => server.Text(Real, sql);

    public Task Run(string sql) => server.Run(Real, sql);

    /// <summary>The database lets nobody in any more and ends whoever is there, the console included.</summary>
    public Task ShutAll() => server.Run("postgres", $"alter database {Real} allow_connections false", $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Real}'");

    public Task LetAllIn() => server.Run("postgres", $"alter database {Real} allow_connections true");

    private static decimal Amount(string database, DbDataReader row, int column) => IsFile(database) ? row.GetInt64(column) / 100m : row.GetDecimal(column);

    private async Task Execute(string database, string sql)
    {
        await using var connection = await Open(database);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<T>> Read<T>(string database, string sql, Func<DbDataReader, T> read)
    {
        await using var connection = await Open(database);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) { rows.Add(read(reader)); }
        return rows;
    }

    private async Task<DbConnection> Open(string database)
    {
        if (!IsFile(database)) { return await server.Connect(Real); }
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await Console.DisposeAsync();
        Directory.Delete(folder, true);
    }
}
