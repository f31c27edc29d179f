using OpsConsole.Engines;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Sessions;

/// <param name="Depth">0: waits for nobody that is seen here; else one more than the one it waits for</param>
/// <param name="Blocks">how many wait for it, directly or behind others</param>
/// <param name="Blocker">the first that it waits for and that is seen here</param>
public sealed record ConnectionRow(SessionFacts Facts, int Depth, int Blocks, string? Blocker)
{
    public string Id => Facts.Id;
    public bool Waits => Facts.BlockedBy.Count > 0;
    public bool IdleInTransaction => Facts.State.StartsWith("idle in transaction", StringComparison.Ordinal);

    public (Mark Mark, string Word) State => (Facts, this) switch
    {
        (_, { Blocks: > 0 }) => (Mark.Danger, $"blocks {Blocks}"),
        (_, { Waits: true }) => (Mark.Attention, "waits"),
        (_, { IdleInTransaction: true }) => (Mark.Attention, Facts.State),
        ({ State: "idle" }, _) => (Mark.Waits, "idle"),
        ({ State: "hidden" }, _) => (Mark.Unknown, "may not be seen"),
        _ => (Mark.Running, Facts.State),
    };
}

/// <summary>Who holds up whom: blockers first, those who wait under them, then open transactions by age, then who works, then who idles; the console's own last.</summary>
public static class SessionTree
{
    public static IReadOnlyList<ConnectionRow> Of(IReadOnlyList<SessionFacts> sessions)
    {
        var byId = sessions.ToDictionary(s => s.Id);
        var blocker = sessions.ToDictionary(s => s.Id, s => s.BlockedBy.FirstOrDefault(b => b != s.Id && byId.ContainsKey(b)));
        var waiting = sessions.Where(s => blocker[s.Id] is not null).ToLookup(s => blocker[s.Id]!);
        var counts = sessions.ToDictionary(s => s.Id, s => Behind(s.Id, waiting, []));
        var rows = new List<ConnectionRow>();
        var seen = new HashSet<string>();
        foreach (var root in Ordered(sessions.Where(s => blocker[s.Id] is null), counts)) { Put(root, 0); }
        // A circle of waiters has no root; the engine is about to break it, and until then it is shown all the same.
        foreach (var rest in Ordered(sessions, counts)) { Put(rest, 0); }
        return rows;

        void Put(SessionFacts session, int depth)
        {
            if (!seen.Add(session.Id)) { return; }
            rows.Add(new(session, depth, counts[session.Id], blocker[session.Id]));
            foreach (var next in Ordered(waiting[session.Id], counts)) { Put(next, depth + 1); }
        }
    }

    private static int Behind(string id, ILookup<string, SessionFacts> waiting, HashSet<string> seen) =>
        waiting[id].Sum(s => seen.Add(s.Id) ? 1 + Behind(s.Id, waiting, seen) : 0);

    private static IEnumerable<SessionFacts> Ordered(IEnumerable<SessionFacts> sessions, Dictionary<string, int> counts) => sessions
        .OrderBy(s => s.Own).ThenByDescending(s => counts[s.Id]).ThenBy(s => Rank(s.State)).ThenByDescending(s => s.TransactionSeconds ?? -1).ThenBy(s => s.StartedAt).ThenBy(s => s.Id, StringComparer.Ordinal);

    private static int Rank(string state) => state switch { "idle" => 3, "active" => 2, _ when state.StartsWith("idle in transaction", StringComparison.Ordinal) => 1, _ => 2 };
}
