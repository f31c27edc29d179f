using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    /// <param name="Columns">by which tools that use one name are told apart</param>
    /// <param name="Applied">{0} the table: one text per version, oldest first</param>
    /// <param name="Failed">one text per failure; null where the tool keeps no record of failures</param>
    /// <param name="Lock">one text per lock that is held; null where the tool writes none that could be read</param>
    private sealed record Reader(string Tool, string Table, string[] Columns, string Applied, string? Failed = null, string? Lock = null);

    private const string OwnPlain = "plain";

    // The order decides where a database has several.
    private static readonly Reader[] Readers =
    [
        new("golang-migrate", "schema_migrations", ["version", "dirty"], "select version from {0} where version >= 0", "select 'version ' || version || ' is marked dirty: it began and did not end' from {0} where dirty"),
        new("Flyway", "flyway_schema_history", ["installed_rank", "version", "success"], "select version from {0} where version is not null and success and type <> 'DELETE' order by installed_rank",
            "select coalesce(version, script) || ' failed' from {0} where not success order by installed_rank"),
        new("EF Core", "__EFMigrationsHistory", ["MigrationId", "ProductVersion"], "select MigrationId from {0} order by MigrationId", Lock: "select 'taken at ' || Timestamp from __EFMigrationsLock"),
        new("sqlx", "_sqlx_migrations", ["version", "success"], "select version from {0} where success order by version", "select 'version ' || version || ' failed' from {0} where not success order by version"),
        new("Prisma", "_prisma_migrations", ["migration_name", "finished_at", "rolled_back_at"], "select migration_name from {0} where finished_at is not null and rolled_back_at is null order by started_at",
            "select migration_name || ' began and did not end' from {0} where finished_at is null and rolled_back_at is null order by started_at"),
        new("Liquibase", "DATABASECHANGELOG", ["ID", "AUTHOR", "FILENAME"], "select ID || ' by ' || AUTHOR from {0} order by DATEEXECUTED, ORDEREXECUTED",
            Lock: "select 'held by ' || coalesce(LOCKEDBY, 'nobody named') from DATABASECHANGELOGLOCK where LOCKED"),
        new("Alembic", "alembic_version", ["version_num"], "select version_num from {0} order by version_num"),
        new("Diesel", "__diesel_schema_migrations", ["version", "run_on"], "select version from {0} order by version"),
        new("Goose", "goose_db_version", ["id", "version_id", "is_applied"], "select version_id from {0} where is_applied and version_id > 0 order by id"),
        new("Django", "django_migrations", ["app", "name", "applied"], "select app || '.' || name from {0} order by applied, id"),
        new("Knex", "knex_migrations", ["name", "batch", "migration_time"], "select name from {0} order by id", Lock: "select 'is_locked is set' from knex_migrations_lock where is_locked"),
        new("Laravel", "migrations", ["migration", "batch"], "select migration from {0} order by batch, migration"),
        new("DbUp", "SchemaVersions", ["ScriptName", "Applied"], "select ScriptName from {0} order by ScriptName"),
        new("Rails", "schema_migrations", ["version"], "select version from {0} order by version"),
        new(OwnPlain, OwnHistory, ["version", "sha256"], "select version from {0} order by rowid", "select 'version ' || version || ' began and did not end' from opsconsole_started order by started_at", "select 1 where 0"),
    ];

    public Task<SchemaHistory> ReadHistory(CancellationToken token) => Read(connection =>
    {
        var tables = Column(connection, "select name from sqlite_schema where type = 'table'").ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var reader in Readers.Where(r => tables.Contains(r.Table)))
        {
            var columns = Column(connection, "select name from pragma_table_info(@table)", new Parameter("table", reader.Table)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (!reader.Columns.All(columns.Contains) || (Settings.Layout == ReleaseLayout.Plain && reader.Tool != OwnPlain)) { continue; }
            List<string> Ask(string sql) => Column(connection, sql.Replace("{0}", Quoted(reader.Table), StringComparison.Ordinal));
            var applied = Ask(reader.Applied);
            var failed = reader.Failed is null ? null : Ask(reader.Failed);
            // The console's own empty table is there from the first fence on, and says of no tool.
            if (reader.Tool == OwnPlain && applied.Count == 0 && failed is [] && Settings.Layout != ReleaseLayout.Plain) { continue; }
            var locks = reader.Lock is null ? null : LockTableIsThere(reader, tables) ? Ask(reader.Lock) : [];
            return new SchemaHistory(reader.Tool, applied.Count == 0 ? null : applied[^1], applied, ToLamp(failed, $"{reader.Tool} keeps no record of failures"), ToLamp(locks, $"{reader.Tool} writes no lock that could be read here"));
        }
        const string none = "no migration tool's history was found";
        return new SchemaHistory(null, null, [], Lamp.CannotTell(none), Lamp.CannotTell(none));
    }, token);

    private static bool LockTableIsThere(Reader reader, HashSet<string> tables) => reader.Tool switch
    {
        "EF Core" => tables.Contains("__EFMigrationsLock"),
        "Liquibase" => tables.Contains("DATABASECHANGELOGLOCK"),
        "Knex" => tables.Contains("knex_migrations_lock"),
        _ => true,
    };

    private static Lamp ToLamp(List<string>? facts, string untold) =>
        facts is null ? Lamp.CannotTell(untold) : facts.Count > 0 ? Lamp.Yes(string.Join("; ", facts)) : Lamp.No;
}
