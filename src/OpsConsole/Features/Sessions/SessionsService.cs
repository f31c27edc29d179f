using System.Globalization;
using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Sessions;

/// <summary>The door to who is connected and who is logged in, and the way to end them.</summary>
public sealed class SessionsService(
    DatabaseWatch watch, EstateDatabases databases, ConsoleSettings settings, ActRunner acts, Fences fences, Readiness readiness, DriverLease lease, TimeProvider time)
{
    public const int MostMembers = 1000, MostAtOnce = 200;
    private const string NoSessions = "SQLite cannot tell who has the file open.";
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(4);

    public async Task<Answer<IReadOnlyList<SessionFacts>>> Of(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (databases.Find(name) is not { } database) { return NoDatabase(name); }
        // An empty list would say that nobody is there.
        if (database.Settings.Engine == EngineKind.Sqlite) { return new Refusal(RefusalCode.NotNow, NoSessions); }
        return await Asked(name, async () => new Answer<IReadOnlyList<SessionFacts>>(await database.Sessions(token), null));
    }

    public async Task<Answer<IReadOnlyList<PreparedTransaction>>> InDoubt(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? await Asked(name, async () => new Answer<IReadOnlyList<PreparedTransaction>>(await database.Prepared(token), null)) : NoDatabase(name);
    }

    /// <summary>Everything, with the one list that is asked for opened. A source that does not answer in time is unknown, and delays nobody.</summary>
    public async Task<Answer<SessionsView>> Read(Actor actor, string? of, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        var connections = await Task.WhenAll(databases.All.Select(d => Connections(d, token)));
        var members = await Task.WhenAll(settings.Estate.Sites.Select(s => Members(s, token)));
        List<SessionSource> sources = [.. connections.Select(c => c.Source), .. members.Select(m => m.Source)];
        var chosen = sources.FirstOrDefault(s => string.Equals(s.Key, of, StringComparison.OrdinalIgnoreCase))
            ?? sources.FirstOrDefault(s => s.Count is not null) ?? sources.FirstOrDefault();
        var opened = connections.FirstOrDefault(c => c.Source == chosen);
        var site = members.FirstOrDefault(m => m.Source == chosen);
        return new SessionsView(
            sources, chosen, opened?.Rows ?? [], site?.Rows ?? [], site?.More ?? false,
            chosen is { IsSite: true } && settings.Estate.Site(chosen.Name)?.Sessions?.EndSql is null ? $"{chosen.Name} names no EndSql, so its sessions cannot be ended from here." : null,
            [.. connections.SelectMany(c => c.Prepared)],
            Sum(members.Select(m => m.Source.Count)), Sum(connections.Select(c => c.Source.Count)),
            connections.SelectMany(c => c.Rows).Where(r => !r.Facts.Own).Max(r => r.Facts.TransactionSeconds), connections.Sum(c => c.Rows.Count(r => r.Waits)), connections.Sum(c => c.Rows.Count(r => r.Blocks > 0 && r.Depth == 0)),
            chosen is { IsSite: false } ? watch.Of(chosen.Name).Sessions : [], time.GetUtcNow());
    }

    public async Task<Answer<ActResult>> End(Actor actor, string name, string id, CancellationToken token)
    {
        if (Permissions.SessionEnd.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return databases.Find(name) is { } database ? await Asked(name, () => End(actor, database, id, token)) : NoDatabase(name);
    }

    private async Task<Answer<ActResult>> End(Actor actor, IManagedDatabase database, string id, CancellationToken token)
    {
        var name = database.Name;
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
        if (reason is not { Length: <= 500 } || string.IsNullOrWhiteSpace(reason)) { return Refusal.Of("reason", "Another's work is decided for them: a reason is needed, of at most 500 characters."); }
        return databases.Find(name) is { } database ? await Asked(name, () => Settle(actor, database, gid, commit, reason, token)) : NoDatabase(name);
    }

    private async Task<Answer<ActResult>> Settle(Actor actor, IManagedDatabase database, string gid, bool commit, string reason, CancellationToken token)
    {
        var name = database.Name;
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

    /// <summary>Ends several of a database. Who is gone meanwhile is no fault. To end all that are there asks for a fresh proof.</summary>
    /// <returns>how many are gone</returns>
    public async Task<Answer<int>> EndConnections(Actor actor, string name, IReadOnlyList<string> ids, CancellationToken token)
    {
        if (Permissions.SessionEnd.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (databases.Find(name) is not { } database) { return NoDatabase(name); }
        return ids.Count is 0 or > MostAtOnce ? new Refusal(RefusalCode.InvalidField, $"1 to {MostAtOnce} sessions are ended at once.") : await Asked(name, () => EndConnections(actor, database, ids, token));
    }

    private async Task<Answer<int>> EndConnections(Actor actor, IManagedDatabase database, IReadOnlyList<string> ids, CancellationToken token)
    {
        var name = database.Name;
        var there = (await database.Sessions(token)).Where(s => !s.Own).Select(s => s.Id).ToHashSet();
        if (there.Count > 1 && there.IsSubsetOf(ids) && Permissions.SessionEndAll.Refuse(actor, time.GetUtcNow()) is { } all) { return all; }
        foreach (var id in ids.Where(there.Contains))
        {
            var result = await acts.Do(new EndSessionAct(database, id), actor, null, null, token);
            if (result.Outcome != Observed.Done) { return new Refusal(RefusalCode.WrongState, $"Session {id} on {name} did not end: {result.Detail}"); }
        }
        await watch.Look(database, token);
        return ids.Count;
    }

    /// <summary>Ends members' sessions by the site's own SQL.</summary>
    public async Task<Answer<int>> EndMembers(Actor actor, string name, IReadOnlyList<string> ids, CancellationToken token)
    {
        if (Permissions.SessionEnd.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (settings.Estate.Site(name) is not { } site) { return new Refusal(RefusalCode.NotFound, $"There is no site {name}."); }
        if (site.Sessions is not { EndSql: { } end } sessions || databases.Find(sessions.Database) is not { } database) { return new Refusal(RefusalCode.WrongState, $"{name} names no EndSql, so its sessions cannot be ended from here."); }
        if (ids.Count is 0 or > MostAtOnce) { return new Refusal(RefusalCode.InvalidField, $"1 to {MostAtOnce} sessions are ended at once."); }
        if (!lease.Held) { return new Refusal(RefusalCode.NotNow, "Another console drives; it ends sessions."); }
        return await Asked(database.Name, () => EndMembers(actor, site, sessions, end, database, ids, token));
    }

    private async Task<Answer<int>> EndMembers(
        Actor actor, SiteSettings site, SiteSessions sessions, VersionedSql end, IManagedDatabase database, IReadOnlyList<string> ids, CancellationToken token)
    {
        var name = site.Name;
        var (sql, list) = (await For(end, database, token), await For(sessions.Sql, database, token));
        if (sql is null || list is null) { return new Refusal(RefusalCode.NotNow, $"{name} has no SQL for this version of {database.Name}."); }
        if (ids.Count > 1 && await Members(site, token) is { Rows: var now } && now.Count > 1 && now.All(m => ids.Contains(m.Id)) && Permissions.SessionEndAll.Refuse(actor, time.GetUtcNow()) is { } all) { return all; }
        var result = await acts.Do(new EndMembersAct(database, new EndMembers(fences, readiness.Installation, lease.Epoch, sql, ids), new EndMembersIntent(name, database.Name, list, [.. ids.Select(EndMembersAct.Hash)])), actor, null, null, token);
        return result.Outcome == Observed.Done ? ids.Count : new Refusal(RefusalCode.WrongState, $"Not all of them ended: {result.Detail}");
    }

    private static async Task<Answer<T>> Asked<T>(string name, Func<Task<Answer<T>>> ask)
    {
        try
        {
            return await ask();
        }
        catch (EngineFault fault)
        {
            return new Refusal(RefusalCode.NotNow, $"{name} does not answer, or refuses: {fault.Message}");
        }
    }

    private sealed record Opened(SessionSource Source, IReadOnlyList<ConnectionRow> Rows, IReadOnlyList<PreparedRow> Prepared);

    private async Task<Opened> Connections(IManagedDatabase database, CancellationToken token)
    {
        if (database.Settings.Engine == EngineKind.Sqlite) { return new(new(database.Name, false, null, NoSessions), [], []); }
        if (watch.Of(database.Name).Fault is { } down) { return new(new(database.Name, false, null, down), [], []); }
        try
        {
            using var limit = Limit(token);
            var rows = SessionTree.Of(await database.Sessions(limit.Token));
            var prepared = await database.Prepared(limit.Token);
            return new(new(database.Name, false, rows.Count(r => !r.Facts.Own), null), rows, [.. prepared.Select(p => new PreparedRow(database.Name, p))]);
        }
        catch (Exception fault) when (!token.IsCancellationRequested) // Whatever the server does, the page says so and goes on.
        {
            return new(new(database.Name, false, null, Words(fault)), [], []);
        }
    }

    internal sealed record LoggedIn(SessionSource Source, IReadOnlyList<MemberRow> Rows, bool More);

    internal async Task<LoggedIn> Members(SiteSettings site, CancellationToken token)
    {
        LoggedIn Unknown(string because) => new(new(site.Name, true, null, because), [], false);
        if (site.Sessions is not { } sessions) { return Unknown($"Where {site.Name} keeps its sessions is not configured (Sites, {site.Name}, Sessions)."); }
        if (databases.Find(sessions.Database) is not { } database) { return Unknown($"The database {sessions.Database} is not configured."); }
        try
        {
            using var limit = Limit(token);
            if (await For(sessions.Sql, database, limit.Token) is not { } sql) { return Unknown($"No SQL was written for this version of {database.Name}."); }
            var read = await database.Query(sql, [], MostMembers, limit.Token);
            var columns = read.Columns.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i, StringComparer.OrdinalIgnoreCase);
            string? At(IReadOnlyList<string?> row, string column) => columns.TryGetValue(column, out var i) ? row[i] : null;
            // In the order of signing in: who comes later stands lower, and no row moves under the pointer.
            var rows = read.Rows.Select(r => new MemberRow(At(r, "id") ?? "", At(r, "member") ?? "", At(r, "address"), Moment(At(r, "started_at")), Moment(At(r, "last_seen_at"))))
                .OrderBy(m => m.StartedAt ?? DateTimeOffset.MaxValue).ThenBy(m => m.Member, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Id, StringComparer.Ordinal).ToList();
            return new(new(site.Name, true, read.Truncated ? null : rows.Count, read.Truncated ? $"more than {MostMembers}" : null), rows, read.Truncated);
        }
        catch (Exception fault) when (!token.IsCancellationRequested) // As above.
        {
            return Unknown(Words(fault));
        }
    }

    private async Task<string?> For(VersionedSql sql, IManagedDatabase database, CancellationToken token)
    {
        if (sql.Variants is [{ Range: var range }] && range == VersionRange.Any) { return sql.Variants[0].Sql; }
        var version = (await database.ReadHistory(token)).Version;
        return sql.For(version, watch.Of(database.Name).Releases is { } folder ? new VersionOrder(folder.Releases.Select(r => r.Version)) : VersionOrder.Dotted);
    }

    private static CancellationTokenSource Limit(CancellationToken token)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(AnswerWithin);
        return limit;
    }

    private static string Words(Exception fault) => fault is OperationCanceledException ? $"no answer within {AnswerWithin.TotalSeconds:0} s" : fault.Message;
    private static int? Sum(IEnumerable<int?> counts) => counts.OfType<int>().ToList() is { Count: > 0 } known ? known.Sum() : null;
    private static Refusal NoDatabase(string name) => new(RefusalCode.NotFound, $"There is no database {name} in the estate.");

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
