using System.Data.Common;

namespace OpsConsole.Ground.Settings;

/// <summary>Text that may be shown, made of text that may not.</summary>
public static class Masked
{
    private const string Stars = "***";

    // What is not known to be harmless is hidden: a driver's next keyword for a secret is then hidden too.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "server", "port", "database", "username", "user id", "user", "data source", "datasource", "filename", "mode", "cache", "pooling", "foreign keys",
        "timeout", "command timeout", "default timeout", "ssl mode", "sslmode", "application name", "search path", "include error detail", "keepalive",
        "maximum pool size", "minimum pool size",
    };

    /// <summary>The connection string with every value hidden that could be a secret.</summary>
    public static string ConnectionString(string text)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return Stars;
        }
        foreach (var key in builder.Keys.Cast<string>().Where(k => !Harmless.Contains(k)).ToList())
        {
            builder[key] = Stars;
        }
        return builder.ConnectionString;
    }

    /// <summary>A server's message without the values of a connection string that are secret.</summary>
    public static string Within(string message, string connectionString)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            return message.Replace(connectionString, Stars, StringComparison.Ordinal);
        }
        foreach (var key in builder.Keys.Cast<string>().Where(k => !Harmless.Contains(k)))
        {
            if (builder[key]?.ToString() is { Length: > 3 } secret)
            {
                message = message.Replace(secret, Stars, StringComparison.Ordinal);
            }
        }
        return message;
    }
}
