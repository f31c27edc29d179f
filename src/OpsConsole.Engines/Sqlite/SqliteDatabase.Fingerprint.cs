using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    // Names that begin so: the console's own, and SQLite's. What a virtual table holds lies in its shadow tables, which are tables like others.
    private const string SitesOwn = """name not like 'opsconsole\_%' escape '\' and tbl_name not like 'opsconsole\_%' escape '\' and name not like 'sqlite\_%' escape '\'""";

    /// <summary>One read transaction, so that all tables are of one moment. Not bounded in time: it reads everything there is.</summary>
    public Task<Fingerprint> ReadFingerprint(CancellationToken token) => Read(connection =>
    {
        Execute(connection, "begin");
        try
        {
            var tables = Column(connection, $"select name from sqlite_schema where type = 'table' and sql not like 'create virtual %' and {SitesOwn} order by name");
            return new Fingerprint(Scalar(connection, "select sqlite_version()")!, SchemaHash(connection), [.. tables.Select(t => Print(connection, t)).OrderBy(t => t.Name, StringComparer.Ordinal)], Sequences(connection));
        }
        finally
        {
            RollBack(connection);
        }
    }, token, bounded: false);

    private static string SchemaHash(SqliteConnection connection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in Column(connection, $"select quote(type) || quote(name) || quote(tbl_name) || quote(sql) from sqlite_schema where {SitesOwn} order by type, name, tbl_name"))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static SequencePrint[] Sequences(SqliteConnection connection) => !HasTable(connection, "sqlite_sequence") ? []
        : [.. Column(connection, """select name from sqlite_sequence where name not like 'opsconsole\_%' escape '\' order by name""")
            .Select(name => new SequencePrint(name, Scalar(connection, "select seq from sqlite_sequence where name = @name", new Parameter("name", name)) ?? ""))];

    /// <summary>
    /// Over the stored values themselves, type and bytes, straight from the engine: no rounding of a float's digits, and no text made of each value. A value that is
    /// stored as 1 and one that is stored as '1' differ.
    /// </summary>
    private static TablePrint Print(SqliteConnection connection, string table)
    {
        var code = raw.sqlite3_prepare_v2(connection.Handle, $"select * from {Quoted(table)}", out var statement);
        using (statement)
        {
            Throw(connection, code);
            var columns = raw.sqlite3_column_count(statement);
            long rows = 0;
            UInt128 first = 0, second = 0;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                var row = new RowHash();
                for (var i = 0; i < columns; i++) { Add(ref row, statement, i); }
                var (one, two) = row.End();
                rows++;
                first += one;
                second += two;
            }
            Throw(connection, code);
            return new TablePrint(table, rows, first.ToString(CultureInfo.InvariantCulture), second.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Add(ref RowHash row, sqlite3_stmt statement, int column)
    {
        var type = raw.sqlite3_column_type(statement, column);
        row.Add((ulong)type);
        if (type == raw.SQLITE_INTEGER) { row.Add((ulong)raw.sqlite3_column_int64(statement, column)); }
        else if (type == raw.SQLITE_FLOAT) { row.Add(BitConverter.DoubleToUInt64Bits(raw.sqlite3_column_double(statement, column))); }
        else if (type != raw.SQLITE_NULL) { row.Add(raw.sqlite3_column_blob(statement, column)); }
    }

    private static void Throw(SqliteConnection connection, int code) =>
        SqliteException.ThrowExceptionForRC(code is raw.SQLITE_ROW or raw.SQLITE_DONE ? raw.SQLITE_OK : code, connection.Handle);
}
