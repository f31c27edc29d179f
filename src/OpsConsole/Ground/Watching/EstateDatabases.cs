using OpsConsole.Engines;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Watching;

/// <summary>The managed databases, each opened once. Opening connects to nothing.</summary>
public sealed class EstateDatabases : IAsyncDisposable
{
    private readonly Dictionary<string, IManagedDatabase> byName;

    public EstateDatabases(ConsoleSettings settings, DriverLease lease)
    {
        OwnFolder.Make(settings.CheckpointDirectory);
        byName = settings.Estate.Databases.ToDictionary(
            d => d.Name, d => ManagedDatabases.Open(d.ToEngine(settings, lease.Node)), StringComparer.OrdinalIgnoreCase);
    }

    internal EstateDatabases(IEnumerable<IManagedDatabase> opened) => byName = opened.ToDictionary(d => d.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<IManagedDatabase> All => byName.Values;

    /// <summary>Null: there is none of that name.</summary>
    public IManagedDatabase? Find(string name) => byName.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in byName.Values) { await database.DisposeAsync(); }
    }
}
