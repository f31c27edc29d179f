using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using OpsConsole.FastMarket;
using Xunit;

namespace OpsConsole.Tests.FastMarket;

/// <summary>The sample's databases, made once; each test works on a copy of its own.</summary>
public sealed class MarketFixture : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("market").FullName;
    private int copies;

    public MarketFixture()
    {
        Seeded = Path.Combine(root, "seeded");
        Assert.True(FastMarketSeed.Create(Seeded));
    }

    public string Seeded { get; }

    public string Copy()
    {
        var copy = Path.Combine(root, "copy" + Interlocked.Increment(ref copies).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(Seeded))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
        return copy;
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    public static SqliteConnection Open(string directory, string database) => FastMarketFiles.Open(FastMarketFiles.Database(directory, database));

    public static long Number(SqliteConnection connection, string sql) => Convert.ToInt64(Rows(connection, sql).Single()[0], CultureInfo.InvariantCulture);

    public static List<object?[]> Rows(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }

    /// <summary>Runs a release as a migration tool does: the script and the history row in one transaction.</summary>
    public static void Release(string directory, string database, int version, bool up)
    {
        using var connection = Open(directory, database);
        using var transaction = connection.BeginTransaction();
        Rows(connection, FastMarketFiles.Script(database, version, up));
        Rows(connection, "update schema_migrations set version = @v", ("@v", up ? version : version - 1));
        transaction.Commit();
    }

    /// <summary>The whole content as text: the schema to the letter, and every row of every table.</summary>
    public static string Content(string directory, string database)
    {
        using var connection = Open(directory, database);
        var text = new StringBuilder();
        foreach (var item in Rows(connection, "select type, name, sql from sqlite_master order by type, name"))
        {
            text.AppendLine(string.Join('|', item));
            if ((string)item[0]! == "table")
            {
                foreach (var row in Rows(connection, $"select * from \"{item[1]}\""))
                {
                    text.AppendLine(string.Join('|', row));
                }
            }
        }
        return text.ToString();
    }
}
