using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Maintenance;

/// <summary>How a window is spoken of, the same on strip, page and board.</summary>
public static class WindowWords
{
    /// <summary>The phase in one or two words, with its state.</summary>
    public static (Mark Mark, string Word) Phase(WindowView window) => window.Status switch
    {
        "draft" => (Mark.Waits, "Draft"),
        "rehearsing" => (Mark.Running, "Rehearsal"),
        "rehearsed" => (Mark.Waits, "Rehearsed"),
        "approved" => (Mark.Waits, "Approved"),
        "running" when window.Paused && window.Current is null => (Mark.Attention, "Paused"),
        "running" when window.Task is not null => (Mark.YouPress, "Task"),
        "running" => (Mark.Running, window.Current is { } step ? Kind(step.Kind) : "Running"),
        "needsDecision" => window.Decision!.Observed switch
        {
            Observed.Unknown => (Mark.Unknown, "Not known"),
            Observed.Torn => (Mark.Danger, "Torn"),
            _ => (Mark.Danger, "Failed"),
        },
        "rollingBack" => (Mark.Running, "Rolling back"),
        "rolledBack" => (Mark.Attention, "Rolled back"),
        "reviewing" => (Mark.Running, "Review"),
        "finalized" => (Mark.Ok, "Finalized"),
        "thawing" => (Mark.Running, "Thaw"),
        "closed" => (Mark.Ok, "Closed"),
        _ => (Mark.Waits, "Abandoned"),
    };

