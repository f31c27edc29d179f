using System.Runtime.CompilerServices;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>
/// SIGKILL at every listed failpoint, on every engine, then a restart: all-new, all-old, or a choice that is named to a person, and from there a good end.
/// OPSCONSOLE_LAPS=PostgreSql or =Sqlite:3 runs a part of it.
/// </summary>
public sealed class FailpointMatrix(FailpointRuns runs, ITestOutputHelper output) : IClassFixture<FailpointRuns>
{
    private static readonly string[]? Only = Environment.GetEnvironmentVariable("OPSCONSOLE_LAPS")?.Split(',');

    public static IReadOnlyList<LapPlan> Plans { get; } = [.. FailpointPlan.Engines.SelectMany(e => FailpointPlan.Laps(e, Failpoint.All)).OrderBy(p => p.Number)
        .Where(p => Only is null || Only.Contains(p.Engine.ToString()) || Only.Contains($"{p.Engine}:{p.Number}"))];

    public static TheoryData<EngineKind, int, string> Laps => [.. Plans.Select(p => (p.Engine, p.Number, p.ToString()))];

    [Theory]
    [MemberData(nameof(Laps))]
    public Task After_a_kill_at_each_place_of_this_night_it_is_all_new_or_all_old_or_a_named_choice(EngineKind engine, int lap, string deaths)
    {
        output.WriteLine(deaths);
        return runs.Of(Plans.Single(p => p.Engine == engine && p.Number == lap));
    }

    [Fact]
    public async Task The_table_has_a_line_for_every_failpoint_on_every_engine()
    {
        var faults = new List<string>();
        foreach (var plan in Plans)
        {
            try { await runs.Of(plan); }
            catch (InvalidOperationException fault) { faults.Add(fault.Message.Split('\n')[0]); } // Told in full by the lap's own test.
        }
        var (text, path) = runs.Table.Write();
        output.WriteLine(text);
        output.WriteLine($"The table lies in {path}");
        TestContext.Current.SendDiagnosticMessage($"The table of failpoints lies in {path}");
        Assert.Empty(faults);
        var planned = Plans.SelectMany(p => p.Deaths.Values.Select(d => (p.Engine, d.Name))).ToHashSet();
        Assert.Equal(planned, runs.Table.Lines.Select(l => (l.Engine, l.Death.Name)).ToHashSet());
    }

    [Fact]
    public void Every_listed_failpoint_has_its_death_on_every_engine()
    {
        foreach (var engine in FailpointPlan.Engines)
        {
            var laid = FailpointPlan.Laps(engine, Failpoint.All).SelectMany(l => l.Deaths.Values.Select(d => d.Failpoint)).ToHashSet();
            Assert.Equal(Failpoint.All.Order(StringComparer.Ordinal), laid.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_act_is_an_effect_with_failpoints_and_no_effect_is_without_its_act()
    {
        var kinds = typeof(Act).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Act)) && t != typeof(CutOffAct)).Select(t => ((Act)RuntimeHelpers.GetUninitializedObject(t)).Kind);
        Assert.Equal(Failpoint.Effects.Order(StringComparer.Ordinal), kinds.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_failpoint_of_an_effect_that_no_night_comes_to_is_seen_to_be_without_its_death()
    {
        var laid = FailpointPlan.Laps(EngineKind.Sqlite, [.. Failpoint.All, "teleport.beforeIntent"]).SelectMany(l => l.Deaths.Values.Select(d => d.Failpoint));
        Assert.DoesNotContain("teleport.beforeIntent", laid);
    }
}
