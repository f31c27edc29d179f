namespace OpsConsole.Domain.Planning;

/// <summary>
/// Finds the allowed state closest to a forbidden target, counted in releases; among equals the one that keeps what was asked for and moves others further.
/// Any allowed state differs from a forbidden one in a database of each broken rule: so only those are tried, the cheapest first.
/// </summary>
internal static class NearestSearch
{
    private const int MostStates = 50_000;

    public static int[]? Find(StateSpace space)
    {
        var open = new PriorityQueue<(int[] State, bool[] Settled), (int Distance, int Lowered, int Ticket)>();
        var seen = new HashSet<string>();
        open.Enqueue((space.Goal, new bool[space.Goal.Length]), default);
        for (var ticket = 1; open.TryDequeue(out var at, out _) && ticket < MostStates;)
        {
            if (space.FirstBroken(at.State) is not { } rule)
            {
                return at.State;
            }
            foreach (var database in new[] { rule.From, rule.To }.Distinct().Where(d => !at.Settled[d]))
            {
                for (var place = 0; place <= space.Top[database]; place++)
                {
                    var (state, settled) = ((int[])at.State.Clone(), (bool[])at.Settled.Clone());
                    (state[database], settled[database]) = (place, true);
                    if (place != at.State[database] && seen.Add(StateSpace.Key(state) + string.Concat(settled.Select(s => s ? '1' : '0'))))
                    {
                        open.Enqueue((state, settled), (Distance(space.Goal, state), state.Where((s, i) => s < space.Goal[i]).Count(), ticket++));
                    }
                }
            }
        }
        return null;
    }

    private static int Distance(int[] goal, int[] state) => goal.Select((g, i) => Math.Abs(g - state[i])).Sum();
}
