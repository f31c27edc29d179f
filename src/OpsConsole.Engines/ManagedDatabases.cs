using OpsConsole.Engines.PostgreSql;
using OpsConsole.Engines.Sqlite;

namespace OpsConsole.Engines;

/// <summary>The one place that knows which hands belong to which engine.</summary>
public static class ManagedDatabases
{
    /// <exception cref="EngineFault">no hands for that engine</exception>
    public static IManagedDatabase Open(DatabaseSettings settings, TimeProvider? clock = null) => settings.Engine switch
    {
        EngineKind.Sqlite => new SqliteDatabase(settings, clock ?? TimeProvider.System),
        EngineKind.PostgreSql => new PostgreSqlDatabase(settings, clock),
        _ => throw new EngineFault($"{settings.Name}: the engine {settings.Engine} is not known."),
    };
}
