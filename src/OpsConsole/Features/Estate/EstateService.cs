using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Estate;

/// <summary>What is known of one database, with the age of it.</summary>
public sealed record DatabaseView(
    string Name, string Engine, string? EngineVersion, string? Tool, string? Version, string? Latest, IReadOnlyList<string>? Pending, LampsView Lamps,
    int? Sessions, int? ActiveSessions, double? OldestTransactionSeconds, int? InDoubt, long? SizeBytes, bool Reachable, DateTimeOffset? SeenAt,
    string? Fault, DateTimeOffset? FaultSince, DateTimeOffset? NextTryAt, IReadOnlyList<double> SessionHistory, IReadOnlyList<string> Sites);

public sealed record LampsView(Lamp Failed, Lamp Lock, Lamp Unknown, Lamp Drift);

/// <summary>The door to the databases: what is known of them, their sessions, and the way to end one.</summary>
public sealed class EstateService(DatabaseWatch watch, EstateDatabases databases, ConsoleSettings settings, ActRunner acts, Readiness readiness, DriverLease lease, TimeProvider time)
{
    public Answer<IReadOnlyList<DatabaseView>> List(Actor actor) =>
        Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : new Answer<IReadOnlyList<DatabaseView>>([.. watch.All.Select(View)], null);

    public Answer<DatabaseView> One(Actor actor, string name)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? View(watch.Of(database.Name)) : NoDatabase(name);
    }

    public async Task<Answer<IReadOnlyList<SessionFacts>>> Sessions(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? new Answer<IReadOnlyList<SessionFacts>>(await database.Sessions(token), null) : NoDatabase(name);
    }

    public async Task<Answer<IReadOnlyList<PreparedTransaction>>> InDoubt(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? new Answer<IReadOnlyList<PreparedTransaction>>(await database.Prepared(token), null) : NoDatabase(name);
    }

    public async Task<Answer<ActResult>> EndSession(Actor actor, string name, string id, CancellationToken token)
    {
        if (Permissions.SessionEnd.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (databases.Find(name) is not { } database) { return NoDatabase(name); }
        var session = (await database.Sessions(token)).FirstOrDefault(s => s.Id == id);
        if (session is null) { return new Refusal(RefusalCode.NotFound, $"{name} has no session {id} any more."); }
        if (session.Own) { return new Refusal(RefusalCode.WrongState, $"Session {id} on {name} is the console's own and stays."); }
        var result = await acts.Do(new EndSessionAct(database, id), actor, null, null, token);
        await watch.Look(database, token);
        return result;
    }

    /// <summary>Ends one prepared transaction, whoever prepared it: foreign ones too, because a person decides here and not the console.</summary>
    public async Task<Answer<ActResult>> Settle(Actor actor, string name, string gid, bool commit, string? reason, CancellationToken token)
    {
        if (Permissions.InDoubtSettle.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (reason?.Length > 500 || (!commit && string.IsNullOrWhiteSpace(reason))) { return new Refusal(RefusalCode.InvalidField, "A rollback throws work away: a reason is needed, of at most 500 characters."); }
        if (databases.Find(name) is not { } database) { return NoDatabase(name); }
        var prepared = await database.Prepared(token);
        // A slash in a path stays written as %2F.
        if ((prepared.FirstOrDefault(p => p.Gid == gid) ?? prepared.FirstOrDefault(p => p.Gid == gid.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))) is not { } known)
        {
            return new Refusal(RefusalCode.NotFound, database.CanPrepare ? $"{name} has no prepared transaction {gid} any more." : $"{name} has no prepared transaction {gid}: its engine prepares none.");
        }
        if (!lease.Held) { return new Refusal(RefusalCode.NotNow, "Another console drives; settle it there."); }
        var result = await acts.Do(new SettleAct(database, readiness, lease, new SettleIntent(known, commit ? "commit" : "rollback", reason)), actor, null, null, token);
        await watch.Look(database, token);
        return result.Outcome == Observed.Done ? result : new Refusal(result.Outcome == Observed.NotDone ? RefusalCode.WrongState : RefusalCode.NotNow,
            $"{known.Gid} was not settled for certain; seen: {JsonNamingPolicy.CamelCase.ConvertName(result.Outcome.ToString())}. {result.Detail}");
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
