using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using OpsConsole.Engines;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Maintenance;

/// <summary>One line of a window's log.</summary>
/// <param name="Step">the step it belongs to; null: the window itself</param>
/// <param name="IsNote">a person wrote it for people</param>
/// <param name="IsBegun">a step began, and a later line tells how it ended: only its own row needs both</param>
public sealed record LogLine(DateTimeOffset At, string Who, string What, bool Bad = false, int? Step = null, bool IsNote = false, bool IsBegun = false);

/// <summary>What the names of steps come from: all of it is told by the window's events, so that a report names a step years later as the run page did.</summary>
public sealed record WindowShape(IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, Plan Plan, IReadOnlyList<StepView> Steps)
{
    public static WindowShape Of(WindowView view) => new(view.From, view.To, view.Plan, view.Steps);
}

/// <summary>Steps and what happened in them, in the words of the run page.</summary>
public static class StepWords
{
    /// <summary>The step's name, and what it is about: "Release together", "forum 7 + members 5".</summary>
    public static (string Name, string What) Of(WindowView view, StepView step) => (step.Group, step.Kind) switch
    {
        ("forward", "review") when view.Is("reviewing") => ("Review", $"{view.Undecided.Pending + view.Undecided.Approved} to decide"),
        ("forward", "catchUp") when view.Undecided.Missed > 0 => ("Catch up", $"{view.Undecided.Missed} due"),
        _ => Of(WindowShape.Of(view), step),
    };

    private static (string Name, string What) Of(WindowShape view, StepView step)
    {
        var group = string.Join(" + ", view.From.Keys.Order(StringComparer.Ordinal));
        var sites = string.Join(" + ", view.Plan.Steps.SelectMany(s => s.FrozenSites).Distinct().Order(StringComparer.Ordinal));
        return (step.Group, step.Kind) switch
        {
            (_, "task") => ("Task", step.Subject),
            ("rollback", "closeDatabases") => ("Close", "what the trial opened"),
            ("rollback", "checkpoint") => ("Restore", Versions(view.From)),
            ("rollback", _) => ("Prove", "content and rights are what they were"),
            ("trial", "openDatabases") => ("Open", $"{group} for the trial"),
            ("trial", _) => ("Close", $"{group} after the trial"),
            ("abandon", "openDatabases") => ("Open", $"{group} as before"),
            ("abandon", _) => ("Open", $"gates of {sites} as before"),
            ("close", _) => ("Open", $"gates of {sites}, background work runs again"),
            (_, "freeze") => ("Freeze", $"{sites}, everyone"),
            (_, "drain") => ("Drain", "what still runs may end"),
            (_, "closeDatabases") => ("Close", group),
            (_, "checkpoint") => ("Checkpoint", group),
            (_, "release") => Release(view, step),
            (_, "check") => ("Check", "within and across the databases"),
            (_, "review") => ("Review", "what is in the queue"),
            (_, "catchUp") => ("Catch up", "schedules"),
            (_, "finalize") => ("Finalize", Versions(view.To)),
            (_, "openDatabases") => ("Open", $"{group} to the sites"),
            (_, "thaw") => ("Thaw", "staff, then members"),
            _ => (WindowWords.Kind(step.Kind), step.Subject),
        };
    }

    /// <summary>In the order in which they came about. After a rollback what was never reached is counted and not listed.</summary>
    public static (IReadOnlyList<StepView> Steps, int NotReached) Ordered(WindowView view)
    {
        if (!WindowWords.WentBack(view)) { return (view.Steps, 0); }
        var reached = view.Steps.Where(s => s.StartedAt is not null || s.Group != "forward" || s.Kind is "openDatabases" or "thaw").ToList();
        // The way out comes after the way back, begun or not.
        return ([.. reached.OrderBy(s => s.StartedAt ?? DateTimeOffset.MaxValue).ThenBy(s => s.Group == "rollback" ? 0 : 1).ThenBy(s => s.Number)], view.Steps.Count - reached.Count);
    }

    public static string Title(WindowView view, StepView step) => Of(view, step) is var (name, what) ? $"{name} {what}" : "";

    // A release step is the plan's step of the same place.
    private static (string, string) Release(WindowShape view, StepView step)
    {
        var place = view.Steps.Where(s => s is { Group: "forward", Kind: "release" }).TakeWhile(s => s.Number != step.Number).Count();
        return place < view.Plan.Steps.Count && view.Plan.Steps[place] is var planned
            ? (planned.Together ? "Release together" : "Release", string.Join(" + ", planned.Databases.Select(d => $"{d.Key} {d.Value}"))) : ("Release", step.Subject);
    }

    public static string Versions<T>(IReadOnlyDictionary<string, T> versions) =>
        string.Join(" + ", versions.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key} {(object?)v.Value ?? "empty"}"));

    /// <summary>A step's detail for a person, or null where it says no more than the step itself.</summary>
    public static string? Detail(StepView step)
    {
        if (step.Detail is not { Length: > 0 } detail || (step is { Kind: "release", Status: "done" or "undone" })) { return null; }
        if (detail[0] != '{')
        {
            // Of every site the same: said once.
            if (step.Kind == "freeze" && detail.Split(", ").Select(d => d.Split(": ")).ToList() is { Count: > 1 } sites && sites.All(s => s.Length == 2) && sites.Select(s => s[1]).Distinct().Count() == 1) { detail = sites[0][1]; }
            return detail.Replace("leasesRanOut", "every lease ran out", StringComparison.Ordinal).Replace("acknowledged", "all acknowledged", StringComparison.Ordinal)
                .Replace("databasesClosed", "databases closed", StringComparison.Ordinal);
        }
        using var json = JsonDocument.Parse(detail);
        if (json.RootElement.TryGetProperty("checks", out var checks)) { return checks.GetArrayLength() == 1 ? "1 check passed" : $"{checks.GetArrayLength()} checks passed"; }
        if (json.RootElement.TryGetProperty("proven", out var proven)) { return $"{proven.GetArrayLength()} databases are what they were, by fingerprint"; }
        if (json.RootElement.TryGetProperty("milliseconds", out var took)) { return $"restored in {Spoken.Duration(TimeSpan.FromMilliseconds(took.GetInt64()))}"; }
        return json.RootElement.TryGetProperty("proofMilliseconds", out var proof) ? $"one moment, proven in {Spoken.Duration(TimeSpan.FromMilliseconds(proof.GetInt64()))}" : null;
    }

