using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;
using Seen = OpsConsole.Engines.Observed;

namespace OpsConsole.Features.Maintenance;

/// <summary>What became of a step: the events to write, or the question to ask.</summary>
/// <param name="Detail">for the step's row</param>
/// <param name="Before">events that belong before StepDone, such as the checkpoint's facts</param>
public sealed record StepEnd(Seen Observed, string Detail, bool Repeatable = false, IReadOnlyList<WindowEvent>? Before = null);

/// <summary>
/// Does one step, each effect as an act. Every step but a release is safe to begin again, so after a crash it is simply done once more;
/// a release that was cut off is only looked at.
/// </summary>
public sealed class StepWork(
    WindowDoors doors, WindowChecks checks, EstateDatabases databases, DatabaseWatch watch, ActRunner acts, DriverLease lease, Readiness readiness,
    ConsoleSettings settings, WindowProgress progress, TrialWork trial, TimeProvider time)
{
    public async Task<StepEnd> Do(LoadedWindow window, StepToDo todo, CancellationToken token)
    {
        var (run, step) = (window.Run, todo.Step);
        var group = run.Content!.From.Keys.Select(n => databases.Find(n)!).ToList();
        var sites = run.Content.Plan.Steps.SelectMany(s => s.FrozenSites).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var database in group) { await Startup.RaiseFence(database, readiness, lease, token); }
        return (step.Group, step.Kind) switch
        {
            (StepGroup.Rollback, StepKind.Checkpoint) => await Restore(run, step, group, token),
            (StepGroup.Rollback, StepKind.Check) => await Prove(run, group, token),
            (_, StepKind.Freeze) => await doors.Freeze(run, step.Number, sites, token),
            (_, StepKind.Drain) => await doors.Drain(group, settings.Policy.Drain, token),
            (StepGroup.Trial, StepKind.OpenDatabases) => await trial.Open(run, step, group, token),
            (StepGroup.Trial or StepGroup.Rollback, StepKind.CloseDatabases) => await trial.Close(run, step, group, token),
            (_, StepKind.OpenDatabases) when TrialCounts.WasTried(run) => await trial.OpenAfter(run, step, group, token),
            (_, StepKind.CloseDatabases) => await doors.Close(run, step.Number, group, token),
            (_, StepKind.Checkpoint) => await Checkpoint(run, step, group, token),
            (_, StepKind.Release) => await Release(run, todo, token),
            (_, StepKind.Check) => await Check(window, token),
            (_, StepKind.OpenDatabases) => await doors.Open(run, step.Number, group, token),
            (StepGroup.Abandon or StepGroup.Close, StepKind.Thaw) => await doors.OpenGates(run, step.Number, sites, token),
            (_, StepKind.Thaw) => await doors.Thaw(run, step.Number, sites, run.Share ?? 0, token),
            _ => throw new InvalidOperationException($"Step {step.Number} ({step.Kind}) is not for a driver."),
        };
    }

    /// <summary>What is seen of a step that was begun. Reads only; a kind of step that leaves nothing to read keeps what was seen before.</summary>
    public async Task<StepEnd> Look(LoadedWindow window, RunStep step, CancellationToken token)
    {
        var run = window.Run;
        var group = run.Content!.From.Keys.Select(n => databases.Find(n)!).ToList();
        return (step.Group, step.Kind) switch
        {
            (_, StepKind.Release) => await Release(run, new StepToDo(step, true), token),
            (StepGroup.Rollback, StepKind.Check) => await Prove(run, group, token),
            (_, StepKind.Check) => await Check(window, token),
            (StepGroup.Rollback, StepKind.Checkpoint) => await LookAtRestore(run, group, token),
            (_, StepKind.Checkpoint) => new StepEnd(Seen.NotDone, "A checkpoint counts only when it was reported whole, and this one was not. Nothing in the databases was changed by it."),
            (_, StepKind.Drain) => await Quiet(group, token),
            _ => Again(run, step),
        };
    }

    private async Task<StepEnd> LookAtRestore(WindowRun run, List<IManagedDatabase> group, CancellationToken token)
    {
        foreach (var database in group)
        {
            var seen = await new RollbackAct(database, run.Checkpoint.Single(c => c.Database == database.Name), readiness.Installation, lease.Epoch).Inspect(token);
            if (seen.Observed != Seen.Done) { return new StepEnd(seen.Observed, $"{database.Name}: {seen.Because}"); }
        }
        return new StepEnd(Seen.Done, "every database of the group is at its checkpoint");
    }

    private static async Task<StepEnd> Quiet(List<IManagedDatabase> group, CancellationToken token)
    {
        var left = new List<string>();
        foreach (var database in group) { left.AddRange((await database.WhatHoldsItUp(token)).Select(w => $"{database.Name}: {w}")); }
        return left.Count == 0 ? new StepEnd(Seen.Done, "nothing is running") : new StepEnd(Seen.NotDone, $"still running: {string.Join("; ", left.Take(20))}");
    }

    // Doors and gates are safe to order again, so there a retry tells more than a look.
    private static StepEnd Again(WindowRun run, RunStep step) =>
        new(Enum.Parse<Seen>(run.Decision!.Observed, ignoreCase: true), step.Detail ?? run.Decision.Because);

    private async Task<StepEnd> Checkpoint(WindowRun run, RunStep step, List<IManagedDatabase> group, CancellationToken token)
    {
        // What Unchanged checks read belongs to the moment of the checkpoint.
        var read = await checks.Run(null, token);
        if (read.FirstOrDefault(c => !c.Passed) is { } red) { return new StepEnd(Seen.NotDone, $"check \"{red.Name}\": {red.Text}"); }
        var act = new CheckpointAct(group, run.Id[^12..]);
        var result = await acts.Do(act, Actor.Console, run.Id, step.Number, token);
        if (result.Outcome != Seen.Done) { return new StepEnd(result.Outcome, result.Detail); }
        var detail = JsonSerializer.Serialize(new { proofMilliseconds = act.ProofMilliseconds, read = read.Where(c => c.Value is not null).ToDictionary(c => c.Name, c => c.Value) });
        return new StepEnd(Seen.Done, detail, Before: [new CheckpointTaken(time.GetUtcNow(), lease.Node, act.Taken)]);
    }

    private async Task<StepEnd> Release(WindowRun run, StepToDo todo, CancellationToken token)
    {
        var done = new List<string>();
        foreach (var (name, versions) in todo.Step.Releases!)
        {
            var database = databases.Find(name)!;
            var folder = await database.ReadReleases(token);
            foreach (var release in versions.Select(v => folder.Releases.Single(r => r.Version == v)))
            {
                var seen = await database.InspectRelease(folder, release, token);
                if (seen.Observed == Seen.Done) { done.Add($"{name} {release.Version}"); continue; }
                // Looked at after a crash: what is missing is shown, never repeated without a person's word; what is torn only where its script says so too.
                if (todo.Inspect || !(seen.Observed == Seen.NotDone || (seen.Observed == Seen.Torn && release.Repeatable)))
                {
                    return new StepEnd(seen.Observed, Sentence($"{name} {release.Version}: {seen.Because}", done), release.Repeatable);
                }
                var act = new ReleaseAct(database, folder, release, readiness.Installation, lease.Epoch, p => progress.Report(run.Id, name, release.Version, p));
                var result = await acts.Do(act, Actor.Console, run.Id, todo.Step.Number, token);
                if (result.Outcome != Seen.Done)
                {
                    return new StepEnd(result.Outcome, Sentence($"{name} {release.Version}: {Said(result.Detail)}", done), release.Repeatable);
                }
                done.Add($"{name} {release.Version}");
            }
            await watch.Look(database, token);
        }
        return new StepEnd(Seen.Done, string.Join(", ", done));
    }

    private static string Sentence(string what, List<string> done) => done.Count == 0 ? what : $"{what} Done before it in this step: {string.Join(", ", done)}.";

    private static string Said(string detail)
    {
        using var json = JsonDocument.Parse(detail);
        return json.RootElement.TryGetProperty("fault", out var fault) ? $"{fault.GetString()?.TrimEnd('.')}. Looked at afterwards: {json.RootElement.GetProperty("seen").GetString()?.TrimEnd('.')}." : detail;
    }

    private async Task<StepEnd> Check(LoadedWindow window, CancellationToken token)
    {
        var before = new Dictionary<string, string>();
        if (window.Run.Steps.LastOrDefault(s => s is { Kind: StepKind.Checkpoint, Group: StepGroup.Forward, Status: StepStatus.Done })?.Detail is { } detail)
        {
            using var json = JsonDocument.Parse(detail);
            foreach (var read in json.RootElement.GetProperty("read").EnumerateObject()) { before[read.Name] = read.Value.GetString()!; }
        }
        var results = await checks.Run(before, token);
        return results.FirstOrDefault(c => !c.Passed) is { } red
            ? new StepEnd(Seen.NotDone, $"check \"{red.Name}\": {red.Text}")
            : new StepEnd(Seen.Done, JsonSerializer.Serialize(new { checks = results.Select(r => new { r.Name, r.Text }) }, JsonSerializerOptions.Web));
    }

    private async Task<StepEnd> Restore(WindowRun run, RunStep step, List<IManagedDatabase> group, CancellationToken token)
    {
        var from = time.GetTimestamp();
        foreach (var database in group)
        {
            var checkpoint = run.Checkpoint.Single(c => c.Database == database.Name);
            var result = await acts.Do(new RollbackAct(database, checkpoint, readiness.Installation, lease.Epoch), Actor.Console, run.Id, step.Number, token);
            if (result.Outcome != Seen.Done) { return new StepEnd(result.Outcome, $"{database.Name}: {Said(result.Detail)}"); }
        }
        return new StepEnd(Seen.Done, JsonSerializer.Serialize(new { milliseconds = (long)time.GetElapsedTime(from).TotalMilliseconds }));
    }

    /// <summary>Rolled back is only said when content and shell are those of the checkpoint.</summary>
    private async Task<StepEnd> Prove(WindowRun run, List<IManagedDatabase> group, CancellationToken token)
    {
        var proven = new List<object>();
        foreach (var database in group)
        {
            var checkpoint = run.Checkpoint.Single(c => c.Database == database.Name);
            var (was, now) = (JsonSerializer.Deserialize<Fingerprint>(checkpoint.Fingerprint)!, await database.ReadFingerprint(token));
            if (was.DifferenceTo(now) is { } difference) { return new StepEnd(Seen.Unknown, $"{database.Name} is not what it was: {difference}."); }
            var shell = JsonSerializer.Deserialize<Engines.Shell>(checkpoint.Shell)!;
            if (await database.ReadShell(token) != shell) { return new StepEnd(Seen.Unknown, $"{database.Name} has its content back, but its owner, rights or settings differ."); }
            proven.Add(new { database = database.Name, fingerprint = now.Digest });
            await watch.Look(database, token);
        }
        return new StepEnd(Seen.Done, JsonSerializer.Serialize(new { proven }));
    }
}
