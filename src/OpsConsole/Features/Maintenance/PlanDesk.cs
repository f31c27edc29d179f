using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Maintenance;

/// <param name="Digest">over plan, script hashes and the estate's configuration</param>
public sealed record DrawnPlan(
    Plan Plan, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, IReadOnlyList<ReleaseFinding> Findings,
    IReadOnlyDictionary<string, string> Scripts, string Digest)
{
    /// <summary>Every script of the plan, in the order of its steps.</summary>
    public IReadOnlyList<PlannedScript> Files { get; init; } = [];
}

/// <param name="Transactional">it runs in one transaction with its history row</param>
/// <param name="HasDown">there is a script that takes it back</param>
/// <param name="Locks">what it shuts others out of while it runs, as its text says; empty: nothing that is known</param>
public sealed record PlannedScript(int Step, string Database, string Version, string Title, string File, string Sha256, bool Transactional, bool HasDown, IReadOnlyList<string> Locks);

/// <param name="Versions">the current one and those after it, oldest first</param>
/// <param name="Current">null: nothing is applied, or it was not seen yet</param>
public sealed record PlanChoice(string Name, string Engine, string? Current, IReadOnlyList<string> Versions, string? Fault);

public sealed record PlanChoices(IReadOnlyList<PlanChoice> Databases, IReadOnlyList<Contract> Contracts);

/// <summary>Reads the versions and the folders as they are now and has the planner decide.</summary>
public sealed class PlanDesk(EstateDatabases databases, DatabaseWatch watch, ConsoleSettings settings)
{
    /// <summary>From what was last seen; a plan itself looks anew.</summary>
    public PlanChoices Choices() => new([.. databases.All.Select(d => d.Name).Select(name =>
    {
        var seen = watch.Of(name);
        var current = seen.History?.Version;
        IReadOnlyList<string> versions = [.. current is null ? [] : new[] { current }, .. seen.Pending ?? []];
        return new PlanChoice(name, $"{databases.Find(name)!.Settings.Engine switch { EngineKind.Sqlite => "SQLite", _ => "PostgreSQL" }} {seen.Facts?.EngineVersion}".TrimEnd(), current, versions, seen.Fault);
    })], settings.Estate.Contracts);

    /// <summary>The lamps before a start, from what the drawing has just seen.</summary>
    public PreflightView Preflight(PreflightOf asked, IEnumerable<string> group, DrawnPlan? plan, Refusal? refusal, DateTimeOffset now) =>
        new(Maintenance.Preflight.Lamps(asked, plan, refusal, [.. group.Order(StringComparer.Ordinal).Select(watch.Of)], name => databases.Find(name)?.Settings.Engine, settings, now), plan, now);

    // Names are the same in any case, wherever they are written.
    private static string? VersionIn(IReadOnlyDictionary<string, string>? versions, string database) => versions?.FirstOrDefault(v => string.Equals(v.Key, database, StringComparison.OrdinalIgnoreCase)).Value;

