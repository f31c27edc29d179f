using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    private static SqliteCommand Command(SqliteConnection connection, string sql, IEnumerable<Parameter> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter.Name.StartsWith('@') ? parameter.Name : "@" + parameter.Name, Bound(parameter.Value));
        }
        return command;
    }

    /// <summary>
    /// SQLite has no exact decimals. An amount is bound as text with all its digits, so that a text column keeps it to the letter; a column of numeric affinity makes a number
    /// of it, and so does arithmetic. Compared with an expression that has no affinity, text is greater than every number: there the team writes <c>cast(@amount as numeric)</c>.
    /// Instants are UTC in ISO form with all their digits, so that they sort as text.
    /// </summary>
    private static object Bound(object? value) => value switch
    {
        null => DBNull.Value,
        long or string => value,
        int n => (long)n,
        bool b => b ? 1L : 0L,
        decimal d => d.ToString(CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
        Guid id => id.ToString("D"),
        _ => throw new ArgumentException($"A value of type {value.GetType().Name} cannot be bound.", nameof(value)),
    };

    /// <summary>Runs to the last row: a select with an effect in each row has all of them.</summary>
    private static int Execute(SqliteConnection connection, string sql, params IEnumerable<Parameter> parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        do { while (reader.Read()) { } } while (reader.NextResult());
        return Math.Max(0, reader.RecordsAffected);
    }

    private static string? Scalar(SqliteConnection connection, string sql, params IEnumerable<Parameter> parameters)
    {
        using var command = Command(connection, sql, parameters);
        return Text(command.ExecuteScalar());
    }

    private static long Number(SqliteConnection connection, string sql, params IEnumerable<Parameter> parameters) =>
        long.Parse(Scalar(connection, sql, parameters) ?? "0", CultureInfo.InvariantCulture);

    private static List<string> Column(SqliteConnection connection, string sql, params IEnumerable<Parameter> parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) { values.Add(Text(reader.GetValue(0)) ?? ""); }
        return values;
    }

    private static bool HasTable(SqliteConnection connection, string table) =>
        Number(connection, "select count(*) from sqlite_schema where type = 'table' and name = @name collate nocase", new Parameter("name", table)) > 0;

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Invariant, floats with every digit and told from integers, bytes as hex.</summary>
    private static string? Text(object? value) => value switch
    {
        null or DBNull => null,
        string s => s,
        double d => d.ToString("R", CultureInfo.InvariantCulture) is var r && double.IsFinite(d) && r.All(c => c == '-' || char.IsAsciiDigit(c)) ? r + ".0" : r,
        byte[] bytes => @"\x" + Convert.ToHexStringLower(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
