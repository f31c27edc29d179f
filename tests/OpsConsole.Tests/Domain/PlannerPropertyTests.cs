using CsCheck;
using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using Xunit;

namespace OpsConsole.Tests.Domain;

/// <summary>The planner against a search that tries everything, on cases small enough for that.</summary>
public sealed class PlannerPropertyTests
{
    private const int Top = 3;
    private static readonly string[] Names = ["a", "b", "c"];

    private static readonly Gen<string> Range = Gen.OneOf(
        Gen.Int[0, Top].Select(v => $">={v}"), Gen.Int[0, Top].Select(v => $"<={v}"), Gen.Int[0, Top].Select(v => $"{v}"),
        Gen.Select(Gen.Int[0, Top], Gen.Int[0, Top]).Select((a, b) => $"{a} || >={b}"));

    private static readonly Gen<Contract> OneContract =
        Gen.Select(Gen.Int[0, 2], Range, Gen.Int[0, 2], Range).Select((a, range, b, required) => PlannerTests.Needs(Names[a], range, Names[b], required));

    private static readonly Gen<(int[] Goal, Contract[] Contracts)> Case = Gen.Select(Gen.Int[0, Top].Array[3], OneContract.Array[0, 5]);

    [Fact]
    public void Every_plan_is_allowed_on_the_way_and_costs_what_the_exhaustive_search_finds()
    {
        Case.Sample((goal, contracts) =>
        {
            var plan = Planner.Plan(new PlanRequest([.. Names.Select((n, i) => PlannerTests.Database(n, 0, goal[i], Top))], contracts));
            var best = Exhaustive(goal, contracts);
            var fromAllowed = Allowed([0, 0, 0], contracts);
            if (!plan.Possible)
            {
                return best is null && !Allowed(goal, contracts) && plan.ForbiddenBy.Count == 1 && (!fromAllowed || IsNearest(plan, goal, contracts));
            }
            var state = new int[3];
            var (joint, applied) = (0, 0);
            foreach (var step in plan.Steps)
            {
                foreach (var (name, version) in step.Databases)
                {
                    state[Array.IndexOf(Names, name)] = int.Parse(version, System.Globalization.CultureInfo.InvariantCulture);
                }
                // What is broken before anything moves stays so until its own knot moves; from an allowed start every state has to be allowed.
                if (fromAllowed && !Allowed(state, contracts))
                {
                    return false;
                }
                joint += step.Together ? 1 : 0;
                applied += step.Together ? step.Releases.Values.Sum(v => v.Count) : 0;
            }
            return state.SequenceEqual(goal) && plan.ProvenBest && plan.Warnings.Count > 0 != fromAllowed
                && (!fromAllowed || best == (joint, applied, plan.Steps.Count));
        }, iter: 4000);
    }

    private static bool IsNearest(Plan plan, int[] goal, Contract[] contracts)
    {
        int[] near = [.. Names.Select(n => int.Parse(plan.Nearest![n], System.Globalization.CultureInfo.InvariantCulture))];
        var distance = near.Select((n, i) => Math.Abs(n - goal[i])).Sum();
        if (!Allowed(near, contracts))
        {
            return false;
        }
        return AllStates(Top, Top, Top).Where(s => Allowed(s, contracts)).All(s => s.Select((n, i) => Math.Abs(n - goal[i])).Sum() >= distance);
    }

    private static bool Broken(Contract c, int[] state) =>
        c.Versions.Contains($"{state[Array.IndexOf(Names, c.Database)]}", VersionOrder.Dotted)
        && c.Requires.Any(r => !r.Value.Contains($"{state[Array.IndexOf(Names, r.Key)]}", VersionOrder.Dotted));

    private static bool Allowed(int[] state, Contract[] contracts) => !contracts.Any(c => Broken(c, state));

    private static IEnumerable<int[]> AllStates(int a, int b, int c) =>
        from x in Enumerable.Range(0, a + 1) from y in Enumerable.Range(0, b + 1) from z in Enumerable.Range(0, c + 1) select new[] { x, y, z };

    private static bool Below(int[] low, int[] high) => low.Zip(high).All(p => p.First <= p.Second) && !low.SequenceEqual(high);

    /// <summary>The least cost over all paths whose steps have no allowed state inside; null where the goal is forbidden.</summary>
    private static (int Joint, int Applied, int Steps)? Exhaustive(int[] goal, Contract[] contracts)
    {
        if (!Allowed(goal, contracts))
        {
            return null;
        }
        // Sorted by their sum, every state comes after all below it.
        var states = AllStates(goal[0], goal[1], goal[2]).Where(s => s.All(v => v == 0) || Allowed(s, contracts)).OrderBy(s => s.Sum()).ToList();
        var cost = new (int Joint, int Applied, int Steps)?[states.Count];
        cost[0] = (0, 0, 0);
        for (var to = 1; to < states.Count; to++)
        {
            for (var from = 0; from < to; from++)
            {
                if (cost[from] is not { } before || !Below(states[from], states[to])
                    || states.Any(s => Below(states[from], s) && Below(s, states[to])))
                {
                    continue;
                }
                var moved = states[to].Zip(states[from]).Where(p => p.First > p.Second).ToList();
                var next = moved.Count > 1
                    ? (before.Joint + 1, before.Applied + moved.Sum(p => p.First - p.Second), before.Steps + 1)
                    : (before.Joint, before.Applied, before.Steps + 1);
                cost[to] = cost[to] is { } old && old.CompareTo(next) <= 0 ? old : next;
            }
        }
        return cost[states.FindIndex(s => s.SequenceEqual(goal))];
    }
}
