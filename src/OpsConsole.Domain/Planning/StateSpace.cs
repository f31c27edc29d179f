namespace OpsConsole.Domain.Planning;

/// <summary>
/// The versions of a few databases as a vector of numbers: 0 is the present version, i the one after i releases. Contracts become tables over
/// these numbers, so that the searches never compare a version text.
/// </summary>
internal sealed class StateSpace
{
    /// <summary>If Left[state[From]] then Right[state[To]] has to be true.</summary>
    internal sealed record Rule(int Contract, int From, int To, bool[] Left, bool[] Right)
    {
        public bool Broken(int[] state) => Left[state[From]] && !Right[state[To]];

        // Closed under the smaller and the larger of two allowed states. If every rule is, all shortest paths cost the same and any will do.
        public bool IsLattice(int[] goal)
        {
            if (From == To)
            {
                return true;
            }
            var (width, height) = (goal[From] + 1, goal[To] + 1);
            return (IsUp(Left, width) && IsUp(Right, height)) || (IsDown(Left, width) && IsDown(Right, height))
                || !Left.AsSpan(0, width).Contains(true) || !Right.AsSpan(0, height).Contains(false);
        }

        private static bool IsUp(bool[] set, int length) => !Enumerable.Range(1, length - 1).Any(i => set[i - 1] && !set[i]);
        private static bool IsDown(bool[] set, int length) => !Enumerable.Range(1, length - 1).Any(i => !set[i - 1] && set[i]);
    }

    public StateSpace(IReadOnlyList<PlannedDatabase> databases, IReadOnlyList<Rule> rules, int[] goal)
    {
        (Databases, Rules, Goal) = (databases, rules, goal);
        Top = [.. databases.Select(d => d.Releases.Count)];
    }

    public IReadOnlyList<PlannedDatabase> Databases { get; }
    public IReadOnlyList<Rule> Rules { get; }
    public int[] Goal { get; }
    public int[] Top { get; }
    public int[] Start => new int[Databases.Count];

    public bool IsAllowed(int[] state) => FirstBroken(state) is null;
    public Rule? FirstBroken(int[] state) => Rules.FirstOrDefault(r => r.Broken(state));
    public IEnumerable<Rule> BrokenIn(int[] state) => Rules.Where(r => r.Broken(state));

    public static string Key(int[] state) => string.Create(state.Length, state, (span, s) =>
    {
        for (var i = 0; i < s.Length; i++)
        {
            span[i] = (char)s[i];
        }
    });

    /// <summary>The contracts between these databases as tables; one rule for each required database.</summary>
    public static List<Rule> RulesFor(IReadOnlyList<PlannedDatabase> databases, IReadOnlyList<Contract> contracts)
    {
        var place = databases.Select((d, i) => (d.Name, i)).ToDictionary(x => x.Name, x => x.i, StringComparer.OrdinalIgnoreCase);
        var orders = databases.Select(d => d.OrderOrOwn).ToArray();
        bool[] Table(int database, Versions.VersionRange range) =>
            [.. databases[database].Releases.Select(r => (string?)r.Version).Prepend(databases[database].Current).Select(v => range.Contains(v, orders[database]))];
        var rules = new List<Rule>();
        for (var c = 0; c < contracts.Count; c++)
        {
            foreach (var (required, range) in contracts[c].Requires)
            {
                var (from, to) = (place[contracts[c].Database], place[required]);
                var rule = new Rule(c, from, to, Table(from, contracts[c].Versions), Table(to, range));
                if (rule.Left.Contains(true) && rule.Right.Contains(false))
                {
                    rules.Add(rule);
                }
            }
        }
        return rules;
    }
}
