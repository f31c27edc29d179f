using System.Collections.Concurrent;
using OpsConsole.Engines;
using OpsConsole.Ground.Jobs;

namespace OpsConsole.Ground.Commits;

/// <summary>Raises a target's fence to this console's epoch, once for each epoch: a commit then only has to compare.</summary>
public sealed class Fences(DriverLease lease, Readiness readiness) : IDisposable
{
    private readonly ConcurrentDictionary<string, long> raised = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim one = new(1);

    /// <exception cref="FenceRefused">another console, or another installation, is there</exception>
    public async Task Raise(IManagedDatabase database, CancellationToken token)
    {
        var epoch = lease.Epoch;
        if (epoch == 0) { throw new FenceRefused("Another console has the lease."); }
        if (raised.GetValueOrDefault(database.Name) == epoch) { return; }
        await one.WaitAsync(token);
        try
        {
            if (raised.GetValueOrDefault(database.Name) == epoch) { return; }
            await database.RaiseFence(readiness.Installation, epoch, token);
            raised[database.Name] = epoch;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();
}