    private Refusal? RefuseVersions(string field, IReadOnlyDictionary<string, string> versions) =>
        versions.Keys.FirstOrDefault(n => databases.Find(n) is null) is { } stranger ? Refusal.Of(field, $"{field}: there is no database {stranger} in the estate.")
        : versions.GroupBy(v => v.Key, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice ? Refusal.Of(field, $"{field}: {twice.Key} is named twice.")
        : versions.FirstOrDefault(v => string.IsNullOrWhiteSpace(v.Value)).Key is { } silent ? Refusal.Of(field, $"{field}: {silent} has no version; give one, or latest.") : null;

    public async Task<(DrawnPlan? Plan, Refusal? Refusal)> Draw(
        IReadOnlyDictionary<string, string> to, IReadOnlyDictionary<string, string>? from, CancellationToken token)
    {
        if (RefuseVersions("to", to) is { } wrong) { return (null, wrong); }
        if (from is not null && RefuseVersions("from", from) is { } wrongFrom) { return (null, wrongFrom); }
        if (to.Count == 0) { return (null, Refusal.Of("to", "to: name each database that is to move, and its version or latest.")); }
        var (planned, targets, scripts) = (new List<PlannedDatabase>(), new Dictionary<string, string>(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        var (current, findings) = (new Dictionary<string, string?>(), new List<ReleaseFinding>());
        foreach (var database in databases.All)
        {
            var seen = await watch.Look(database, token);
            if (!seen.Reachable)
            {
                return (null, new Refusal(RefusalCode.NotNow, $"{database.Name} does not answer, so its version is not known: {seen.Fault}"));
            }
            var folder = seen.Releases;
            var now = VersionIn(from, database.Name) ?? seen.History?.Version;
            var wanted = VersionIn(to, database.Name) ?? now;
            if (string.Equals(wanted, "latest", StringComparison.OrdinalIgnoreCase)) { wanted = folder is { Releases.Count: > 0 } f ? f.Releases[^1].Version : now; }
            List<Release> ahead = [];
            if (folder is not null)
            {
                var all = folder.Releases.ToList();
                // A version that nobody has written is neither behind nor ahead of anything.
                if (new[] { wanted, VersionIn(from, database.Name) }.FirstOrDefault(v => v is not null && v != seen.History?.Version && !all.Exists(r => r.Version == v || VersionOrder.Dotted.Compare(r.Version, v) == 0)) is { } nowhere)
                {
                    return (null, Refusal.Of(nowhere == wanted ? "to" : "from", $"{database.Name} has no release {nowhere}; it has {string.Join(", ", all.Select(r => r.Version))}."));
                }
                ahead = now is null ? all : [.. all.Skip(all.FindIndex(r => r.Version == now) + 1)];
            }
            planned.Add(new PlannedDatabase(
                database.Name, now, wanted, [.. ahead.Select(r => new PlannedRelease(r.Version, r.Transactional, r.DownSql is not null))],
                folder is null ? null : new VersionOrder([.. folder.Releases.Select(r => r.Version)])));
            current[database.Name] = now;
            if (wanted is not null && wanted != now) { targets[database.Name] = wanted; }
        }
        if (targets.Count == 0) { return (null, Refusal.Of("to", "to: every database has the wanted version already.")); }
        var sites = databases.All.ToDictionary(d => d.Name, d => settings.Estate.SitesOf(d.Name));
        var plan = Planner.Plan(new PlanRequest(planned, settings.Estate.Contracts, sites, settings.Estate.Tasks));
        var files = new List<PlannedScript>();
        foreach (var (step, number) in plan.Steps.Select((s, i) => (s, i + 1)))
        {
            foreach (var (name, versions) in step.Releases)
            {
                var folder = watch.Of(name).Releases!;
                foreach (var release in folder.Releases.Where(r => versions.Contains(r.Version)))
                {
                    scripts[$"{name} {release.Version}"] = release.UpSha256;
                    findings.AddRange(release.Findings);
                    files.Add(new PlannedScript(number, name, release.Version, release.Title, release.File, release.UpSha256, release.Transactional, release.DownSql is not null,
                        ScriptLocks.Of(databases.Find(name)!.Settings.Engine, release.UpSql)));
                }
                findings.AddRange(folder.Findings.Where(f => f.Blocking));
            }
        }
        // Only the databases that move are the group: the others keep running.
        var group = plan.Steps.SelectMany(s => s.Databases.Keys).ToHashSet();
        var groupFrom = current.Where(c => group.Contains(c.Key)).ToDictionary(c => c.Key, c => c.Value);
        var text = JsonSerializer.Serialize(new { plan.Steps, plan.Tasks, targets, current, scripts, contracts = settings.Estate.Contracts.Select(c => c.ToString()) });
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return (new DrawnPlan(plan, plan.Possible ? groupFrom : current, targets, findings, scripts, digest) { Files = files }, null);
    }
}
