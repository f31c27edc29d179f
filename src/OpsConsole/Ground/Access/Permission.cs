using OpsConsole.Domain;

namespace OpsConsole.Ground.Access;

/// <summary>One right. Pages, endpoints and services take theirs from <see cref="Permissions"/>; there is no other place.</summary>
/// <param name="Roles">any of these; empty: nobody but the console</param>
/// <param name="Sites">a site's own key may, for its own site</param>
public sealed record Permission(string Name, IReadOnlyList<string> Roles, bool StepUp = false, bool Sites = false)
{
    /// <summary>Null: the actor may. Otherwise the rule in one sentence, and who can.</summary>
    /// <param name="site">the site that the object belongs to, where it belongs to one</param>
    public Refusal? Refuse(Actor actor, DateTimeOffset now, string? site = null)
    {
        if (actor.Proof == "console") { return null; }
        if (actor.Site is not null)
        {
            return Sites && (site is null || string.Equals(site, actor.Site, StringComparison.OrdinalIgnoreCase))
                ? null : new Refusal(RefusalCode.NotAllowed, $"The key of site {actor.Site} may not do this ({Name}).");
        }
        if (!Roles.Any(actor.Is))
        {
            return new Refusal(RefusalCode.NotAllowed, $"{Name} is for: {(Roles.Count == 0 ? "sites" : string.Join(", ", Roles))}. {actor.Name} has: {string.Join(", ", actor.Roles.Order())}.");
        }
        return StepUp && !(actor.SteppedUpUntil > now)
            ? new Refusal(RefusalCode.StepUpNeeded, $"{Name} asks you to prove again who you are.") : null;
    }
}

/// <summary>The one table of rights.</summary>
public static class Permissions
{
    public static readonly Permission EstateRead = new("Read the estate", [Roles.Viewer]);
    public static readonly Permission SessionEnd = new("End a session", [Roles.Operator]);
    public static readonly Permission SessionEndAll = new("End all sessions", [Roles.Operator], StepUp: true);
    public static readonly Permission InDoubtSettle = new("Settle a prepared transaction", [Roles.Operator], StepUp: true);
    public static readonly Permission GateAsk = new("Ask a gate", [], Sites: true);
    public static readonly Permission GateRead = new("Read the gates", [Roles.Viewer]);
    public static readonly Permission GateFreeze = new("Freeze a site", [Roles.Operator], StepUp: true);
    public static readonly Permission GateThaw = new("Thaw a site", [Roles.Operator]);
    public static readonly Permission PlanMake = new("Make a plan", [Roles.Operator]);
    public static readonly Permission WindowRead = new("Read windows", [Roles.Viewer]);
    public static readonly Permission WindowWrite = new("Plan and run a window", [Roles.Operator]);
    public static readonly Permission WindowStart = new("Start a window", [Roles.Operator], StepUp: true);
    public static readonly Permission WindowRollback = new("Roll a window back", [Roles.Operator], StepUp: true);
    public static readonly Permission WindowFinalize = new("Finalize a window", [Roles.Operator], StepUp: true);
    public static readonly Permission WindowApprove = new("Approve a window", [Roles.Approver]);
    public static readonly Permission QueuePost = new("Post a transaction", [], Sites: true);
    public static readonly Permission QueueRead = new("Read the queue", [Roles.Viewer], Sites: true);
    public static readonly Permission QueueReview = new("Review transactions", [Roles.Reviewer]);
    public static readonly Permission QueuePreview = new("Preview a transaction", [Roles.Reviewer, Roles.Approver]);
    public static readonly Permission QueueApprove = new("Approve a transaction above its limit", [Roles.Reviewer, Roles.Approver]);
    public static readonly Permission ScheduleRead = new("Read schedules", [Roles.Viewer]);
    public static readonly Permission ScheduleCatchUp = new("Catch up a schedule", [Roles.Operator]);
    public static readonly Permission ReportRead = new("Read a report", [Roles.Viewer]);
    public static readonly Permission AuditRead = new("Read the audit log", [Roles.Auditor]);
    public static readonly Permission PeopleRead = new("See people", [Roles.Admin]);
    public static readonly Permission PeopleWrite = new("Change people", [Roles.Admin]);
    public static readonly Permission MetricsRead = new("Read the figures", [Roles.Viewer]);
    public static readonly Permission HelpRead = new("Read the handbook", [Roles.Viewer]);

    public static IReadOnlyList<Permission> All { get; } = [.. typeof(Permissions).GetFields()
        .Where(f => f.FieldType == typeof(Permission)).Select(f => (Permission)f.GetValue(null)!)];
}
