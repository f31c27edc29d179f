using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    private enum LockRecord { Advisory, Untold }

    /// <param name="Applied">in SQL, {0} the table: one text per version, oldest first</param>
    /// <param name="Failed">in SQL: one text per failure; null where the tool keeps no record of failures</param>
    private sealed record Reader(string Tool, string Table, string[] Columns, string Applied, string? Failed, LockRecord Lock, bool FailedIsPartial = false);

    private const string OwnPlain = "plain";

    // Told apart by their columns, because several tools use the same name. Order decides where a database has several.
    private static readonly Reader[] Readers =
    [
        new("golang-migrate", "schema_migrations", ["version", "dirty"], "select version::text from {0} where version >= 0",
            "select 'version ' || version || ' is marked dirty: it began and did not end' from {0} where dirty", LockRecord.Advisory),
        new("Flyway", "flyway_schema_history", ["installed_rank", "version", "success"],
            "select version::text from {0} where version is not null and success and type not in ('DELETE', 'UNDO_SQL') order by installed_rank",
            "select coalesce(version, script) || ' failed' from {0} where not success order by installed_rank", LockRecord.Untold, FailedIsPartial: true),
        new("EF Core", "__EFMigrationsHistory", ["MigrationId", "ProductVersion"], "select \"MigrationId\"::text from {0} order by \"MigrationId\"", null, LockRecord.Untold),
        new("sqlx", "_sqlx_migrations", ["version", "success"], "select version::text from {0} where success order by version",
            "select 'version ' || version || ' failed' from {0} where not success order by version", LockRecord.Advisory),
        new("Prisma", "_prisma_migrations", ["migration_name", "finished_at", "rolled_back_at"],
            "select migration_name::text from {0} where finished_at is not null and rolled_back_at is null order by started_at",
            "select migration_name || ' began and did not end' from {0} where finished_at is null and rolled_back_at is null order by started_at", LockRecord.Advisory),
        new("Alembic", "alembic_version", ["version_num"], "select version_num::text from {0} order by version_num", null, LockRecord.Untold),
        new("Diesel", "__diesel_schema_migrations", ["version", "run_on"], "select version::text from {0} order by version", null, LockRecord.Untold),
        new("Goose", "goose_db_version", ["id", "version_id", "is_applied"], "select version_id::text from {0} where is_applied and version_id > 0 order by id", null, LockRecord.Untold),
        new("Django", "django_migrations", ["app", "name", "applied"], "select app || '.' || name from {0} order by applied, id", null, LockRecord.Untold),
        new("Knex", "knex_migrations", ["name", "batch", "migration_time"], "select name::text from {0} order by id", null, LockRecord.Untold),
        new("Rails", "schema_migrations", ["version"], "select version::text from {0} order by version", null, LockRecord.Advisory),
        new(OwnPlain, "plain_history", ["version", "sha256"], "select version from {0} order by applied_at, version", "select 'version ' || version || ' began and did not end' from opsconsole.started order by at", LockRecord.Untold),
    ];

    public Task<SchemaHistory> ReadHistory(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        return await ReadHistoryOf(connection, token);
    });

    private async Task<SchemaHistory> ReadHistoryOf(NpgsqlConnection connection, CancellationToken token)
    {
        var tables = await Rows(connection, """
            select n.nspname::text, c.relname::text, array_agg(a.attname::text)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind in ('r', 'p') and c.relname = any($1) and (n.nspname <> 'opsconsole' or c.relname = 'plain_history') group by n.nspname, c.relname order by n.nspname <> 'public', n.nspname
            """, r => (Schema: r.GetString(0), Table: r.GetString(1), Columns: r.GetFieldValue<string[]>(2)), token, (object)Readers.Select(r => r.Table).Distinct().ToArray());
        var found = Readers
            .SelectMany(reader => tables.Where(t => t.Table == reader.Table && reader.Columns.All(t.Columns.Contains)).Select(t => (Reader: reader, t.Schema)))
            .Where(f => Settings.Layout switch
            {
                ReleaseLayout.GolangMigrate => f.Reader.Tool == "golang-migrate",
                ReleaseLayout.Plain => f.Reader.Tool == OwnPlain,
                _ => true,
            }).ToList();
        foreach (var (reader, schema) in found)
        {
            var table = $"{PostgreSqlText.Name(schema)}.{PostgreSqlText.Name(reader.Table)}";
            var applied = await Rows(connection, reader.Applied.Replace("{0}", table, StringComparison.Ordinal), r => r.GetString(0), token);
            var failed = await FailedLamp(connection, reader, table, token);
            // The console's own empty table says nothing where another tool may come yet.
            if (reader.Tool == OwnPlain && applied.Count == 0 && failed.State == LampState.No && Settings.Layout != ReleaseLayout.Plain) { continue; }
            return new SchemaHistory(reader.Tool, applied.Count == 0 ? null : applied[^1], applied, failed, await LockLamp(connection, reader, token));
        }
        return new SchemaHistory(null, null, [], Lamp.CannotTell("no migration tool's history was found"), Lamp.CannotTell("no migration tool's history was found"));
    }

    private static async Task<Lamp> FailedLamp(NpgsqlConnection connection, Reader reader, string table, CancellationToken token)
    {
        if (reader.Failed is null) { return Lamp.CannotTell($"{reader.Tool} keeps no record of failures"); }
        var failures = await Rows(connection, reader.Failed.Replace("{0}", table, StringComparison.Ordinal), r => r.GetString(0), token);
        return failures.Count > 0 ? Lamp.Yes(string.Join("; ", failures))
            : reader.FailedIsPartial ? Lamp.CannotTell($"{reader.Tool} leaves no row for a release that failed in its transaction")
            : Lamp.No;
    }

    private static async Task<Lamp> LockLamp(NpgsqlConnection connection, Reader reader, CancellationToken token)
    {
        if (reader.Tool == OwnPlain) { return Lamp.No; }
        if (reader.Lock == LockRecord.Untold) { return Lamp.CannotTell($"{reader.Tool} writes no lock that could be read here"); }
        var holders = await Rows(connection, $"""
            select 'session ' || pid || ' holds an advisory lock, as {reader.Tool} does while it runs' from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and l.granted and a.datname = current_database() and not coalesce({OwnSession}, false) order by pid
            """, r => r.GetString(0), token);
        return holders.Count > 0 ? Lamp.Yes(string.Join("; ", holders)) : Lamp.No;
    }
}
