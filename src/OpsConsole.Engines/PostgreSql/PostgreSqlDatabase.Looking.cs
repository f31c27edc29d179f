using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    public Task<DatabaseFacts> Look(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        var rows = await Rows(connection, $"""
            select current_setting('server_version'), pg_database_size(current_database()),
                   pg_has_role(current_user, 'pg_read_all_stats', 'usage'),
                   count(pid)::int, (count(pid) filter (where state in ('active', 'fastpath function call')))::int,
                   extract(epoch from clock_timestamp() - min(xact_start))::float8,
                   (select count(*)::int from pg_prepared_xacts where database = current_database())
            from (select * from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and not ({OwnSession})) s
            """,
            r => (Version: r.GetString(0), Size: r.GetInt64(1), Known: r.GetBoolean(2), Sessions: r.GetInt32(3), Active: r.GetInt32(4), Oldest: NumberOf(r, 5), InDoubt: r.GetInt32(6)), token);
        var f = rows[0];
        return new DatabaseFacts(f.Version, f.Size, f.Known, f.Sessions, f.Known ? f.Active : null, f.Known ? f.Oldest : null, f.InDoubt);
    });

    public Task<ResultRows> Query(string sql, IReadOnlyList<Parameter> parameters, int maxRows, CancellationToken token) => Guard(async () =>
    {
        // One statement only: a second one could leave the read-only transaction that the first one runs in.
        if (PostgreSqlSplitter.Split(sql) is not { Count: 1 } statements)
        {
            throw new EngineFault("A query is exactly one statement.");
        }
        await using var connection = await OpenLook(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await Execute(connection, "set transaction read only", token);
        var result = await ReadText(connection, statements[0].Text, parameters, maxRows, token);
        await transaction.RollbackAsync(token);
        return result;
    });

    /// <summary>Every value as the server writes it; nothing passes through a type of ours.</summary>
    private static async Task<ResultRows> ReadText(NpgsqlConnection connection, string sql, IReadOnlyList<Parameter> parameters, int maxRows, CancellationToken token)
    {
        var (text, used) = PostgreSqlText.ToPositional(sql, parameters);
        await using var command = new NpgsqlCommand(text, connection) { AllResultTypesAreUnknown = true };
        foreach (var parameter in used) { command.Parameters.Add(PostgreSqlText.Bind(parameter)); }
        await using var reader = await command.ExecuteReaderAsync(token);
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        var rows = new List<IReadOnlyList<string?>>();
        while (await reader.ReadAsync(token))
        {
            if (rows.Count == maxRows)
            {
                command.Cancel();
                try { await reader.CloseAsync(); }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled) { } // the cancel above
                return new ResultRows(columns, rows, true);
            }
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => TextOf(reader, i))]);
        }
        return new ResultRows(columns, rows, false);
    }

    /// <summary>
    /// Moves when anybody has written: the tuple counters of every table outside the console's schema and of large objects, the place of each
    /// sequence, and the catalogue rows (their xmin moves with DDL, GRANT and TRUNCATE, not with autovacuum or autoanalyze).
    /// Sessions are not counted: the console's own come and go, and one that writes nothing does no harm.
    /// A session reports its counters at the latest when it ends; by the time of a checkpoint all of them have been ended.
    /// </summary>
    public Task<WriteMark> ReadWriteMark(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        await Execute(connection, "select pg_stat_clear_snapshot()", token);
        var mark = await Scalar<string>(connection, """
            with outside as (select oid from pg_namespace where nspname <> 'opsconsole' and nspname <> 'information_schema' and nspname !~ '^pg_'),
            entries as (
                select 'class' as kind, oid, xmin from pg_class where relnamespace in (select oid from outside)
                union all select 'type', oid, xmin from pg_type where typnamespace in (select oid from outside)
                union all select 'function', oid, xmin from pg_proc where pronamespace in (select oid from outside)
                union all select 'constraint', oid, xmin from pg_constraint where connamespace in (select oid from outside)
                union all select 'default', d.oid, d.xmin from pg_attrdef d join pg_class c on c.oid = d.adrelid where c.relnamespace in (select oid from outside)
                union all select 'trigger', t.oid, t.xmin from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace in (select oid from outside))
            select 'rows ' || coalesce((select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables where schemaname <> 'opsconsole'), 0)
                || ' objects ' || (select coalesce(pg_stat_get_tuples_inserted(o) + pg_stat_get_tuples_updated(o) + pg_stat_get_tuples_deleted(o), 0) from (select 'pg_catalog.pg_largeobject'::regclass::oid as o) l)
                || ' sequences ' || coalesce((select sum(hashtextextended(schemaname || '.' || sequencename || '=' || coalesce(last_value::text, '-'), 0)::numeric) from pg_sequences where schemaname <> 'opsconsole'), 0)
                || ' catalogue ' || coalesce((select sum(hashtextextended(kind || oid::text || '@' || xmin::text, 0)::numeric) from entries), 0)
            """, token);
        return new WriteMark(mark!);
    });
}
