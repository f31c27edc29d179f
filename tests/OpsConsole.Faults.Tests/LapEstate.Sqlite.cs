using Microsoft.Data.Sqlite;

namespace OpsConsole.Faults.Tests;

/// <summary>Two files in WAL mode, in a folder of their own.</summary>
public sealed class SqliteLapEstate(LapPlan plan, string folder) : LapEstate(plan, folder)
{
    private const string Closed = ".closed-by-opsconsole";
    private bool dead;

    protected override string DepositSql => "update accounts set balance = balance + cast(round(cast(@amount as numeric) * 100) as integer) where id = @account";
    protected override string Concurrently => "";
    protected override string Markers => "opsconsole_applied";

    private string Files => Path.Combine(Folder, "files");
    private string Copies => Path.Combine(Folder, "seen");
    private string Root => dead ? Copies : Files;
    private string Current(string database) => Path.Combine(Root, database + ".db" + Closed) is var closed && File.Exists(closed) ? closed : Path.Combine(Root, database + ".db");

    protected override Task MakeDatabase(string database)
    {
        Directory.CreateDirectory(Files);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Files, database + ".db")};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand($"""
            pragma journal_mode = wal;
            create table accounts (id integer primary key, balance integer not null);
            insert into accounts with recursive n(n) as (select 1 union all select n + 1 from n where n < 100) select n, 1000 from n;
            create table notes (id integer primary key, word text not null);
            insert into notes (word) values ('first');
            create table schema_migrations (version uint64, dirty bool);
            insert into schema_migrations values ({(database == "members" ? 4 : 6)}, false);
            """, connection);
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    protected override object Connection(string database) => Releases(database, "Sqlite", $"Data Source={Path.Combine(Files, database + ".db")}");

    public override Task<string?> Text(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Current(database)};Pooling=False;Mode=ReadWrite;Default Timeout=20");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        using var reader = command.ExecuteReader();
        return Task.FromResult(reader.Read() && !reader.IsDBNull(0) ? Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    public override async Task<string> Content(string database) => await Text(database, """
            select group_concat(x, ' ') from (select * from (
              select 'schema ' || sql as x from sqlite_schema where name not like 'opsconsole%' and sql is not null
              union all select 'account ' || id || '=' || balance from accounts union all select 'note ' || id || '=' || word from notes
              union all select 'history ' || version || dirty from schema_migrations) order by x)
            """) ?? "";

    /// <summary>The file's rights, and the journal mode in which the site left it.</summary>
    public override async Task<string> Shell(string database) =>
        $"{(OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(Current(database)))} {await Text(database, "pragma journal_mode")} {await Text(database, "pragma user_version")}";

    public override Task<bool> SiteGetsIn(string database) => Task.FromResult(File.Exists(Path.Combine(Root, database + ".db")));
    public override Task<string?> LeaveSession(string database) => Task.FromResult<string?>(null);
    public override Task<string?> LeavePrepared(string database, string note) => Task.FromResult<string?>(null);
    public override Task<bool> PreparedWaits(string gid) => Task.FromResult(false);
    public override Task<bool> SessionLives(string database, string id) => Task.FromResult(false);

    public override Task<IReadOnlyList<string>> Strays() => Task.FromResult<IReadOnlyList<string>>([
        .. Directory.GetFiles(Files).Select(f => Path.GetFileName(f)).Where(f => !Databases.Any(d => Known(f, d + ".db") || Known(f, d + ".db" + Closed))),
        .. Directory.GetFiles(Path.Combine(Folder, "data", "checkpoints"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".db", StringComparison.Ordinal)),
    ]);

    private static bool Known(string file, string name) => file == name || file == name + "-wal" || file == name + "-shm" || file == name + "-journal";

    public override void Dead(bool dead)
    {
        this.dead = false;
        if (!dead) { return; }
        if (Directory.Exists(Copies)) { Directory.Delete(Copies, true); }
        Directory.CreateDirectory(Copies);
        foreach (var file in Directory.GetFiles(Files)) { File.Copy(file, Path.Combine(Copies, Path.GetFileName(file))); }
        this.dead = true;
    }
}
