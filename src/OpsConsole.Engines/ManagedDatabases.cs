using OpsConsole.Engines.PostgreSql;
using OpsConsole.Engines.Sqlite;

namespace OpsConsole.Engines;

/// <summary>From settings to hands: the one place that knows which engine is which class.</summary>
public static class ManagedDatabases
{
    /// <summary>Connects to nothing.</summary>
    /// <exception cref="EngineFault">the connection string cannot be one of that engine</exception>
    public static IManagedDatabase Open(DatabaseSettings settings) => settings.Engine switch
    {
        EngineKind.PostgreSql => new PostgreSqlDatabase(settings),
        EngineKind.Sqlite => new SqliteDatabase(settings, TimeProvider.System),
        _ => throw new EngineFault($"{settings.Engine} has no hands here."),
    };
}
