namespace OpsConsole.Domain.Planning;

/// <summary>
/// From present versions, wanted versions and contracts to the best path. Databases that no contract ties together are planned apart, so that the size of
/// an estate does not matter, only that of its largest knot. Pure: the same request gives the same plan.
/// </summary>
public static class Planner
{
    private sealed record Knot(StateSpace Space, PathSearch.Path Path);

    public static Plan Plan(PlanRequest request)
    {
        if (FirstFault(request) is { } fault)
        {
            return Impossible(request, fault, [], null, []);
        }
        var goal = request.Databases.Select(GoalOf).ToArray();
        var rules = StateSpace.RulesFor(request.Databases, request.Contracts);
        var start = new int[goal.Length];
        List<string> warnings = [.. Names(request, rules.Where(r => r.Broken(start))).Select(c => $"The present versions break a contract already: {c}.")];
        var spaces = Knots(request.Databases, rules, goal);
        // A knot in which nothing moves is left as it is: the plan cannot be blamed for it, and the warning has named it.
        var moving = spaces.Where(s => s.Goal.Any(g => g > 0)).ToList();
        var broken = Names(request, moving.SelectMany(s => s.BrokenIn(s.Goal)));
        if (broken.Count > 0)
        {
            var others = broken.Count == 1 ? "" : $" It breaks {string.Join("; ", broken.Skip(1))} as well.";
            return Impossible(request, $"The wanted versions break the contract {broken[0]}.{others}", [broken[0]], Nearest(request, spaces), warnings);
        }
        var knots = moving.Select(s => new Knot(s, PathSearch.Find(s))).ToList();
        List<PlanStep> steps = [.. knots.SelectMany(k => StepsOf(request, k))];
        var closes = steps.FindIndex(s => s.Reversible == "no");
        return new(true, steps, null, [], null, request.Tasks ?? [], warnings, closes < 0 ? null : closes, knots.All(k => k.Path.ProvenBest));
    }

    private static Plan Impossible(PlanRequest request, string reason, string[] forbiddenBy, Dictionary<string, string>? nearest, List<string> warnings) =>
        new(false, [], reason, forbiddenBy, nearest, request.Tasks ?? [], warnings, null, true);

    private static int GoalOf(PlannedDatabase database)
    {
        if (database.Target is null || database.OrderOrOwn.Compare(database.Current, database.Target) == 0)
        {
            return 0;
        }
        var order = database.OrderOrOwn;
        for (var i = 0; i < database.Releases.Count; i++)
        {
            if (order.Compare(database.Releases[i].Version, database.Target) == 0)
            {
                return i + 1;
            }
        }
        return -1;
    }

    private static string? FirstFault(PlanRequest request)
    {
        if (request.Databases.GroupBy(d => d.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return $"The database {twice.Key} is named twice.";
        }
        var names = request.Databases.Select(d => d.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var contract in request.Contracts)
        {
            if (contract.Requires.Keys.Prepend(contract.Database).FirstOrDefault(n => !names.Contains(n)) is { } missing)
            {
                return $"The contract {contract} names the database {missing}, whose version is not known.";
            }
        }
        foreach (var database in request.Databases.Where(d => GoalOf(d) < 0))
        {
            return database.OrderOrOwn.Compare(database.Target, database.Current) < 0
                ? $"{database.Name} is at {database.Current}, and {database.Target} is behind it: a plan only goes forward, the way back is a rollback."
                : $"{database.Name} has no release {database.Target} after {database.Current ?? "the empty database"}.";
        }
        return null;
    }

    // Union of all databases that share a rule, in the order of the request.
    private static List<StateSpace> Knots(IReadOnlyList<PlannedDatabase> databases, List<StateSpace.Rule> rules, int[] goal)
    {
        var root = Enumerable.Range(0, databases.Count).ToArray();
        int Root(int i) => root[i] == i ? i : root[i] = Root(root[i]);
        foreach (var rule in rules)
        {
            var (a, b) = (Root(rule.From), Root(rule.To));
            root[Math.Max(a, b)] = Math.Min(a, b);
        }
        var spaces = new List<StateSpace>();
        foreach (var members in Enumerable.Range(0, databases.Count).GroupBy(Root))
        {
            int[] own = [.. members];
            var place = own.Select((database, i) => (database, i)).ToDictionary(x => x.database, x => x.i);
            spaces.Add(new StateSpace(
                [.. own.Select(i => databases[i])],
                [.. rules.Where(r => place.ContainsKey(r.From)).Select(r => r with { From = place[r.From], To = place[r.To] })],
                [.. own.Select(i => goal[i])]));
        }
        return spaces;
    }

    private static List<string> Names(PlanRequest request, IEnumerable<StateSpace.Rule> rules) =>
        [.. rules.Select(r => r.Contract).Distinct().Order().Select(c => request.Contracts[c].ToString())];

    private static Dictionary<string, string>? Nearest(PlanRequest request, List<StateSpace> spaces)
    {
        var nearest = new Dictionary<string, string>();
        foreach (var space in spaces)
        {
            var still = space.Goal.All(g => g == 0);
            if ((still ? space.Goal : NearestSearch.Find(space)) is not { } state)
            {
                return null;
            }
            for (var i = 0; i < state.Length; i++)
            {
                var database = space.Databases[i];
                if ((state[i] == 0 ? database.Current : database.Releases[state[i] - 1].Version) is { } version)
                {
                    nearest[database.Name] = version;
                }
            }
        }
        // In the order of the request, as people wrote it.
        return request.Databases.Where(d => nearest.ContainsKey(d.Name)).ToDictionary(d => d.Name, d => nearest[d.Name]);
    }

    private static IEnumerable<PlanStep> StepsOf(PlanRequest request, Knot knot)
    {
        for (var n = 1; n < knot.Path.States.Count; n++)
        {
            var (space, from, to) = (knot.Space, knot.Path.States[n - 1], knot.Path.States[n]);
            int[] moved = [.. Enumerable.Range(0, from.Length).Where(i => to[i] > from[i])];
            var applied = moved.ToDictionary(i => i, i => space.Databases[i].Releases.Skip(from[i]).Take(to[i] - from[i]).ToList());
            var sites = moved.SelectMany(i => request.SitesOf?.GetValueOrDefault(space.Databases[i].Name) ?? []).Distinct().Order(StringComparer.Ordinal);
            yield return new PlanStep(
                "release",
                moved.ToDictionary(i => space.Databases[i].Name, i => applied[i][^1].Version),
                moved.ToDictionary(i => space.Databases[i].Name, i => (IReadOnlyList<string>)[.. applied[i].Select(r => r.Version)]),
                moved.Length > 1,
                Names(request, moved.SelectMany(i => BrokenBy(space, from, to, i))),
                [.. sites],
                applied.Values.All(list => list.TrueForAll(r => r.HasDown)) ? "scripts"
                    : moved.All(i => space.Databases[i].CanCheckpoint) ? "checkpoint" : "no");
        }
    }

    // What would be broken if this database went alone, release by release: the reason why the step is no smaller.
    private static IEnumerable<StateSpace.Rule> BrokenBy(StateSpace space, int[] from, int[] to, int database)
    {
        var alone = (int[])from.Clone();
        while (++alone[database] <= to[database])
        {
            if (alone.AsSpan().SequenceEqual(to))
            {
                yield break;
            }
            foreach (var rule in space.BrokenIn(alone).ToList())
            {
                yield return rule;
            }
        }
    }
}
