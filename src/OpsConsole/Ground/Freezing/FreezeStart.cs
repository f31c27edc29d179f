using System.Text.Json;
using OpsConsole.Domain.Gates;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Ground.Freezing;

/// <summary>After a crash: looks at what was cut off and puts the freeze back. It never thaws and never opens by itself.</summary>
public sealed class FreezeStart(
    GateBook gates, DoorBook doors, ActRunner acts, FreezeService freezing, EstateDatabases databases, StoreFactory store, Readiness readiness, DriverLease lease,
    TimeProvider time, ILogger<FreezeStart> log) : IStartStep
{
    public int Order => 300;

    public async Task Run(CancellationToken token)
    {
        await gates.Load(token);
        foreach (var row in await doors.All(token)) { await Come(row.Database, token); }
        List<ActRow> cutOff;
        await using (var db = store.CreateDbContext()) { cutOff = await ActRunner.CutOff(db, token); }
        foreach (var row in cutOff)
        {
            if (Remake(row) is not { } act) { continue; }
            var seen = await acts.Examine(row, act, token);
            // An ordered freeze is carried out: to be more closed than ordered harms nobody.
            if (act is FreezeAct && seen.Outcome == Observed.NotDone) { await acts.Do(act, Actor.Console, row.Window, row.Step, token); }
        }
        // A close that was cut off may have shut the roles out and left their sessions: seen from the doors alone it is done.
        var halfway = cutOff.Where(r => r.Kind == "close").Select(r => r.Subject).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // What a person ordered by hand has nobody else to carry it out: a window does its own steps again.
        var ordered = gates.All.Where(g => g.Depth == FreezeDepth.Databases && gates.HeldBy(g.Site) is null).SelectMany(g => freezing.DatabasesOf(g.Site));
        foreach (var name in (await doors.All(token)).Select(d => d.Database).Concat(ordered).Distinct(StringComparer.OrdinalIgnoreCase).ToList())
        {
            await ShutAgain(name, halfway.Contains(name), token);
        }
        await freezing.TellGates(Actor.Console, token);
    }

    /// <summary>A copy or rename that died in its middle leaves the database shut to everybody; the raised fence lets the console in, so that it can look.</summary>
    private async Task Come(string name, CancellationToken token)
    {
        if (databases.Find(name) is not { } database) { return; }
        try
        {
            await Startup.RaiseFence(database, readiness, lease, token);
        }
        catch (EngineFault fault) // It does not answer: the looks below say so.
        {
            log.LogWarning("The fence of {Database} could not be raised: {Fault}", name, fault.Message);
        }
    }

    private async Task ShutAgain(string name, bool halfway, CancellationToken token)
    {
        if (databases.Find(name) is not { } database) { return; }
        var wanted = gates.All.Any(g => (g.Depth == FreezeDepth.Databases || g.DatabasesClosed) && freezing.DatabasesOf(g.Site).Contains(name, StringComparer.OrdinalIgnoreCase));
        try
        {
            var seen = await doors.Find(name, token) is { } before ? await database.InspectDoors(before, token) : DoorState.Open;
            await doors.Closed(name, seen == DoorState.Closed, token);
            if (!wanted || (seen == DoorState.Closed && !halfway)) { return; }
        }
        catch (Exception fault) when (fault is not (FenceRefused or OperationCanceledException)) // It does not answer: closed is then not known, and said so.
        {
            log.LogWarning("The doors of {Database} could not be looked at: {Fault}", name, fault.Message);
            await doors.Closed(name, false, token);
            return;
        }
        var result = await acts.Do(new CloseDoorsAct(doors, database, readiness, lease), Actor.Console, null, null, token);
        log.LogWarning("The doors of {Database} were not shut for certain in the freeze; closing them again: {Outcome}", name, result.Outcome);
    }

    private Act? Remake(ActRow row) => row.Kind switch
    {
        "freeze" when JsonSerializer.Deserialize<FreezeIntent>(row.IntentJson, JsonSerializerOptions.Web) is { } intent => new FreezeAct(gates, time, Actor.Console, intent),
        "thaw" when JsonSerializer.Deserialize<ThawIntent>(row.IntentJson, JsonSerializerOptions.Web) is { } intent => new ThawAct(gates, Actor.Console, intent),
        "close" when databases.Find(row.Subject) is { } database => new CloseDoorsAct(doors, database, readiness, lease),
        "reopen" when databases.Find(row.Subject) is { } database => new OpenDoorsAct(doors, database, readiness, lease),
        _ => null,
    };
}

/// <summary>What the public may know of a window. Told by the room that runs windows; without one, the gates speak alone.</summary>
public interface IWindowPublicFacts
{
    /// <summary>The one that runs, comes next or has just ended; null: none.</summary>
    PublicWindow? Current { get; }
}

/// <param name="PlannedTo">as it was planned; an extension does not change it. Null: no end was planned</param>
/// <param name="ExpectedEnd">where it was extended; null: as planned</param>
/// <param name="ActualEnd">null while it is not over</param>
/// <param name="Updates">newest first</param>
public sealed record PublicWindow(DateTimeOffset? PlannedFrom, DateTimeOffset? PlannedTo, DateTimeOffset? ExpectedEnd, DateTimeOffset? ActualEnd, bool Running, IReadOnlyList<PublicUpdate> Updates);

/// <summary>What can be told to members. The page says it in their language, so nothing that staff wrote can slip out.</summary>
public enum PublicNews { Started, TakesLonger, LettingIn, Ended }

public sealed record PublicUpdate(DateTimeOffset At, PublicNews What);

public static class FreezingServices
{
    public static IServiceCollection AddFreezing(this IServiceCollection services) => services
        .AddSingleton<GateBook>().AddSingleton<DoorBook>().AddSingleton<FreezeService>().AddSingleton<IStartStep, FreezeStart>()
        .AddHostedService<GateWatch>();
}
