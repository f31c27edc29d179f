using System.Globalization;
using OpsConsole.Benchmarks.Bench;
using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>Large: as people have it, pairs and chains that go together. Small: whatever contracts there may be, against a search that tries everything.</summary>
internal static class Plans
{
    private const int Databases = 50, Releases = 20, Cases = 300, Small = 3, Top = 4;

    public static Task Run(Report report, Options options)
    {
        var request = Large();
        var plan = Planner.Plan(request);
        if (!plan.Possible || plan.Steps.Sum(s => s.Releases.Values.Sum(r => r.Count)) != Databases * Releases) { throw new InvalidOperationException(plan.Reason ?? "The plan leaves releases out."); }
        for (var i = 0; i < 3; i++) { Planner.Plan(request); }
        var times = Enumerable.Range(0, 9).Select(_ => Milliseconds(() => Planner.Plan(request))).ToList();
        report.Say("steps", plan.Steps.Count);
        report.Say("joint", plan.Steps.Count(s => s.Together));
        report.AtMost("milliseconds", Rounds.Median(times), 100, $"ms for {Databases} databases with {Releases} releases each", 1);
        report.AtLeast("proven_best", plan.ProvenBest ? 1 : 0, 1, "(1: no other order is better)", 0);
        Compare(report);
        return Task.CompletedTask;
    }

    private static void Compare(Report report)
    {
        var random = new Random(1729);
        var (same, possible, ours, theirs) = (0, 0, 0.0, 0.0);
        for (var i = 0; i < Cases; i++)
        {
            var goal = Enumerable.Range(0, Small).Select(_ => random.Next(Top + 1)).ToArray();
            var contracts = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Needs(Name(random.Next(Small)), Range(random), Name(random.Next(Small)), Range(random))).ToArray();
            var request = new PlanRequest([.. Enumerable.Range(0, Small).Select(d => Database(d, goal[d], Top))], contracts);
            var search = new Exhaustive(contracts, goal);
            if (!search.Allowed(new int[Small])) { i--; continue; }
            Plan plan = null!;
            (int, int, int)? best = null;
            ours += Milliseconds(() => plan = Planner.Plan(request));
            theirs += Milliseconds(() => best = search.Best());
            (int, int, int)? cost = plan.Possible
                ? (plan.Steps.Count(s => s.Together), plan.Steps.Where(s => s.Together).Sum(s => s.Releases.Values.Sum(r => r.Count)), plan.Steps.Count) : null;
            possible += plan.Possible ? 1 : 0;
            same += cost == best ? 1 : 0;
        }
        report.Say("small.possible", possible, $"of {Cases}");
        report.Say("small.planner", ours / Cases, "ms", 3);
        report.Say("small.exhaustive", theirs / Cases, "ms", 3);
        report.AtLeast("small.as_good", (double)same / Cases, 1, "of the small cases");
    }

    private static PlanRequest Large()
    {
        var contracts = new List<Contract>();
        for (var d = 0; d + 4 < Databases; d += 5)
        {
            // A pair that goes together at 7 and 5, another at 15, a chain of needs behind it, and one that stands alone.
            contracts.AddRange([Needs(Name(d), ">=7", Name(d + 1), ">=5"), Needs(Name(d + 1), ">=5", Name(d), ">=7")]);
            contracts.AddRange([Needs(Name(d), ">=15", Name(d + 2), ">=15"), Needs(Name(d + 2), ">=15", Name(d), ">=15")]);
            contracts.AddRange([Needs(Name(d + 3), ">=3", Name(d + 2), ">=10"), Needs(Name(d + 3), ">=12", Name(d + 1), ">=18")]);
        }
        return new PlanRequest([.. Enumerable.Range(0, Databases).Select(d => Database(d, Releases, Releases))], contracts);
    }

    private static PlannedDatabase Database(int d, int goal, int top) =>
        new(Name(d), "0", goal.ToString(CultureInfo.InvariantCulture), [.. Enumerable.Range(1, top).Select(v => new PlannedRelease(v.ToString(CultureInfo.InvariantCulture)))]);

    private static string Name(int d) => $"d{d}";
    private static string Range(Random random) => random.Next(3) switch { 0 => $">={random.Next(Top + 1)}", 1 => $"<={random.Next(Top + 1)}", _ => $"{random.Next(Top + 1)} || >={random.Next(Top + 1)}" };
    private static Contract Needs(string database, string versions, string required, string range) =>
        new(database, VersionRange.Parse(versions), new Dictionary<string, VersionRange> { [required] = VersionRange.Parse(range) });

    private static double Milliseconds(Action work)
    {
        var from = System.Diagnostics.Stopwatch.GetTimestamp();
        work();
        return System.Diagnostics.Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    /// <summary>Tries every allowed state up to the goal and every step between two of them that has none in its middle.</summary>
    private sealed class Exhaustive(Contract[] contracts, int[] goal)
    {
        public bool Allowed(int[] state) => contracts.All(c => !In(c.Versions, c.Database, state) || c.Requires.All(r => In(r.Value, r.Key, state)));

        public (int Joint, int Applied, int Steps)? Best()
        {
            var states = States([], 0).Where(Allowed).OrderBy(s => s.Sum()).ToList();
            if (!Allowed(goal)) { return null; }
            var cost = new (int Joint, int Applied, int Steps)?[states.Count];
            cost[0] = (0, 0, 0);
            for (var to = 1; to < states.Count; to++)
            {
                for (var from = 0; from < to; from++)
                {
                    if (cost[from] is not { } before || !Below(states[from], states[to]) || states.Any(s => Below(states[from], s) && Below(s, states[to]))) { continue; }
                    int[] moved = [.. states[to].Zip(states[from], (t, f) => t - f).Where(m => m > 0)];
                    var next = moved.Length > 1 ? (before.Joint + 1, before.Applied + moved.Sum(), before.Steps + 1) : (before.Joint, before.Applied, before.Steps + 1);
                    if (cost[to] is not { } old || next.CompareTo(old) < 0) { cost[to] = next; }
                }
            }
            return cost[states.FindIndex(s => s.SequenceEqual(goal))];
        }

        private IEnumerable<int[]> States(int[] head, int at) => at == goal.Length ? [head] : Enumerable.Range(0, goal[at] + 1).SelectMany(v => States([.. head, v], at + 1));
        private static bool In(VersionRange range, string database, int[] state) =>
            range.Contains(state[int.Parse(database.AsSpan(1), CultureInfo.InvariantCulture)].ToString(CultureInfo.InvariantCulture), VersionOrder.Dotted);
        private static bool Below(int[] low, int[] high) => low.Zip(high).All(p => p.First <= p.Second) && !low.SequenceEqual(high);
    }
}
