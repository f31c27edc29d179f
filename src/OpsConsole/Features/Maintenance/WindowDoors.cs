using OpsConsole.Domain.Gates;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Settings;
using Seen = OpsConsole.Engines.Observed;

namespace OpsConsole.Features.Maintenance;

/// <summary>The steps of a window that freeze, drain, close, open and thaw. Each says what it waits for, and waits no longer than it must.</summary>
public sealed class WindowDoors(FreezeService freezing, GateBook gates, ChangeFeed feed, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public async Task<StepEnd> Freeze(WindowRun run, int step, IReadOnlyList<string> sites, CancellationToken token)
    {
        foreach (var site in sites)
        {
            // Begun before the crash: the gate's own record says that it is frozen, and its version need not grow again.
            if (gates.Find(site) is { Depth: >= FreezeDepth.Everyone } && gates.HeldBy(site) == run.Id) { continue; }
            var answer = await freezing.Freeze(Actor.Console, site, FreezeDepth.Everyone, "Maintenance is in progress. Signing in is not possible.", $"window {run.Content!.Name}", false, run.Id, step, token);
            if (answer.Refusal is { } no) { return new StepEnd(Seen.NotDone, no.Text); }
        }
        using var moved = feed.Subscribe(Topics.Gates);
        // A lease ends by the clock, so certainty comes at the latest one lease and a second after the order; twice that is a fault.
        var limit = TimeSpan.FromSeconds((sites.Select(s => gates.Find(s)!.LeaseSeconds).DefaultIfEmpty(0).Max() * 2) + 10);
        for (var from = time.GetTimestamp(); ;)
        {
            // Outside an announced window a site whose lease ran out goes on: there only closed databases make it certain, and they are closed next.
            // The same holds of an instance that fell silent before it was told of the window.
            var open = sites.Where(IsAnnounced).Select(s => (Site: s, Certain: gates.CertainNow(s))).Where(c => !c.Certain.Is && !gates.WaitsOnlyForSilence(c.Site)).ToList();
            if (open.Count == 0) { return new StepEnd(Seen.Done, string.Join(", ", sites.Select(Because))); }
            if (time.GetElapsedTime(from) > limit)
            {
                return new StepEnd(Seen.NotDone, $"not certain: {string.Join("; ", open.Select(c => $"{c.Site} waits for {string.Join(", ", c.Certain.WaitingFor)}"))}");
            }
            await moved.Wait(Look, token);
        }
    }

    private string Because(string site) => gates.CertainNow(site) is var certain && certain.Because is { } word ? $"{site}: {word}"
        : $"{site}: certain when its databases are closed{(gates.WaitsOnlyForSilence(site) ? $" ({string.Join(", ", certain.WaitingFor)} fell silent before the window was announced)" : "")}";

    private bool IsAnnounced(string site) => gates.Find(site)?.Announced is { } window && window.From <= time.GetUtcNow() && time.GetUtcNow() < window.To;

    /// <summary>Waits until the sites' own work has ended, as long as the policy gives it.</summary>
    public async Task<StepEnd> Drain(IReadOnlyList<IManagedDatabase> group, DrainSettings drain, CancellationToken token)
    {
        for (var from = time.GetTimestamp(); ; await Task.Delay(Look, time, token))
        {
            var left = new List<string>();
            foreach (var database in group) { left.AddRange((await database.WhatHoldsItUp(token)).Select(w => $"{database.Name}: {w}")); }
            if (left.Count == 0) { return new StepEnd(Seen.Done, "nothing is running"); }
            if (time.GetElapsedTime(from) < TimeSpan.FromSeconds(drain.Seconds)) { continue; }
            return drain.Then == DrainThen.End
                ? new StepEnd(Seen.Done, $"{left.Count} left after {drain.Seconds} s; they are ended when the databases close: {string.Join("; ", left.Take(5))}")
                : new StepEnd(Seen.NotDone, $"still running after {drain.Seconds} s: {string.Join("; ", left.Take(20))}");
        }
    }

    public async Task<StepEnd> Close(WindowRun run, int step, IReadOnlyList<IManagedDatabase> group, CancellationToken token)
    {
        var answer = await freezing.Close(Actor.Console, [.. group.Select(d => d.Name)], run.Id, step, token);
        if (answer.Refusal is { } no) { return new StepEnd(Seen.NotDone, no.Text); }
        foreach (var database in group)
        {
            var left = await database.WhatHoldsItUp(token);
            if (left.Count > 0) { return new StepEnd(Seen.NotDone, $"{database.Name} is closed, and still not quiet: {string.Join("; ", left)}"); }
        }
        return new StepEnd(Seen.Done, $"{string.Join(", ", group.Select(d => d.Name))} closed");
    }

    public async Task<StepEnd> Open(WindowRun run, int step, IReadOnlyList<IManagedDatabase> group, CancellationToken token)
    {
        var answer = await freezing.Open(Actor.Console, [.. group.Select(d => d.Name)], run.Id, step, token);
        return answer.Refusal is { } no ? new StepEnd(Seen.NotDone, no.Text) : new StepEnd(Seen.Done, $"{string.Join(", ", group.Select(d => d.Name))} open as before");
    }

    /// <summary>Tells the sites to let staff in, or nobody any more. What the engines refuse is not changed here.</summary>
    public Task Trial(WindowRun run, bool on, CancellationToken token) => freezing.Trial(Actor.Console, run.Id, on, token);

    public async Task<StepEnd> Thaw(WindowRun run, int step, IReadOnlyList<string> sites, int share, CancellationToken token)
    {
        foreach (var site in sites)
        {
            if (gates.Find(site) is { Door: GateDoor.Thawing } gate && gate.Share >= share) { continue; }
            var answer = await freezing.Thaw(Actor.Console, site, share, run.Id, step, token);
            if (answer.Refusal is { } no) { return new StepEnd(Seen.NotDone, no.Text); }
        }
        return new StepEnd(Seen.Done, share == 0 ? "staff may come in" : $"{share} % of the members may come in");
    }

    public async Task<StepEnd> OpenGates(WindowRun run, int step, IReadOnlyList<string> sites, CancellationToken token)
    {
        foreach (var site in sites)
        {
            if (gates.Find(site) is { Door: GateDoor.Open }) { continue; }
            var answer = await freezing.OpenGate(Actor.Console, site, run.Id, step, token);
            if (answer.Refusal is { } no) { return new StepEnd(Seen.NotDone, no.Text); }
        }
        return new StepEnd(Seen.Done, $"{string.Join(", ", sites)} open");
    }
}
