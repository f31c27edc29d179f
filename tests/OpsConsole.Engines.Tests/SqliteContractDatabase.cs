using System.Globalization;
using Microsoft.Data.Sqlite;
using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

public sealed class SqliteContractDatabase : ContractDatabase
{
    private readonly string folder;

    private SqliteContractDatabase(string folder) => this.folder = folder;

    public string DataFile => Path.Combine(folder, "it's a site.db");
    public string ClosedFile => DataFile + ".closed-by-opsconsole";
    public string CheckpointDirectory => Path.Combine(folder, "checkpoints");

    public static async Task<SqliteContractDatabase> Create(string journalMode = "wal")
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-sqlite").FullName;
        var releases = Directory.CreateDirectory(Path.Combine(folder, "releases")).FullName;
        var settings = new DatabaseSettings("members", EngineKind.Sqlite, new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "it's a site.db") }.ConnectionString, "",
            CloseMethod.Connect, [], releases, ReleaseLayout.Auto, Path.Combine(folder, "checkpoints"), "node", CommandSeconds: 5, LockSeconds: 2);
        var database = new SqliteContractDatabase(folder) { Managed = ManagedDatabases.Open(settings), ReleasePath = releases };
        await using (var site = database.Connect(SqliteOpenMode.ReadWriteCreate)) { Execute(site, $"pragma journal_mode = {journalMode}"); }
        foreach (var sql in EngineContract.Schema) { await database.AsSite(sql); }
        return database;
    }

    public SqliteConnection Connect(SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DataFile, Mode = mode, Pooling = false, DefaultTimeout = 2 }.ConnectionString);
        connection.Open();
        return connection;
    }

    public static string? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public override async Task AsSite(string sql) => await AskAsSite(sql);

    public override async Task<string?> AskAsSite(string sql)
    {
        await using var connection = Connect();
        return Execute(connection, sql);
    }

    public override IManagedDatabase Down() =>
        ManagedDatabases.Open(Managed.Settings with { ConnectionString = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "gone.db") }.ConnectionString });

    public override async ValueTask DisposeAsync()
    {
        await Managed.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
