using Assembly = System.Reflection.Assembly;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace OpsConsole.Tests.House;

/// <summary>The arrows between the rooms. The last test is the twin: it proves that such a rule can fail.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Web = typeof(global::OpsConsole.House).Assembly;
    private static readonly Architecture Built = new ArchLoader()
        .LoadAssemblies(Web, typeof(global::OpsConsole.Domain.Refusal).Assembly, typeof(global::OpsConsole.Engines.IManagedDatabase).Assembly).Build();

    public static TheoryData<string> Rooms() => [.. Web.GetTypes().Select(t => t.Namespace).OfType<string>()
        .Where(n => n.StartsWith("OpsConsole.Features.", StringComparison.Ordinal)).Select(n => n.Split('.')[2]).Distinct().Order()];

    [Theory, MemberData(nameof(Rooms))]
    public void A_feature_knows_no_other_feature(string room)
    {
        var rule = Types().That().ResideInNamespaceMatching($@"^OpsConsole\.Features\.{room}(\.|$)").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^OpsConsole\.Features\.(?!{room}(\.|$))")).WithoutRequiringPositiveResults();
        Holds(rule);
    }

    [Fact]
    public void The_domain_knows_nobody() =>
        Holds(Types().That().ResideInNamespaceMatching(@"^OpsConsole\.Domain").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^OpsConsole\.(?!Domain)")));

    [Fact]
    public void The_ground_knows_no_feature_and_no_shell() =>
        Holds(Types().That().ResideInNamespaceMatching(@"^OpsConsole\.Ground").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^OpsConsole\.(Features|Shell)")).WithoutRequiringPositiveResults());

    [Fact]
    public void No_component_reaches_into_the_store_or_an_engine() =>
        Holds(Types().That().AreAssignableTo(typeof(Microsoft.AspNetCore.Components.ComponentBase)).Should()
            .NotDependOnAny(Types().That().AreAssignableTo(typeof(global::OpsConsole.Ground.Store.StoreContext)).Or().AreAssignableTo(typeof(global::OpsConsole.Engines.IManagedDatabase))).WithoutRequiringPositiveResults());

    [Fact]
    public void The_twin_shows_that_such_a_rule_can_fail()
    {
        var wrong = Types().That().ResideInNamespaceMatching(@"^OpsConsole\.Engines").Should()
            .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^OpsConsole\.Ground|^OpsConsole\.Engines"));
        Assert.False(wrong.HasNoViolations(Built));
    }

    private static void Holds(IArchRule rule)
    {
        var broken = rule.Evaluate(Built).Where(r => !r.Passed).Select(r => r.Description).ToList();
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }
}
