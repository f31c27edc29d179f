using System.Text.Json;
using OpsConsole.Domain.Gates;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;

namespace OpsConsole.Ground.Freezing;

/// <summary>A gate refused a change that its act had asked for.</summary>
public sealed class GateRefused(string message) : Exception(message);

public sealed record FreezeIntent(string Site, FreezeDepth Depth, string? Message, string? Reason, string? Window);

/// <summary>Closes one gate: on disk, then told.</summary>
public sealed class FreezeAct(GateBook gates, TimeProvider time, Actor actor, FreezeIntent intent) : Act
{
    public override string Kind => "freeze";
    public override string Subject => intent.Site;
    public override string IntentJson => JsonSerializer.Serialize(intent, JsonSerializerOptions.Web);
    public override IReadOnlyDictionary<string, object?> Told => new Dictionary<string, object?>
    {
        ["depth"] = JsonNamingPolicy.CamelCase.ConvertName(intent.Depth.ToString()),
        ["reason"] = intent.Reason ?? (intent.Window is null ? "no reason was given" : "the window asks for it"),
    };

    public override async Task<string> Touch(CancellationToken token)
    {
        var answer = await gates.Change(actor, intent.Site, "gate.frozen",
            gate => (gate.Freeze(intent.Depth, intent.Message, time.GetUtcNow(), gates.Milliseconds).WithDatabasesClosed(gate.DatabasesClosed), null), new { intent.Reason }, intent.Window ?? gates.HeldBy(intent.Site), token);
        return answer.Refusal is { } no ? throw new GateRefused(no.Text) : JsonSerializer.Serialize(new { answer.Value!.Version });
    }

    public override Task<Inspection> Inspect(CancellationToken token) => Task.FromResult(
        gates.Find(intent.Site) is { Depth: { } depth } && depth >= intent.Depth
            ? new Inspection(Observed.Done, $"the gate of {intent.Site} is frozen at {depth}")
            : new Inspection(Observed.NotDone, $"the gate of {intent.Site} is {gates.Find(intent.Site)?.State ?? "unknown"}"));
}

/// <summary>Shuts the sites' roles out of one database, after their rights were recorded.</summary>
public sealed class CloseDoorsAct(DoorBook doors, IManagedDatabase database, Readiness readiness, DriverLease lease) : Act
{
    public override string Kind => "close";
    public override string Subject => database.Name;
    public override string IntentJson => "{}";

    public override async Task<string> Touch(CancellationToken token)
    {
        var before = await doors.Keep(database.Name, database.ReadDoors, token);
        await Startup.RaiseFence(database, readiness, lease, token);
        var ended = await database.CloseDoors(before, token);
        var seen = await database.InspectDoors(before, token);
        if (seen != DoorState.Closed) { throw new GateRefused($"After the close the doors of {database.Name} were seen {seen}."); }
        await doors.Closed(database.Name, true, token);
        return JsonSerializer.Serialize(new { ended });
    }

    public override async Task<Inspection> Inspect(CancellationToken token)
    {
        if (await doors.Find(database.Name, token) is not { } before) { return new(Observed.NotDone, $"no rights of {database.Name} were recorded, so none were changed"); }
        var seen = await database.InspectDoors(before, token);
        await doors.Closed(database.Name, seen == DoorState.Closed, token);
        return seen switch
        {
            DoorState.Closed => new(Observed.Done, $"{database.Name} refuses the sites' roles"),
            DoorState.Open => new(Observed.NotDone, $"the rights of {database.Name} are as they were"),
            _ => new(Observed.Torn, $"some rights of {database.Name} are taken away and some are not"),
        };
    }
}

/// <summary>Puts the rights back to the letter of the record, then forgets the record.</summary>
public sealed class OpenDoorsAct(DoorBook doors, IManagedDatabase database, Readiness readiness, DriverLease lease) : Act
{
    public override string Kind => "reopen";
    public override string Subject => database.Name;
    public override string IntentJson => "{}";

    public override async Task<string> Touch(CancellationToken token)
    {
        if (await doors.Find(database.Name, token) is not { } before) { return """{"already":true}"""; }
        await Startup.RaiseFence(database, readiness, lease, token);
        await doors.Closed(database.Name, false, token);
        await database.OpenDoors(before, token);
        var seen = await database.InspectDoors(before, token);
        if (seen != DoorState.Open) { throw new GateRefused($"After the opening the doors of {database.Name} were seen {seen}."); }
        await doors.PutBack(database.Name, token);
        return "{}";
    }

    public override async Task<Inspection> Inspect(CancellationToken token)
    {
        if (await doors.Find(database.Name, token) is not { } before) { return new(Observed.Done, $"the rights of {database.Name} were put back"); }
        return await database.InspectDoors(before, token) switch
        {
            DoorState.Closed => new(Observed.NotDone, $"{database.Name} still refuses the sites' roles"),
            DoorState.Open => new(Observed.NotDone, $"the rights of {database.Name} are back, their record is still kept"),
            _ => new(Observed.Torn, $"some rights of {database.Name} are back and some are not"),
        };
    }
}

public sealed record ThawIntent(string Site, int Share, bool Open, string? Window);

/// <summary>Lets a share of members in; wholly open only where it is asked for.</summary>
public sealed class ThawAct(GateBook gates, Actor actor, ThawIntent intent) : Act
{
    public override string Kind => "thaw";
    public override string Subject => intent.Site;
    public override string IntentJson => JsonSerializer.Serialize(intent, JsonSerializerOptions.Web);

    public override async Task<string> Touch(CancellationToken token)
    {
        var answer = await gates.Change(actor, intent.Site, intent.Open ? "gate.opened" : "gate.thawed", gate =>
        {
            if (gate.Door == GateDoor.Open && intent.Open) { return (gate, null); }
            var (thawed, refusal) = gate.Thaw(intent.Share);
            return (refusal is null && intent.Open ? thawed.Open() : thawed, refusal);
        }, null, intent.Open ? null : intent.Window, token);
        return answer.Refusal is { } no ? throw new GateRefused(no.Text) : JsonSerializer.Serialize(new { answer.Value!.Version });
    }

    public override Task<Inspection> Inspect(CancellationToken token)
    {
        var gate = gates.Find(intent.Site);
        var done = gate is { Door: GateDoor.Open } || (!intent.Open && gate is { Door: GateDoor.Thawing } && gate.Share >= intent.Share);
        return Task.FromResult(new Inspection(done ? Observed.Done : Observed.NotDone, $"the gate of {intent.Site} is {gate?.State ?? "unknown"}{(gate?.Share is { } share ? $" at {share} percent" : "")}"));
    }
}
