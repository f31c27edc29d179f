namespace OpsConsole.Domain.Planning;

/// <summary>
/// Finds the path from the present state to the goal through allowed states only.
///
/// A step goes from one allowed state to another with no allowed state between them: so each step is as small as the contracts let it be, and a path
/// exists exactly when the goal is allowed. Among such paths the best has the fewest joint steps, then the least applied in them, then the fewest steps.
/// (Without "none between", one leap from start to goal would always count as the fewest joint steps, and would be the worst plan.)
///
/// Where every contract is of the form "from here on needs from there on", the allowed states form a distributive lattice, in which all such paths are
/// made of the same steps in another order: then the first one found is the best, whatever the size. Else Dijkstra, up to a limit.
/// </summary>
internal static class PathSearch
{
    private const int MostStates = 60_000;

    /// <param name="ProvenBest">false: the limit was reached, and the smallest step was taken each time</param>
    internal sealed record Path(IReadOnlyList<int[]> States, bool ProvenBest);

    private readonly record struct Cost(int Joint, int Applied, int Steps) : IComparable<Cost>
    {
        public int CompareTo(Cost other) =>
            Joint != other.Joint ? Joint.CompareTo(other.Joint)
            : Applied != other.Applied ? Applied.CompareTo(other.Applied)
            : Steps.CompareTo(other.Steps);

        public Cost Plus(int[] from, int[] to)
        {
            var (databases, releases) = Size(from, to);
            return databases > 1 ? new(Joint + 1, Applied + releases, Steps + 1) : this with { Steps = Steps + 1 };
        }
    }

    public static Path Find(StateSpace space)
    {
        if (space.Rules.All(r => r.IsLattice(space.Goal)))
        {
            return new(SmallestStepEachTime(space), true);
        }
        return Dijkstra(space) is { } states ? new(states, true) : new(SmallestStepEachTime(space), false);
    }

    private static (int Databases, int Releases) Size(int[] from, int[] to)
    {
        var (databases, releases) = (0, 0);
        for (var i = 0; i < from.Length; i++)
        {
            databases += to[i] > from[i] ? 1 : 0;
            releases += to[i] - from[i];
        }
        return (databases, releases);
    }

    private static List<int[]> SmallestStepEachTime(StateSpace space)
    {
        var path = new List<int[]> { space.Start };
        while (!path[^1].AsSpan().SequenceEqual(space.Goal))
        {
            var here = path[^1];
            int[]? best = null;
            for (var i = 0; i < here.Length && (best is null || Size(here, best).Releases > 1); i++)
            {
                foreach (var next in Above(space, here, i))
                {
                    if (best is null || Size(here, next).Releases < Size(here, best).Releases)
                    {
                        best = next;
                    }
                }
            }
            path.Add(best ?? throw new InvalidOperationException("The goal is allowed, yet no step leads towards it."));
        }
        return path;
    }

    private static List<int[]>? Dijkstra(StateSpace space)
    {
        var goal = StateSpace.Key(space.Goal);
        var known = new Dictionary<string, (Cost Cost, int[] State, string? Before)> { [StateSpace.Key(space.Start)] = (default, space.Start, null) };
        var done = new HashSet<string>();
        var open = new PriorityQueue<string, (Cost, int)>();
        open.Enqueue(StateSpace.Key(space.Start), (default, 0));
        for (var ticket = 1; open.TryDequeue(out var key, out _);)
        {
            if (!done.Add(key))
            {
                continue;
            }
            var (cost, here, _) = known[key];
            if (key == goal)
            {
                return WalkBack(known, key);
            }
            if (done.Count > MostStates)
            {
                return null;
            }
            foreach (var next in SmallestAbove(space, here))
            {
                var (nextKey, nextCost) = (StateSpace.Key(next), cost.Plus(here, next));
                if (!known.TryGetValue(nextKey, out var old) || nextCost.CompareTo(old.Cost) < 0)
                {
                    known[nextKey] = (nextCost, next, key);
                    // The ticket keeps the order of discovery among equals, so that the same question has the same answer.
                    open.Enqueue(nextKey, (nextCost, ticket++));
                }
            }
        }
        throw new InvalidOperationException("The goal is allowed, yet no path leads to it.");
    }

    private static List<int[]> WalkBack(Dictionary<string, (Cost Cost, int[] State, string? Before)> known, string key)
    {
        var path = new List<int[]>();
        for (string? at = key; at is not null; at = known[at].Before)
        {
            path.Add(known[at].State);
        }
        path.Reverse();
        return path;
    }

    private static List<int[]> SmallestAbove(StateSpace space, int[] here)
    {
        var found = new List<int[]>();
        for (var i = 0; i < here.Length; i++)
        {
            found.AddRange(Above(space, here, i));
        }
        return [.. found.DistinctBy(StateSpace.Key).Where(a => !found.Any(b => IsBelow(b, a)))];
    }

    private static bool IsBelow(int[] low, int[] high)
    {
        var less = false;
        for (var i = 0; i < low.Length; i++)
        {
            if (low[i] > high[i])
            {
                return false;
            }
            less |= low[i] < high[i];
        }
        return less;
    }

    /// <summary>
    /// Allowed states up to the goal in which this database is at least one release further; all the smallest are among them. A broken rule is mended by
    /// raising either side to the next place where it holds: every allowed state above lies above one of the two.
    /// </summary>
    private static List<int[]> Above(StateSpace space, int[] here, int database)
    {
        var found = new List<int[]>();
        if (here[database] >= space.Goal[database])
        {
            return found;
        }
        var seen = new HashSet<string>();
        var open = new Stack<int[]>();
        void Push(int[] from, int index, bool[] set, bool wanted)
        {
            var place = Array.IndexOf(set, wanted, from[index] + 1);
            if (place < 0 || place > space.Goal[index])
            {
                return;
            }
            var next = (int[])from.Clone();
            next[index] = place;
            if (seen.Add(StateSpace.Key(next)))
            {
                open.Push(next);
            }
        }
        var first = (int[])here.Clone();
        first[database]++;
        open.Push(first);
        while (open.TryPop(out var state))
        {
            if (found.Exists(f => IsBelow(f, state)))
            {
                continue;
            }
            if (space.FirstBroken(state) is not { } rule)
            {
                found.Add(state);
                continue;
            }
            Push(state, rule.From, rule.Left, false);
            Push(state, rule.To, rule.Right, true);
        }
        return found;
    }
}
