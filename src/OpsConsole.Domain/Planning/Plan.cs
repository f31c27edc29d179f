using OpsConsole.Domain.Versions;

namespace OpsConsole.Domain.Planning;

/// <summary>One release that could be applied.</summary>
/// <param name="Transactional">it runs in one transaction with its history row</param>
/// <param name="HasDown">there is a script for the way back; whether it restores every row is for a rehearsal to find out</param>
public sealed record PlannedRelease(string Version, bool Transactional = true, bool HasDown = false);

/// <summary>A database and where it shall go.</summary>
/// <param name="Current">null: nothing applied yet</param>
/// <param name="Target">equal to <paramref name="Current"/>: it stays</param>
/// <param name="Releases">every release after <paramref name="Current"/>, oldest first; those beyond the target are used only to find the nearest target that works</param>
/// <param name="CanCheckpoint">false: no copy can be taken of it, and only scripts lead back</param>
public sealed record PlannedDatabase(
    string Name, string? Current, string? Target, IReadOnlyList<PlannedRelease> Releases, IVersionOrder? Order = null, bool CanCheckpoint = true)
{
    /// <summary>The folder's order, or that of the versions named here.</summary>
    public IVersionOrder OrderOrOwn => Order ?? new VersionOrder([.. Current is null ? [] : new[] { Current }, .. Releases.Select(r => r.Version)]);
}

/// <summary>While <paramref name="Database"/> is in <paramref name="Versions"/>, each database of <paramref name="Requires"/> has to be in its range.</summary>
public sealed record Contract(string Database, VersionRange Versions, IReadOnlyDictionary<string, VersionRange> Requires)
{
    /// <summary>Such as "forum &gt;=7 needs members &gt;=5".</summary>
    public override string ToString() => $"{Database} {Versions} needs {string.Join(" and ", Requires.Select(r => $"{r.Key} {r.Value}"))}";
}

/// <summary>Work that people do within a window.</summary>
/// <param name="After">the kind of step that it follows, such as release; behind the last one of that kind</param>
/// <param name="Undo">what undoes it on the way back; null: nothing to undo</param>
public sealed record PlannedTask(string Title, string After, string Who, string? Undo = null);

/// <param name="SitesOf">for each database the sites that use it</param>
public sealed record PlanRequest(
    IReadOnlyList<PlannedDatabase> Databases, IReadOnlyList<Contract> Contracts,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? SitesOf = null, IReadOnlyList<PlannedTask>? Tasks = null);

/// <summary>One step: one database by one release wherever the contracts let it, else the smallest set that has to move at once.</summary>
/// <param name="Kind">a step kind, here always release</param>
/// <param name="Databases">for each database the version it has after the step</param>
/// <param name="Releases">for each database the versions applied in the step, oldest first</param>
/// <param name="Together">more than one database: none of them may be alone in its new version</param>
/// <param name="Because">the contracts that forbid anything smaller, as text; empty for a plain step</param>
/// <param name="FrozenSites">sites that use one of the databases, sorted</param>
/// <param name="Reversible">scripts, checkpoint or no</param>
public sealed record PlanStep(
    string Kind, IReadOnlyDictionary<string, string> Databases, IReadOnlyDictionary<string, IReadOnlyList<string>> Releases,
    bool Together, IReadOnlyList<string> Because, IReadOnlyList<string> FrozenSites, string Reversible);

/// <summary>The best path, or why there is none. Every state on the way is allowed by every contract.</summary>
/// <param name="Reason">one sentence where the plan is not possible; else null</param>
/// <param name="ForbiddenBy">the smallest set of contracts that forbids the target</param>
/// <param name="Nearest">the allowed target closest to the wanted one; null where none was found</param>
/// <param name="Warnings">what is true already and worth saying, such as a contract that the present versions break</param>
/// <param name="PointOfNoReturn">index of the first step that nothing takes back; null: there is none</param>
/// <param name="ProvenBest">false: the group was too entangled to try every order; the plan is safe, perhaps not the shortest</param>
public sealed record Plan(
    bool Possible, IReadOnlyList<PlanStep> Steps, string? Reason, IReadOnlyList<string> ForbiddenBy, IReadOnlyDictionary<string, string>? Nearest,
    IReadOnlyList<PlannedTask> Tasks, IReadOnlyList<string> Warnings, int? PointOfNoReturn, bool ProvenBest);
