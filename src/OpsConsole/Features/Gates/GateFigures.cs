using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Measuring;

namespace OpsConsole.Features.Gates;

/// <summary>The gates for monitoring. Before they were read from disk nothing is said: open would be a guess.</summary>
public sealed class GateFigures(GateBook gates) : IMeasured
{
    private static readonly string[] States = ["open", "logins", "everyone", "databases", "thawing"];

    public void Measure(Figures figures)
    {
        figures.Gauge("gate_state", "1: the gate of the site is in this state.", () =>
            from gate in Known from state in States select new Figure(Now(gate) == state ? 1 : 0, ("site", gate.Site), ("state", state)));
        figures.Gauge("gate_certain", "1: the site is frozen for certain; 0: it is not, or not yet.", () => Known.Select(g => new Figure(gates.CertainNow(g.Site).Is ? 1 : 0, ("site", g.Site))));
        figures.Gauge("gate_version", "The version of the site's gate.", () => Known.Select(g => new Figure(g.Version, ("site", g.Site))));
        figures.Gauge("gate_instances", "Instances of the site with a running lease.", () => Known.Select(g => new Figure(g.Instances.Count(i => i.IsLive(gates.Milliseconds)), ("site", g.Site))));
    }

    private IEnumerable<GateState> Known => gates.Loaded ? gates.All : [];

    private static string Now(GateState gate) => gate.Depth == FreezeDepth.Databases ? "databases" : gate.State;
}
