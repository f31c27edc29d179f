using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.Maintenance;

/// <summary>The windows for monitoring: how many stand where. More than none in needsDecision wakes somebody.</summary>
public sealed class WindowFigures(StoreFactory store) : IMeasured
{
    public void Measure(Figures figures) => figures.Gauge("windows", "Windows by status.", () =>
    {
        using var db = store.CreateDbContext();
        var counts = db.Set<WindowRow>().GroupBy(w => w.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count);
        return Enum.GetValues<WindowStatus>().Where(s => s != WindowStatus.None).Select(WindowRun.Name).Select(s => new Figure(counts.GetValueOrDefault(s), ("status", s)));
    });
}
