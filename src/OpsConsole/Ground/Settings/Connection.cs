using System.Data.Common;
using System.Globalization;

namespace OpsConsole.Ground.Settings;

/// <summary>What a connection string points at, so that two of them can be compared.</summary>
/// <param name="Text">with absolute paths</param>
/// <param name="File">of SQLite; null elsewhere</param>
/// <param name="Servers">host:port, every name of this machine as localhost</param>
internal sealed record Connection(string Text, string? File, IReadOnlyList<string> Servers, string? Database, string? User)
{
    public bool SameServer(Connection other) => Servers.Intersect(other.Servers).Any();
    public bool SameDatabase(Connection other) => File is not null ? File == other.File : SameServer(other) && Database == other.Database;

    public static Connection? Sqlite(string text, string path, SettingsRun run)
    {
        if (Parse(text, path, run) is not { } builder)
        {
            return null;
        }
        const string right = "Write it as 'Data Source=PATH'.";
        if (Value(builder, "data source", "datasource", "filename") is not (var key, { Length: > 0 } source))
        {
            run.Fault(path, $"The connection string '{Masked.ConnectionString(text)}' names no file.", right);
            return null;
        }
        if (source == ":memory:" || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || (Value(builder, "mode") is (_, var mode) && string.Equals(mode, "Memory", StringComparison.OrdinalIgnoreCase)))
        {
            run.Fault(path, "The database is in memory only or named by a URI; it needs a file that outlives the console.", right);
            return null;
        }
        var file = run.Absolute(source);
        var rewritten = file != source;
        if (rewritten)
        {
            builder[key] = file;
        }
        return new(rewritten ? builder.ConnectionString : text, Real(file), [], null, null);
    }

    public static Connection? PostgreSql(string text, string path, SettingsRun run)
    {
        if (Parse(text, path, run) is not { } builder)
        {
            return null;
        }
        var masked = Masked.ConnectionString(text);
        if (Value(builder, "host", "server") is not (_, { Length: > 0 } hosts))
        {
            run.Fault(path, $"The connection string '{masked}' names no host.", "Write it as 'Host=...;Database=...;Username=...;Password=...'.");
            return null;
        }
        var port = Value(builder, "port") is (_, { Length: > 0 } given) ? given : "5432";
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            run.Fault(path, $"The connection string '{masked}' has a port that is no number.", "Write Port=5432 or another number.");
        }
        var user = Value(builder, "username", "user id", "user", "uid", "user name", "userid")?.Value;
        var database = Value(builder, "database", "db")?.Value;
        if (string.IsNullOrEmpty(database))
        {
            run.Fault(path, $"The connection string '{masked}' names no database.", "Add Database=NAME.");
        }
        var rewritten = false;
        foreach (var key in new[] { "passfile", "root certificate", "ssl certificate", "ssl key" })
        {
            if (Value(builder, key) is (_, { Length: > 0 } file) && !Path.IsPathRooted(file))
            {
                (builder[key], rewritten) = (run.Absolute(file), true);
            }
        }
        return new(rewritten ? builder.ConnectionString : text, null, [.. hosts.Split(',').Select(h => Server(h.Trim(), port))], database, user);
    }

    private static string Server(string host, string port)
    {
        // One colon parts a port; more than one belong to an address of version 6.
        if (host.Split(':') is [var name, var own])
        {
            (host, port) = (name, own);
        }
        var local = host.StartsWith('/') || host.StartsWith('@') || host.ToUpperInvariant() is "LOCALHOST" or "::1" or "[::1]" || host.StartsWith("127.", StringComparison.Ordinal);
        return $"{(local ? "localhost" : host.ToUpperInvariant())}:{port}";
    }

    private static string Real(string file)
    {
        try
        {
            return new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file;
        }
        catch (IOException)
        {
            return file;
        }
    }

    private static DbConnectionStringBuilder? Parse(string text, string path, SettingsRun run)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            run.Fault(path, "is not a connection string.", "Write KEY=VALUE pairs joined by semicolons.");
            return null;
        }
    }

    private static (string Key, string Value)? Value(DbConnectionStringBuilder builder, params string[] keys)
    {
        foreach (var key in keys)
        {
            if (builder.TryGetValue(key, out var value))
            {
                return (key, value.ToString() ?? "");
            }
        }
        return null;
    }
}
