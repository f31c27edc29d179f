using System.Globalization;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Gates;

/// <param name="Verb">freeze, thaw or status</param>
/// <param name="Depth">null: everyone where a console tells the sites, databases where none does</param>
public sealed record ShellOrder(string Verb, string? Site, FreezeDepth? Depth, bool IncludeSites, string? Message, string Reason, int Share);

/// <param name="Code">0 done, 1 refused or something is wrong</param>
public sealed record ShellAnswer(int Code, string Text);

/// <summary>Does what a shell asks for, in the running console and beside a dead one alike: by the gates' own service, with its rights and its audit.</summary>
public sealed class ShellOrders(GatesService gates, DatabaseWatch watch, EstateDatabases databases, DriverLease lease)
{
    /// <param name="alone">no console runs, so no site hears of a gate: only the engines can shut anybody out</param>
    public async Task<ShellAnswer> Do(ShellOrder order, Actor actor, bool alone, CancellationToken token)
    {
        if (order.Verb == "status") { return Status(actor, alone); }
        var depth = order.Depth ?? (alone ? FreezeDepth.Databases : FreezeDepth.Everyone);
        var answer = order.Verb == "freeze"
            ? await gates.Freeze(actor, order.Site!, depth, order.Message, order.Reason, order.IncludeSites, token)
            : await gates.Thaw(actor, order.Site!, order.Share, token);
        if (answer.Refusal is { } refusal) { return new ShellAnswer(1, $"{refusal.Text}{(answer.More is null ? "" : " On the command line: --include-sites.")}"); }
        return new ShellAnswer(0, Line(answer.Value!, alone));
    }

    public ShellAnswer Status(Actor actor, bool alone)
    {
        List<string> lines = alone ? [] : [$"console\t{lease.Node}\tepoch {Number(lease.Epoch)}\tdrives"];
        lines.AddRange((gates.List(actor).Value ?? []).Select(g => "site\t" + Line(g, alone)));
        var seen = databases.All.Select(d => watch.Of(d.Name)).OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase).ToList();
        lines.AddRange(seen.Select(s => s.Reachable
            ? $"database\t{s.Name}\tup\tversion {s.History?.Version ?? "none"}\tprepared {Number(s.Facts?.InDoubt ?? 0)}"
            : $"database\t{s.Name}\tdoes not answer\t{s.Fault ?? "not seen yet"}"));
        return new ShellAnswer(alone || seen.Any(s => !s.Reachable) ? 1 : 0, string.Join('\n', lines));
    }

    private static string Line(GateView gate, bool alone) => string.Join('\t',
        gate.Site, gate.Depth == FreezeDepth.Databases ? "databases" : gate.State, $"version {Number(gate.Version)}",
        gate.Depth is null ? gate.Share is { } share ? $"{Number(share)} percent let in" : "let in"
            : gate.Certain.Is ? $"certain, {gate.Certain.Because switch { "databasesClosed" => "databases closed", "leasesRanOut" => "every lease ran out", "acknowledged" => "all acknowledged", var other => other }}"
            : alone ? "on disk only: sites hear of it when a console runs"
            : $"not certain yet{(gate.Certain.WaitingFor.Count > 0 ? ": waits for " + string.Join(", ", gate.Certain.WaitingFor) : "")}");

    private static string Number(long n) => n.ToString(CultureInfo.InvariantCulture);
}
