using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Ground.Freezing;

/// <summary>
/// The one way to freeze, close, open and thaw, for a person at the gates and for a window alike. It asks for no right: who calls it has asked.
/// </summary>
public sealed class FreezeService(
    GateBook gates, DoorBook doors, ActRunner acts, EstateDatabases databases, ConsoleSettings settings, Readiness readiness, DriverLease lease, TimeProvider time)
{
    /// <summary>Freezes a site; at depth databases also shuts its roles out of its databases.</summary>
    /// <param name="includeSites">sites that share a database are frozen along; without it that is refused and names them</param>
    public async Task<Answer<GateState>> Freeze(
        Actor actor, string site, FreezeDepth depth, string? message, string? reason, bool includeSites, string? window, int? step, CancellationToken token)
    {
        if (gates.Find(site) is not { } gate) { return GateBook.NoSite(site); }
        // By hand a window's gate may be closed further, never told otherwise.
        if (gates.HeldBy(gate.Site) is { } holder && holder != window && (window is not null || gate.Depth >= depth)) { return Held(gate.Site, holder); }
        if (gate.Depth is not null) { message ??= gate.Message; }
        var along = depth == FreezeDepth.Databases ? NotFrozenNeighbours(gate.Site) : [];
        if (along.Count > 0 && !includeSites)
        {
            return new Answer<GateState>(null, new Refusal(RefusalCode.WrongState,
                $"Closing the databases of {gate.Site} also hits {string.Join(", ", along)}. Freeze them for everyone first, or include them."), new { Sites = along });
        }
        foreach (var (name, how) in along.Select(n => (n, FreezeDepth.Everyone)).Append((gate.Site, depth)))
        {
            var done = await acts.Do(new FreezeAct(gates, time, actor, new FreezeIntent(name, how, message, reason, window)), actor, window, step, token);
            if (done.Outcome != Observed.Done) { return Failed(done, $"The gate of {name} was not frozen"); }
        }
        if (depth == FreezeDepth.Databases)
        {
            var closed = await Close(actor, DatabasesOf(gate.Site), window, step, token);
            if (closed.Refusal is { } no) { return no with { Text = $"{gate.Site} is frozen for everyone all the same. {no.Text}" }; }
        }
        return gates.Find(gate.Site)!;
    }

    /// <summary>Sites that use a database of this one and let people in.</summary>
    public IReadOnlyList<string> NotFrozenNeighbours(string site) =>
        [.. DatabasesOf(site).SelectMany(settings.Estate.SitesOf).Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(s => !string.Equals(s, site, StringComparison.OrdinalIgnoreCase) && !(gates.Find(s)?.Depth >= FreezeDepth.Everyone))];

    /// <summary>Shuts the sites' roles out. Stops at the first database that could not be closed; the closed ones stay so.</summary>
    public async Task<Answer<IReadOnlyList<string>>> Close(Actor actor, IReadOnlyList<string> names, string? window, int? step, CancellationToken token)
    {
        foreach (var name in names)
        {
            if (databases.Find(name) is not { } database) { return new Refusal(RefusalCode.NotFound, $"There is no database {name} in the estate."); }
            var done = await acts.Do(new CloseDoorsAct(doors, database, readiness, lease), actor, window, step, token);
            if (done.Outcome != Observed.Done) { await TellGates(actor, token); return Failed(done, $"{name} was not closed"); }
        }
        await TellGates(actor, token);
        return new Answer<IReadOnlyList<string>>(names, null);
    }

    /// <summary>Puts the rights back as they were recorded. The gates stay as they are.</summary>
    public async Task<Answer<IReadOnlyList<string>>> Open(Actor actor, IReadOnlyList<string> names, string? window, int? step, CancellationToken token)
    {
        foreach (var name in names)
        {
            if (databases.Find(name) is not { } database) { return new Refusal(RefusalCode.NotFound, $"There is no database {name} in the estate."); }
            var done = await acts.Do(new OpenDoorsAct(doors, database, readiness, lease), actor, window, step, token);
            await TellGates(actor, token);
            if (done.Outcome != Observed.Done) { return Failed(done, $"{name} was not opened"); }
        }
        return new Answer<IReadOnlyList<string>>(names, null);
    }

    /// <summary>Lets staff (0) and members up to the share in. By hand 100 opens the gate; in a window it stays thawing until <see cref="OpenGate"/>.</summary>
    public async Task<Answer<GateState>> Thaw(Actor actor, string site, int share, string? window, int? step, CancellationToken token)
    {
        if (gates.Find(site) is not { } gate) { return GateBook.NoSite(site); }
        if (gates.HeldBy(gate.Site) is { } holder && holder != window) { return Held(gate.Site, holder); }
        if (gate.Thaw(share).Refusal is { } refused && (!gate.DatabasesClosed || gate.Door == GateDoor.Open || share is < 0 or > 100)) { return refused; }
        if (gate.DatabasesClosed && window is null)
        {
            var opened = await Open(actor, DatabasesOf(gate.Site), window, step, token);
            if (opened.Refusal is { } no) { return no; }
        }
        return await DoThaw(actor, new ThawIntent(gate.Site, share, share == 100 && window is null, window), window, step, token);
    }

    /// <summary>After the watch: everybody in, background work runs, and no window holds the gate any more.</summary>
    public async Task<Answer<GateState>> OpenGate(Actor actor, string site, string? window, int? step, CancellationToken token)
    {
        if (gates.Find(site) is not { } gate) { return GateBook.NoSite(site); }
        return gates.HeldBy(gate.Site) is { } holder && holder != window ? Held(gate.Site, holder)
            : await DoThaw(actor, new ThawIntent(gate.Site, 100, true, window), window, step, token);
    }

    /// <summary>Tells all sites, or those named, of a coming window; null takes the news back.</summary>
    public async Task Announce(Actor actor, AnnouncedWindow? announced, IReadOnlyList<string>? sites, CancellationToken token)
    {
        foreach (var site in sites ?? [.. gates.All.Select(g => g.Site)])
        {
            await gates.Change(actor, site, "gate.announced", gate => (gate.Announce(announced), null), new { announced?.From, announced?.To }, gates.HeldBy(site), token);
        }
    }

    /// <summary>A window has moved, or is over: tells the sites that know of it, and nobody else.</summary>
    public Task Reannounce(Actor actor, AnnouncedWindow? was, AnnouncedWindow? now, CancellationToken token) =>
        was is null || was == now ? Task.CompletedTask : Announce(actor, now, [.. gates.All.Where(g => g.Announced == was).Select(g => g.Site)], token);

    /// <summary>Lets staff try the sites that a window has frozen, or no longer.</summary>
    public async Task Trial(Actor actor, string window, bool on, CancellationToken token)
    {
        foreach (var site in gates.All.Select(g => g.Site).Where(s => gates.HeldBy(s) == window))
        {
            await gates.Change(actor, site, "gate.trial", gate => (gate.WithTrial(on, time.GetUtcNow(), gates.Milliseconds), null), new { on }, window, token);
        }
    }

    /// <summary>Says on each gate whether the engines refuse its site now: a fact, seen in every one of its databases.</summary>
    public async Task TellGates(Actor actor, CancellationToken token)
    {
        var closed = (await doors.All(token)).Where(d => d.ClosedAt is not null).Select(d => d.Database).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var gate in gates.All)
        {
            var mine = DatabasesOf(gate.Site);
            var all = mine.Count > 0 && mine.All(closed.Contains);
            if (gate.DatabasesClosed != all)
            {
                await gates.Change(actor, gate.Site, all ? "gate.databasesClosed" : "gate.databasesOpen", g => (g.WithDatabasesClosed(all), null), null, gates.HeldBy(gate.Site), token);
            }
        }
    }

    public IReadOnlyList<string> DatabasesOf(string site) =>
        settings.Estate.Sites.FirstOrDefault(s => string.Equals(s.Name, site, StringComparison.OrdinalIgnoreCase))?.Databases ?? [];

    private async Task<Answer<GateState>> DoThaw(Actor actor, ThawIntent intent, string? window, int? step, CancellationToken token)
    {
        var done = await acts.Do(new ThawAct(gates, actor, intent), actor, window, step, token);
        return done.Outcome == Observed.Done ? gates.Find(intent.Site)! : Failed(done, $"The gate of {intent.Site} was not thawed");
    }

    private static Refusal Held(string site, string window) => new(RefusalCode.WrongState, $"The gate of {site} is held by window {window}; what happens to it is decided there.");
    private static Refusal Failed(ActResult result, string what) => new(RefusalCode.WrongState, $"{what}: {result.Words}");
}
