namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    public Task<ReleaseFolder> ReadReleases(CancellationToken token) => Settings.ReleasePath is { } path
        ? Task.Run(() => ReleaseFolders.Read(path, Settings.Layout, EngineKind.PostgreSql), token)
        : throw new EngineFault($"No folder of releases is configured for {Name}.");
}
