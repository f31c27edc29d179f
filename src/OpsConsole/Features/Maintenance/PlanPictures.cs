using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Maintenance;

/// <summary>A contract as the plan page lists it.</summary>
/// <param name="Letter">the same as in the drawing of states</param>
/// <param name="Steps">the steps that it shapes</param>
/// <param name="So">what follows from it here; null: it only has to hold</param>
/// <param name="Forbids">the target is out of reach because of it</param>
public sealed record ContractRow(string Letter, string Text, string? So, string Steps, bool Forbids);

/// <summary>Draws a plan: its states one after the other, and which pairs of versions may live together.</summary>
public static class PlanPictures
{
    public static string Letter(int index) => index < 26 ? ((char)('A' + index)).ToString() : $"{index + 1}";

    /// <param name="towards">where the wanted state cannot be reached: the way to the nearest that can, drawn up to there</param>
    public static PlanGridFacts Grid(DrawnPlan drawn, PlanChoices choices, DrawnPlan? towards = null)
    {
        var names = Moving(drawn, choices);
        var at = names.ToDictionary(n => n.Name, n => drawn.From.GetValueOrDefault(n.Name) ?? n.Current ?? "empty");
        List<PlanState> states = [State("Now", names, at, [], false, false, null)];
        var plan = drawn.Plan.Possible ? drawn.Plan : towards?.Plan ?? drawn.Plan;
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            var step = plan.Steps[i];
            foreach (var (name, version) in step.Databases) { at[name] = version; }
            var gone = plan.PointOfNoReturn <= i;
            states.Add(State($"{i + 1}", names, at, step.Databases.Keys, step.Together, true,
                gone || step.Reversible == "no" ? new PlanWayBack(Mark.Danger, "none") : new PlanWayBack(Mark.Ok, "checkpoint", "of the whole group")));
        }
        if (drawn.Plan.Possible)
        {
            states.Add(State("After", names, at, [], false, false, new PlanWayBack(Mark.Refused, "none")) with { AfterFinalize = true });
        }
        else
        {
            var reached = new Dictionary<string, string>(at);
            foreach (var name in names) { at[name.Name] = drawn.To.GetValueOrDefault(name.Name) ?? drawn.From.GetValueOrDefault(name.Name) ?? name.Current ?? "empty"; }
            var wanted = State("Wanted", names, at, [], false, false, new PlanWayBack(Mark.Danger, "no step leads here")) with { Unreachable = true };
            states.Add(wanted with { Versions = [.. names.Select(n => new PlanVersion(at[n.Name], reached[n.Name] != at[n.Name]))] });
        }
        var sites = plan.Steps.SelectMany(s => s.FrozenSites).Distinct().Order(StringComparer.Ordinal).ToList();
        return new([.. names.Select(n => new PlanDatabase(n.Name, n.Engine))], states, sites.Count == 0 ? null : $"{string.Join(" and ", sites)} frozen");
    }

    /// <summary>Null: there are not exactly two databases in question.</summary>
    public static StateMatrixFacts? Matrix(DrawnPlan drawn, PlanChoices choices)
    {
        var names = Moving(drawn, choices);
        if (names.Count != 2) { return null; }
        var (across, down) = (names[0], names[1]);
        var path = Path(drawn, across.Name, down.Name);
        var orders = names.ToDictionary(n => n.Name, n => (IVersionOrder)new VersionOrder(n.Versions));
        List<string> rows = [.. down.Versions.Reverse()];
        return new(across.Name, across.Versions, down.Name, rows, [.. rows.Select(d => (IReadOnlyList<MatrixCell>)[.. across.Versions.Select(a =>
        {
            var state = new Dictionary<string, string?> { [across.Name] = a, [down.Name] = d };
            var broken = Enumerable.Range(0, choices.Contracts.Count).FirstOrDefault(c => Breaks(choices.Contracts[c], state, orders), -1);
            return new MatrixCell(broken < 0, path.Contains((a, d)), broken < 0 ? null : Letter(broken));
        })])]);
    }

    public static IReadOnlyList<ContractRow> Contracts(DrawnPlan drawn, PlanChoices choices) => [.. choices.Contracts.Select((contract, i) =>
    {
        var text = contract.ToString();
        var steps = drawn.Plan.Steps.Select((s, n) => (Step: s, Number: n + 1)).Where(x => x.Step.Because.Contains(text)).ToList();
        var forbids = drawn.Plan.ForbiddenBy.Contains(text);
        return new ContractRow(Letter(i), Readable(text), forbids ? "the wanted versions break it" : steps.Count > 0 ? Alone(drawn, contract, steps[0].Number) : null,
            string.Join(", ", steps.Select(s => s.Number)), forbids);
    })];

    /// <summary>With the signs that people write.</summary>
    public static string Readable(string contract) => contract.Replace(">=", "≥", StringComparison.Ordinal).Replace("<=", "≤", StringComparison.Ordinal);

    // Why the step of a contract cannot be cut in two.
    private static string? Alone(DrawnPlan drawn, Contract contract, int number)
    {
        var step = drawn.Plan.Steps[number - 1];
        if (!step.Databases.TryGetValue(contract.Database, out var version) || contract.Requires.Keys.FirstOrDefault(step.Databases.ContainsKey) is not { } other) { return null; }
        var before = drawn.Plan.Steps.Take(number - 1).LastOrDefault(s => s.Databases.ContainsKey(other))?.Databases[other] ?? drawn.From.GetValueOrDefault(other) ?? "empty";
        return $"{contract.Database} {version} cannot go alone, {other} is at {before}";
    }

    private static bool Breaks(Contract contract, Dictionary<string, string?> state, Dictionary<string, IVersionOrder> orders) =>
        state.TryGetValue(contract.Database, out var mine) && contract.Versions.Contains(mine, orders[contract.Database])
        && contract.Requires.Any(r => state.TryGetValue(r.Key, out var theirs) && !r.Value.Contains(theirs, orders[r.Key]));

    private static HashSet<(string, string)> Path(DrawnPlan drawn, string across, string down)
    {
        var at = (Across: drawn.From.GetValueOrDefault(across) ?? "", Down: drawn.From.GetValueOrDefault(down) ?? "");
        HashSet<(string, string)> path = [at];
        foreach (var step in drawn.Plan.Steps)
        {
            at = (step.Databases.GetValueOrDefault(across, at.Across), step.Databases.GetValueOrDefault(down, at.Down));
            path.Add(at);
        }
        return path;
    }

    // Those that move, and those that a contract binds to them.
    private static List<PlanChoice> Moving(DrawnPlan drawn, PlanChoices choices)
    {
        var moving = drawn.To.Keys.Concat(drawn.Plan.Steps.SelectMany(s => s.Databases.Keys)).ToHashSet();
        var bound = choices.Contracts.Where(c => moving.Contains(c.Database) || c.Requires.Keys.Any(moving.Contains)).SelectMany(c => c.Requires.Keys.Append(c.Database)).ToHashSet();
        return [.. choices.Databases.Where(d => moving.Contains(d.Name) || bound.Contains(d.Name))];
    }

    private static PlanState State(
        string title, List<PlanChoice> names, Dictionary<string, string> at, IEnumerable<string> changed, bool together, bool frozen, PlanWayBack? back) =>
        new(title, [.. names.Select(n => changed.Contains(n.Name) ? new PlanVersion(at[n.Name], true, $"{n.Name} {at[n.Name]}") : new PlanVersion(at[n.Name], title == "Now"))], together, frozen, back);
}
