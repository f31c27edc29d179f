using System.Data;
using System.Globalization;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    private const string LargeObjects = "(large objects)";

    /// <summary>
    /// One snapshot, fixed formats. Partitioned and inherited tables are summed part by part. Takes as long as the content is large, so only the token bounds it.
    /// </summary>
    public Task<Fingerprint> ReadFingerprint(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await Open(database, "-", "fingerprint", pooled: false, FixedFormats, utc: true, 0, token);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token);
        await Execute(connection, "set transaction read only", token);
        // Row security would hide rows without a word; off, the server refuses instead. An empty search_path makes every name in a definition a full one.
        await Execute(connection, "set local row_security = off", token);
        await Execute(connection, "set local search_path = ''", token);
        var version = await Scalar<string>(connection, "select current_setting('server_version')", token);
        var schema = await Scalar<string>(connection, PostgreSqlCatalogue.HashSql, token);
        var prints = await ReadTables(connection, token);
        var sequences = await ReadSequences(connection, token);
        await transaction.RollbackAsync(token);
        return new Fingerprint(version!, schema!, prints, sequences);
    });

    private static async Task<List<TablePrint>> ReadTables(NpgsqlConnection connection, CancellationToken token)
    {
        var names = await Rows(connection, """
            select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm') and c.relispopulated and c.relpersistence <> 't' and n.nspname not in ('opsconsole', 'information_schema', 'pg_catalog', 'pg_toast') and n.nspname !~ '^pg_temp'
            """, r => (Schema: r.GetString(0), Table: r.GetString(1)), token);
        var prints = new List<TablePrint>();
        foreach (var (schema, table) in names)
        {
            // The alias is one that no column has: a column of the same name would be summed in the row's place.
            var rows = await Rows(connection, $"""
                select count(*), coalesce(sum(hashtextextended("opsconsole row"::text collate "C", 1)), 0)::text, coalesce(sum(hashtextextended("opsconsole row"::text collate "C", 2)), 0)::text
                from only {PostgreSqlText.Name(schema)}.{PostgreSqlText.Name(table)} "opsconsole row"
                """, r => new TablePrint($"{schema}.{table}", r.GetInt64(0), r.GetString(1), r.GetString(2)), token);
            prints.Add(rows[0]);
        }
        var objects = await ReadLargeObjects(connection, token);
        if (objects.Rows > 0) { prints.Add(objects); }
        return [.. prints.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>Their number always; their content where the role may read it, which takes a superuser.</summary>
    private static async Task<TablePrint> ReadLargeObjects(NpgsqlConnection connection, CancellationToken token)
    {
        var count = await Scalar<long>(connection, "select count(*) from pg_largeobject_metadata", token);
        if (!await Scalar<bool>(connection, "select has_table_privilege('pg_largeobject', 'select')", token)) { return new TablePrint(LargeObjects, count, "0", "0"); }
        var sums = await Rows(connection, """
            select coalesce(sum(hashtextextended(loid || ',' || pageno || ',' || data::text, 1)), 0)::text, coalesce(sum(hashtextextended(loid || ',' || pageno || ',' || data::text, 2)), 0)::text from pg_largeobject
            """, r => (One: r.GetString(0), Two: r.GetString(1)), token);
        return new TablePrint(LargeObjects, count, sums[0].One, sums[0].Two);
    }

    private static async Task<List<SequencePrint>> ReadSequences(NpgsqlConnection connection, CancellationToken token)
    {
        var names = await Rows(connection, "select schemaname::text, sequencename::text from pg_sequences where schemaname <> 'opsconsole' and schemaname !~ '^pg_temp'",
            r => (Schema: r.GetString(0), Sequence: r.GetString(1)), token);
        var prints = new List<SequencePrint>();
        foreach (var (schema, sequence) in names)
        {
            // A sequence that was never used stands at the same value as one that was used once; is_called tells them apart.
            prints.AddRange(await Rows(connection, $"select last_value, is_called from {PostgreSqlText.Name(schema)}.{PostgreSqlText.Name(sequence)}",
                r => new SequencePrint($"{schema}.{sequence}", r.GetInt64(0).ToString(CultureInfo.InvariantCulture) + (r.GetBoolean(1) ? "" : " unused")), token));
        }
        return [.. prints.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }
}
