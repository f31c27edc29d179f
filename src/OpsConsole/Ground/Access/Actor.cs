namespace OpsConsole.Ground.Access;

/// <summary>The roles. Every role includes Viewer; no role includes another.</summary>
public static class Roles
{
    public const string Viewer = "Viewer", Reviewer = "Reviewer", Operator = "Operator", Approver = "Approver", Auditor = "Auditor", Admin = "Admin";
    public static IReadOnlyList<string> All { get; } = [Viewer, Reviewer, Operator, Approver, Auditor, Admin];
}

/// <summary>Who acts, and how they proved it. Made anew for each command from the store, never kept by a page.</summary>
/// <param name="Id">the person's id, "site:NAME" for a site's key, "console" for the console itself, "os:USER" for a command</param>
/// <param name="Proof">password, key:NAME, shell, console: goes into the audit</param>
/// <param name="Site">set for a site's key: it may do what sites may, for that site alone</param>
/// <param name="SteppedUpUntil">until then what asks for step-up is allowed</param>
public sealed record Actor(string Id, string Name, IReadOnlySet<string> Roles, string Proof, string? Site = null, DateTimeOffset? SteppedUpUntil = null)
{
    /// <summary>The console acting by itself: resolver, jobs, start-up.</summary>
    public static readonly Actor Console = new("console", "console", new HashSet<string>(), "console");

    public static Actor Shell(string osUser) => new($"os:{osUser}", osUser, Access.Roles.All.ToHashSet(), "shell", null, DateTimeOffset.MaxValue);

    public bool Is(string role) => Roles.Contains(role) || (role == Access.Roles.Viewer && Roles.Count > 0);
}
