using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Engines;

/// <summary>From settings to hands: the one place that knows which engine is which class.</summary>
public static class ManagedDatabases
{
    /// <summary>Connects to nothing.</summary>
    public static IManagedDatabase Open(DatabaseSettings settings) => settings.Engine switch
    {
        EngineKind.PostgreSql => new PostgreSqlDatabase(settings),
        _ => throw new EngineFault($"{settings.Engine} has no hands here yet."),
    };
}
