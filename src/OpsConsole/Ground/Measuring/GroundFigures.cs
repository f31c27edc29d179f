using Microsoft.AspNetCore.Components.Server.Circuits;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Measuring;

/// <summary>What every room stands on: readiness, lease, journal, audit and the browsers that are connected.</summary>
public sealed class GroundFigures(Readiness readiness, DriverLease lease, StoreFactory store, CircuitCount circuits) : IMeasured
{
    public void Measure(Figures figures)
    {
        figures.Gauge("ready", "1: this console is ready.", () => readiness.WaitsFor is null ? 1 : 0);
        figures.Gauge("lease_held", "1: this console drives.", () => lease.Held ? 1 : 0);
        figures.Gauge("epoch", "The epoch of this console's lease; it only grows.", () => lease.Epoch);
        figures.Gauge("circuits", "Browsers with a live connection.", () => circuits.Now);
        figures.Gauge("audit_entries", "Entries of the audit log.", () =>
        {
            using var db = store.CreateDbContext();
            return db.Audit.Max(a => (long?)a.Sequence) ?? 0;
        });
        figures.Gauge("acts_without_outcome", "Acts that run, or that a crash cut off.", () =>
        {
            using var db = store.CreateDbContext();
            return db.Acts.Count(a => a.Outcome == null);
        });
    }
}

/// <summary>Counts the live connections of browsers.</summary>
public sealed class CircuitCount : CircuitHandler
{
    private int now;
    public int Now => Volatile.Read(ref now);

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref now);
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Decrement(ref now);
        return Task.CompletedTask;
    }
}
