using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Estate;

/// <summary>What is known of one database, with the age of it.</summary>
public sealed record DatabaseView(
    string Name, string Engine, string? EngineVersion, string? Tool, string? Version, string? Latest, IReadOnlyList<string>? Pending, LampsView Lamps,
    int? Sessions, int? ActiveSessions, double? OldestTransactionSeconds, int? InDoubt, long? SizeBytes, bool Reachable, DateTimeOffset? SeenAt,
    string? Fault, DateTimeOffset? FaultSince, DateTimeOffset? NextTryAt, IReadOnlyList<double> SessionHistory, IReadOnlyList<string> Sites);

public sealed record LampsView(Lamp Failed, Lamp Lock, Lamp Unknown, Lamp Drift);

/// <summary>The door to the databases: what is known of them.</summary>
public sealed class EstateService(DatabaseWatch watch, EstateDatabases databases, ConsoleSettings settings, TimeProvider time)
{
    public Answer<IReadOnlyList<DatabaseView>> List(Actor actor) =>
        Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : new Answer<IReadOnlyList<DatabaseView>>([.. watch.All.Select(View)], null);

    public Answer<DatabaseView> One(Actor actor, string name)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? View(watch.Of(database.Name)) : NoDatabase(name);
    }

    /// <summary>Asks the database now, outside the loop.</summary>
    public async Task<Answer<DatabaseView>> TryAgain(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? View(await watch.Look(database, token)) : NoDatabase(name);
    }

    private static Refusal NoDatabase(string name) => new(RefusalCode.NotFound, $"There is no database {name} in the estate.");

    private DatabaseView View(Seen seen)
    {
        var database = databases.Find(seen.Name)!;
        var known = seen.Releases?.Releases.Select(r => r.Version).ToHashSet();
        var strangers = known is null || seen.History is null ? null : seen.History.Applied.Where(v => !known.Contains(v)).ToList();
        var cannot = Lamp.CannotTell(seen.Fault ?? "it has not been seen yet");
        return new DatabaseView(
            seen.Name, database.Settings.Engine == EngineKind.Sqlite ? "SQLite" : "PostgreSQL", seen.Facts?.EngineVersion, seen.History?.Tool, seen.History?.Version,
            seen.Releases is { Releases.Count: > 0 } folder ? folder.Releases[^1].Version : null, seen.Pending,
            new LampsView(
                seen.History?.Failed ?? cannot, seen.History?.Lock ?? cannot,
                strangers is null ? Lamp.CannotTell(seen.Fault ?? "it has no release folder") : strangers.Count == 0 ? Lamp.No : Lamp.Yes($"applied and not in the folder: {string.Join(", ", strangers)}"),
                Lamp.CannotTell("the tool keeps no checksums")),
            seen.Facts?.SiteSessions, seen.Facts?.ActiveSessions, seen.Facts?.OldestTransactionSeconds, seen.Facts?.InDoubt, seen.Facts?.SizeBytes,
            seen.Reachable, seen.SeenAt, seen.Fault, seen.FaultSince, seen.NextTryAt, seen.Sessions, settings.Estate.SitesOf(seen.Name));
    }
}
