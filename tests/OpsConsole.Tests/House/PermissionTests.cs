using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>The whole matrix, generated: each right, asked for by each role, by nobody and by a site.</summary>
public sealed class PermissionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Written out a second time on purpose: a right that is given away by a slip in the one table differs from this one.
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["EstateRead"] = "Viewer",
        ["SessionEnd"] = "Operator",
        ["SessionEndAll"] = "Operator!",
        ["InDoubtSettle"] = "Operator!",
        ["GateAsk"] = "site",
        ["GateRead"] = "Viewer",
        ["GateFreeze"] = "Operator!",
        ["GateThaw"] = "Operator",
        ["PlanMake"] = "Operator",
        ["WindowRead"] = "Viewer",
        ["WindowWrite"] = "Operator",
        ["WindowStart"] = "Operator!",
        ["WindowRollback"] = "Operator!",
        ["WindowFinalize"] = "Operator!",
        ["WindowApprove"] = "Approver",
        ["QueuePost"] = "site",
        ["QueueRead"] = "Viewer site",
        ["QueueReview"] = "Reviewer",
        ["QueuePreview"] = "Reviewer Approver",
        ["QueueApprove"] = "Reviewer Approver",
        ["ScheduleRead"] = "Viewer",
        ["ScheduleCatchUp"] = "Operator",
        ["ReportRead"] = "Viewer",
        ["AuditRead"] = "Auditor",
        ["PeopleRead"] = "Admin",
        ["PeopleWrite"] = "Admin",
        ["HelpRead"] = "Viewer",
        ["MetricsRead"] = "Viewer",
    };

    public static TheoryData<string> Names() => [.. typeof(Permissions).GetFields().Where(f => f.FieldType == typeof(Permission)).Select(f => f.Name)];

    private static Actor With(params string[] roles) => new("1", "anna", roles.ToHashSet(), "password");

    [Theory, MemberData(nameof(Names))]
    public void Each_right_is_for_the_roles_that_were_decided_and_for_nobody_else(string name)
    {
        Assert.True(Expected.TryGetValue(name, out var decided), $"The right {name} is new: say here who may.");
        var permission = (Permission)typeof(Permissions).GetField(name)!.GetValue(null)!;
        var words = decided!.TrimEnd('!').Split(' ');
        var stepUp = decided.EndsWith('!');
        foreach (var role in Roles.All)
        {
            var may = words.Contains("Viewer") || words.Contains(role);
            Assert.Equal(may ? stepUp ? RefusalCode.StepUpNeeded : null : RefusalCode.NotAllowed, permission.Refuse(With(role), Now)?.Code);
            Assert.Equal(may ? null : RefusalCode.NotAllowed, permission.Refuse(With(role) with { SteppedUpUntil = Now.AddMinutes(1) }, Now)?.Code);
            Assert.Equal(may ? stepUp ? RefusalCode.StepUpNeeded : null : RefusalCode.NotAllowed, permission.Refuse(With(role) with { SteppedUpUntil = Now }, Now)?.Code);
        }
        Assert.Equal(RefusalCode.NotAllowed, permission.Refuse(With(), Now.AddYears(-1))?.Code);
        var site = new Actor("site:forum", "forum", new HashSet<string>(), "key:forum", "forum", DateTimeOffset.MaxValue);
        Assert.Equal(words.Contains("site") ? null : RefusalCode.NotAllowed, permission.Refuse(site, Now, "forum")?.Code);
        Assert.Equal(RefusalCode.NotAllowed, permission.Refuse(site, Now, "members")?.Code);
    }

    [Fact]
    public void A_sites_key_gains_nothing_from_roles_that_somebody_put_into_it()
    {
        var site = new Actor("site:forum", "forum", Roles.All.ToHashSet(), "key:forum", "forum", DateTimeOffset.MaxValue);
        Assert.All(Permissions.All.Where(p => !p.Sites), p => Assert.NotNull(p.Refuse(site, Now, "forum")));
    }
}