    /// <summary>The line under the phase.</summary>
    public static string Line(WindowView window) => window.Status switch
    {
        "draft" or "rehearsed" => $"{Targets(window)}, waits for an approval",
        "approved" => $"{Targets(window)}, approved by {window.Approvals.LastOrDefault(a => a.VoidBecause is null)?.By}",
        "running" => window.Task is { } task ? task.Subject : window.Current is { } step ? Now(window, step) : window.Paused ? "halted before the next step" : "next step begins",
        "needsDecision" => window.Current is { } asked ? $"{StepWords.Title(window, asked)}, waits for a person" : "waits for a person",
        "rollingBack" => window.Task?.Subject ?? (window.Current is { } back ? StepWords.Title(window, back) : "the group goes back to the checkpoint"),
        "rolledBack" => $"{string.Join(" and ", window.From.Keys)} are what they were, proven",
        "reviewing" => $"{window.Undecided.Pending + window.Undecided.Approved} to decide{(window.Trial ? ", trial is on" : null)}",
        "finalized" => "the way back has ended, nobody is in yet",
        "thawing" => window.Share is 0 or null ? "staff are let in" : $"{window.Share} % of the members are let in",
        "closed" => WentBack(window) ? $"taken back to {string.Join(" and ", window.From.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} {f.Value ?? "empty"}"))}" : Targets(window),
        _ => "given up before a release ran",
    };

    private static string Now(WindowView window, StepView step) => window.Live is { } live && step.Kind == "release"
        ? $"{StepWords.Of(window, step).What}, statement {live.Statement.Number} of {live.Statement.Of}" : StepWords.Of(window, step).What;

    public static string Kind(string kind) => kind switch
    {
        "closeDatabases" => "Close",
        "openDatabases" => "Open",
        "catchUp" => "Catch up",
        "" => "",
        _ => char.ToUpperInvariant(kind[0]) + kind[1..],
    };

    public static (Mark Mark, string Word) Step(StepView step) => step.Status switch
    {
        "done" => (Mark.Ok, "Done"),
        "running" => (Mark.Running, "Running"),
        "failed" => (Mark.Danger, "Failed"),
        "torn" => (Mark.Danger, "Torn"),
        "undone" => (Mark.Attention, "Undone"),
        _ => (Mark.Waits, "Waits"),
    };

    /// <summary>What was planned, as the plan's drawing wants it; its scripts are those of the folder and are read there.</summary>
    public static DrawnPlan Drawn(WindowView window) => new(window.Plan, window.From, window.To, [], new Dictionary<string, string>(), window.Digest);

    /// <summary>forum 5 → 8 and members 4 → 6.</summary>
    public static string Targets(WindowView window) => Targets(window.From, window.To);

    public static string Targets(IReadOnlyDictionary<string, string?> from, IReadOnlyDictionary<string, string> to) =>
        string.Join(" and ", to.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {from.GetValueOrDefault(t.Key) ?? "empty"} → {t.Value}"));

    public static WayBackFacts WayBack(WindowView window, DateTimeOffset now)
    {
        var back = window.WayBack;
        // The moment is in the log, in the viewer's own zone.
        if (!back.Possible) { return new(WentBack(window) ? Mark.Ok : Mark.Refused, WentBack(window) ? "Taken" : "Closed", (back.ClosedBecause ?? "").Split(" at ")[0]); }
        if (back.DoubtedBecause is { } doubt) { return new(Mark.Unknown, "Unknown", doubt); }
        var text = $"about {Spoken.Sentence(TimeSpan.FromSeconds(back.EstimatedSeconds))} {(back.How == "abandon" ? "by giving it up" : $"by {back.How}")}, {Short(back.Loses.StaffRows)}";
        return back.IsLate(now) ? new(Mark.Attention, "Late", $"would end after the window; {text}") : new(Mark.Ok, "Possible", text);
    }

    public static (string Who, string What, bool Bad) Happened(WindowEvent happened) => happened switch
    {
        Drafted => (happened.By, "made the window", false),
        Changed => (happened.By, "changed the window", false),
        Approved e => (e.By, e.Note is { Length: > 0 } note ? $"approved it: {note}" : "approved it", false),
        ApprovalVoided e => (e.By, $"the approval is void: {e.Because}", true),
        Returned e => (e.By, $"sent it back: {e.Reason}", true),
        PreflightRed e => (e.By, $"preflight is red: {string.Join(" ", e.Findings)}", true),
        Started => (happened.By, "started the window", false),
        StepStarted e => ($"step {e.Step}", "began", false),
        StepDone e => ($"step {e.Step}", "done", false),
        StepFailed e => ($"step {e.Step}", $"failed: {e.Because}", true),
        StepTorn e => ($"step {e.Step}", $"torn: {e.Because}", true),
        DecisionNeeded e => ($"step {e.Step}", $"seen as {Seen(e.Observed)}, a person decides", true),
        RetryChosen e => (e.By, $"chose to run step {e.Step} again", false),
        TaskDone e => (e.By, e.Note.Length == 0 ? $"did task {e.Step}" : $"did task {e.Step}: {e.Note}", false),
        Paused => (happened.By, "paused", false),
        Resumed => (happened.By, "resumed", false),
        CheckpointTaken e => (e.By, $"checkpoint of {string.Join(" and ", e.Databases.Select(d => d.Database))}, one moment", false),
        RollbackChosen e => (e.By, e.Reason is { Length: > 0 } reason ? $"chose to roll back: {reason}" : "chose to roll back", true),
        TrialSet e => (e.By, e.On ? "opened a trial for staff" : "ended the trial", false),
        Finalized e => (e.By, e.Leave is { Length: > 0 } leave ? $"finalized; left open: {leave}" : "finalized", false),
        ThawSet e => (e.By, e.Share == 0 ? "lets staff in" : $"lets {e.Share} % of the members in", false),
        Closed => (happened.By, "closed the window", false),
        Extended e => (e.By, $"extended it: {e.Reason}", false),
        Noted e => (e.By, e.Text, false),
        Abandoned e => (e.By, e.Reason is { Length: > 0 } why ? $"gave the window up: {why}" : "gave the window up", true),
        TakenOver e => (e.Node, "took over and examines what was running", false),
        _ => (happened.By, JsonNamingPolicy.CamelCase.ConvertName(happened.GetType().Name), false),
    };

    /// <summary>A person has chosen the way back, whatever has come since.</summary>
    public static bool WentBack(WindowView window) => window.Steps.Any(s => s.Group == "rollback");

    /// <summary>A rule's words with the statuses as people say them.</summary>
    public static string Plain(string rule) => rule.Replace("rolledBack", "rolled back", StringComparison.Ordinal).Replace("rollingBack", "rolling back", StringComparison.Ordinal)
        .Replace("needsDecision", "waiting for a decision", StringComparison.Ordinal);

    private static string Short(long? staffRows) => staffRows switch { 0 => "loses nothing", 1 => "loses 1 row of staff", { } rows => $"loses {rows} rows of staff", null => "loss unknown" };

    /// <summary>What going back would lose: what staff wrote in the trial came past the queue. Unknown is never nothing.</summary>
    public static string Loses(WindowView window) => window.WayBack.Loses.StaffRows switch
    {
        0 => "nothing",
        1 => "1 row that staff wrote in the trial", { } rows => $"{rows} rows that staff wrote in the trial",
        null => "what staff wrote in the trial, how much is unknown",
    };

    public static string Seen(string observed) => observed switch { Observed.NotDone => "not done", _ => observed };
    public static string Lower(string words) => words.Length == 0 ? words : char.ToLowerInvariant(words[0]) + words[1..].TrimEnd('.');
}
