using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.FastMarket;

/// <summary>Where the sample keeps its things, and how its databases are opened.</summary>
public static class FastMarketFiles
{
    /// <summary>The two databases of the sample, in the order in which they are made.</summary>
    public static IReadOnlyList<string> Databases { get; } = ["members", "forum"];

    /// <summary>The version at which the sample begins.</summary>
    public static int FirstVersion(string database) => database == "members" ? 4 : 6;

    /// <summary>The folder with a database's releases, as it was copied beside the program.</summary>
    public static string Releases(string database) => Path.Combine(AppContext.BaseDirectory, "fastmarket", "releases", database);

    /// <summary>Makes the sample's folder for its owner alone, where there is none; one that is there stays as it is.</summary>
    public static void Folder(string directory)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(directory); }
        else { Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }

    /// <summary>A database's file.</summary>
    public static string Database(string directory, string database) => Path.Combine(directory, database + ".db");

    /// <summary>The script that takes a database to a version, or back from it.</summary>
    public static string Script(string database, int version, bool up)
    {
        var pattern = string.Create(CultureInfo.InvariantCulture, $"{version}_*.{(up ? "up" : "down")}.sql");
        return File.ReadAllText(Directory.GetFiles(Releases(database), pattern).Single());
    }

    /// <summary>
    /// Opens a file that is there. It is never made: a database that was closed by renaming would otherwise be there again, empty. It is not pooled either: a
    /// connection that is kept open would make every close wait.
    /// </summary>
    /// <exception cref="SqliteException">the file is not there</exception>
    public static SqliteConnection Open(string file, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The version in golang-migrate's history table.</summary>
    public static int Version(SqliteConnection connection) =>
        Convert.ToInt32(Scalar(connection, "select version from schema_migrations"), CultureInfo.InvariantCulture);

    internal static object? Scalar(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar();
    }

    internal static int Run(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }
}
