using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using Xunit;

namespace OpsConsole.Tests.Domain;

public sealed class PlannerTests
{
    internal static PlannedDatabase Database(string name, int current, int target, int top = 0, bool down = false) =>
        new(name, $"{current}", $"{target}", [.. Enumerable.Range(current + 1, Math.Max(target, top) - current).Select(v => new PlannedRelease($"{v}", true, down))]);

    internal static Contract Needs(string database, string versions, string required, string range) =>
        new(database, VersionRange.Parse(versions), new Dictionary<string, VersionRange> { [required] = VersionRange.Parse(range) });

    private static readonly Contract[] Pair = [Needs("forum", ">=7", "members", ">=5"), Needs("members", ">=5", "forum", ">=7")];
    private static readonly Dictionary<string, IReadOnlyList<string>> Sites = new() { ["forum"] = ["forum"], ["members"] = ["members", "forum"] };

    [Fact]
    public void The_pair_of_2005_goes_together_and_says_why()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 6, 7), Database("members", 4, 5)], Pair, Sites));

        Assert.True(plan.Possible);
        var step = Assert.Single(plan.Steps);
        Assert.True(step.Together);
        Assert.Equal("7", step.Databases["forum"]);
        Assert.Equal("5", step.Databases["members"]);
        Assert.Equal(["forum >=7 needs members >=5", "members >=5 needs forum >=7"], step.Because);
        Assert.Equal(["forum", "members"], step.FrozenSites);
        Assert.Equal("checkpoint", step.Reversible);
        Assert.True(plan.ProvenBest);
    }

    [Fact]
    public void Releases_around_the_pair_are_done_alone()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 5, 8), Database("members", 3, 6)], Pair));

        Assert.Equal(5, plan.Steps.Count);
        var together = Assert.Single(plan.Steps, s => s.Together);
        Assert.Equal(["7"], together.Releases["forum"]);
        Assert.Equal(["5"], together.Releases["members"]);
    }

    [Fact]
    public void Two_pairs_are_two_small_steps_and_not_one_leap()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 6, 9), Database("members", 4, 7)],
            [.. Pair, Needs("forum", ">=9", "members", ">=7"), Needs("members", ">=7", "forum", ">=9")]));

        Assert.Equal([true, false, false, true], plan.Steps.Select(s => s.Together));
    }

    [Fact]
    public void One_of_the_pair_alone_is_impossible_and_names_the_contract_and_what_would_do()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 6, 7), Database("members", 4, 4, top: 5)], Pair));

        Assert.False(plan.Possible);
        Assert.Empty(plan.Steps);
        Assert.Equal(["forum >=7 needs members >=5"], plan.ForbiddenBy);
        Assert.Contains("forum >=7 needs members >=5", plan.Reason, StringComparison.Ordinal);
        Assert.Equal("7", plan.Nearest!["forum"]);
        Assert.Equal("5", plan.Nearest["members"]);
    }

    [Fact]
    public void Without_the_other_release_the_nearest_target_is_to_stay()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 5, 7), Database("members", 4, 4)], Pair));

        Assert.Equal("6", plan.Nearest!["forum"]);
        Assert.Equal("4", plan.Nearest["members"]);
    }

    [Fact]
    public void A_forbidden_version_in_the_middle_is_leapt_over_and_named()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 1, 3), Database("members", 4, 4)], [Needs("forum", "2", "members", ">=9")]));

        var step = Assert.Single(plan.Steps);
        Assert.False(step.Together);
        Assert.Equal(["2", "3"], step.Releases["forum"]);
        Assert.Equal(["forum 2 needs members >=9"], step.Because);
    }

    [Fact]
    public void Down_scripts_on_every_release_of_a_step_make_it_reversible_by_scripts_and_no_copy_makes_it_final()
    {
        var scripts = Planner.Plan(new PlanRequest([Database("forum", 1, 2, down: true)], []));
        var final = Planner.Plan(new PlanRequest([Database("forum", 1, 2), Database("forum2", 1, 3) with { CanCheckpoint = false }], []));

        Assert.Equal("scripts", scripts.Steps[0].Reversible);
        Assert.Null(scripts.PointOfNoReturn);
        Assert.Equal("no", final.Steps[1].Reversible);
        Assert.Equal(1, final.PointOfNoReturn);
    }

    [Fact]
    public void Going_back_is_no_plan()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 6, 6) with { Target = "5" }], []));
        Assert.False(plan.Possible);
        Assert.Contains("rollback", plan.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_that_is_not_there_an_unknown_database_and_a_name_twice_are_said()
    {
        Assert.Contains("no release 9", Planner.Plan(new PlanRequest([Database("forum", 6, 7) with { Target = "9" }], [])).Reason, StringComparison.Ordinal);
        Assert.Contains("members", Planner.Plan(new PlanRequest([Database("forum", 6, 7)], Pair)).Reason, StringComparison.Ordinal);
        Assert.Contains("twice", Planner.Plan(new PlanRequest([Database("forum", 6, 7), Database("Forum", 6, 7)], [])).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_contract_that_is_broken_already_is_a_warning_and_the_plan_may_mend_it()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 7, 7), Database("members", 4, 5)], Pair));
        Assert.True(plan.Possible);
        Assert.Contains("forum >=7 needs members >=5", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_do_is_an_empty_plan()
    {
        var plan = Planner.Plan(new PlanRequest([Database("forum", 7, 7)], []));
        Assert.True(plan.Possible);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fifty_databases_by_twenty_releases_are_planned_at_once(bool oneChain)
    {
        var databases = Enumerable.Range(0, 50).Select(i => Database($"db{i}", 0, 20)).ToList();
        var contracts = Enumerable.Range(0, 49).Where(i => oneChain || i % 2 == 0)
            .SelectMany(i => new[] { Needs($"db{i}", ">=10", $"db{i + 1}", ">=10"), Needs($"db{i + 1}", ">=10", $"db{i}", ">=10") }).ToList();
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var plan = Planner.Plan(new PlanRequest(databases, contracts));

        Assert.True(plan.Possible);
        Assert.Equal(oneChain ? 1 : 25, plan.Steps.Count(s => s.Together));
        Assert.Equal(1000, plan.Steps.Sum(s => s.Releases.Values.Sum(v => v.Count)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
    }
}