    /// <summary>What a step's log holds beyond its times: each check, each copy with its fingerprint.</summary>
    public static IReadOnlyList<(string What, string Found)> Evidence(StepView step, IEnumerable<WindowEvent> events)
    {
        if (step is { Group: "forward", Kind: "checkpoint", Status: "done" } && events.OfType<CheckpointTaken>().LastOrDefault() is { } taken)
        {
            return [.. taken.Databases.Select(d => (d.Database, $"copy {d.Id}, fingerprint {Spoken.Hash(JsonSerializer.Deserialize<Fingerprint>(d.Fingerprint)!.Digest)}"))];
        }
        if (step.Detail is not { Length: > 0 } detail) { return []; }
        if (detail[0] != '{') { return [("seen", Detail(step) ?? detail)]; }
        using var json = JsonDocument.Parse(detail);
        return json.RootElement.TryGetProperty("checks", out var checks)
            ? [.. checks.EnumerateArray().Select(c => (c.GetProperty("name").GetString()!, c.GetProperty("text").GetString()!)).ToList()]
            : json.RootElement.TryGetProperty("proven", out var proven) ? [.. proven.EnumerateArray().Select(p => (p.GetProperty("database").GetString()!, $"content and rights equal the checkpoint's, fingerprint {Spoken.Hash(p.GetProperty("fingerprint").GetString()!)}")).ToList()] : [];
    }

    /// <summary>Everything that happened, oldest first, in one line each.</summary>
    public static IReadOnlyList<LogLine> Log(WindowView view, IReadOnlyList<WindowEvent> events) => Log(WindowShape.Of(view), events);

    public static IReadOnlyList<LogLine> Log(WindowShape view, IReadOnlyList<WindowEvent> events)
    {
        var began = new Dictionary<int, DateTimeOffset>();
        List<LogLine> lines = [.. events.Select(happened => Line(view, happened, began))];
        return [.. lines.Select((line, i) => events[i] is StepStarted s && events.Skip(i + 1).Any(e => e is StepDone d && d.Step == s.Step || e is StepFailed f && f.Step == s.Step || e is StepTorn t && t.Step == s.Step) ? line with { IsBegun = true } : line)];
    }

    private static LogLine Line(WindowShape view, WindowEvent happened, Dictionary<int, DateTimeOffset> began)
    {
        string Named(int number) => view.Steps.FirstOrDefault(s => s.Number == number) is { } step ? step.Kind is "thaw" or "check" or "drain" && step.Group is "forward" or "rollback" ? Of(view, step).Name : (Of(view, step) is var (name, what) ? $"{name} {what}" : "").Split(", ")[0] : $"step {number}";
        LogLine Step(int number, string what, bool bad = false) => new(happened.At, $"step {number}", $"{Named(number)} {what}", bad, number);
        switch (happened)
        {
            case StepStarted e:
                began[e.Step] = e.At;
                return Step(e.Step, "began");
            case StepDone e: return Step(e.Step, began.TryGetValue(e.Step, out var from) ? $"done in {Spoken.Duration(e.At - from)}" : "done");
            case StepFailed e: return Step(e.Step, $"failed: {e.Because}", true);
            case StepTorn e: return Step(e.Step, $"is torn: {e.Because}", true);
            case DecisionNeeded e: return Step(e.Step, $"was seen as {WindowWords.Seen(e.Observed)}; a person decides", true);
            case RetryChosen e: return new(e.At, e.By, $"chose to run step {e.Step} again, {Named(e.Step)}", false, e.Step);
            case TaskDone e: return new(e.At, e.By, e.Note.Length == 0 ? $"did task {e.Step}, {Named(e.Step)}" : $"did task {e.Step}: {e.Note}", false, e.Step);
            case Noted e: return new(e.At, e.By, e.Text, false, null, true);
            default:
                var (who, what, bad) = WindowWords.Happened(happened);
                return new(happened.At, who, what, bad);
        }
    }

    /// <summary>The last time another process took the window over, with what it found of the step that was running; null: never since the start.</summary>
    public static (DateTimeOffset At, string What)? TakenOver(WindowView view, IReadOnlyList<WindowEvent> events)
    {
        var last = events.Select((e, i) => (e, i)).LastOrDefault(x => x.e is TakenOver);
        if (last.e is not TakenOver taken || view.StartedAt is not { } started || taken.At < started) { return null; }
        int? running = null;
        foreach (var happened in events.Take(last.i))
        {
            running = happened switch
            {
                StepStarted s => s.Step,
                StepDone or StepFailed or StepTorn => null,
                _ => running,
            };
        }
        if (running is not { } number) { return (taken.At, "no step was running"); }
        var found = events.Skip(last.i + 1).FirstOrDefault(e => e is StepDone d && d.Step == number || e is StepFailed f && f.Step == number || e is StepTorn t && t.Step == number || e is StepStarted s && s.Step == number);
        return (taken.At, $"step {number} was examined: {found switch { StepDone => "done", StepTorn => "torn", StepFailed => "not done", StepStarted => "done once more", _ => "not answered yet" }}");
    }
}
