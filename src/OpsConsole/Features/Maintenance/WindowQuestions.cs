using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Maintenance;

/// <summary>What is asked before each verb: what it changes, what it loses, and whether a fresh proof or a reason is needed.</summary>
public static class WindowQuestions
{
    /// <summary>The words on the verb's button: verb, count and target.</summary>
    public static string Button(string verb, WindowView window, int? share = null) => verb switch
    {
        "approve" => $"Approve {Wanted(window)}",
        "return" => "Send it back",
        "change" => "Change it",
        "extend" => "Extend",
        "start" => $"Start {window.Name}",
        "pause" => "Pause before the next step",
        "resume" => "Go on with the next step",
        "retry" => $"Run step {window.Decision?.Step} again",
        "rollback" => $"Roll back {Group(window)}",
        "finalize" => $"Finalize {window.Name}",
        "trial" => window.Trial ? "End the trial" : "Let staff try it",
        "thaw" => share switch { 0 => "Let staff in", 100 => "Let everybody in", _ => $"Let {share} % in" },
        "close" => $"Close {window.Name}",
        "abandon" => $"Give {window.Name} up",
        _ when Task(verb, window) is { } task => $"Task {task.Number} is done",
        _ => "Add a note",
    };

    /// <summary>Null: the verb is pressed without a question.</summary>
    public static ConfirmQuestion? For(string verb, WindowView window, Actor actor, DateTimeOffset now, int? share = null)
    {
        var proof = WindowService.RightOf(verb).StepUp && !(actor.SteppedUpUntil > now);
        var undecided = window.Undecided;
        var button = Button(verb, window, share);
        return verb switch
        {
            "approve" => new($"Approve {window.Name}?", button, "Leave it unapproved",
                [new("Changes", WindowWords.Targets(window), true), new("Steps", $"{window.Plan.Steps.Count}"), new("Way back", Back(window)), new("Digest", Spoken.Hash(window.Digest))])
            { Danger = false, ReasonOffered = true, ReasonLabel = "Note, goes into the report", Text = "The approval is for exactly this plan. Any change of versions, scripts or contracts makes it void." },
            "return" => new($"Send {window.Name} back?", button, "Leave it as it is", [new("Author", string.Join(" and ", window.Authors))]) { Danger = false, ReasonNeeded = true, ReasonLabel = "What has to change" },
            "start" => new($"Start {window.Name} now?", button, "Do not start yet",
                [new("Freezes", Sites(window)), new("Changes", WindowWords.Targets(window), true), new("Way back", Back(window))])
            { Danger = false, StepUp = proof, Text = "Before the first step, versions, scripts and contracts are compared with what was approved." },
            "rollback" => new($"Roll back {Group(window)}?", $"Roll back {window.From.Count} databases", "Stay where it is",
                [
                    new("Returns to", string.Join(" and ", window.From.Select(f => $"{f.Key} {f.Value ?? "empty"}")), true),
                    new("Takes about", Spoken.Sentence(TimeSpan.FromSeconds(window.WayBack.EstimatedSeconds))),
                    new("Return to the queue", $"{window.WayBack.Loses.TransactionsReturned}"),
                    new("Loses", WindowWords.Loses(window), true),
                    // A task that waits may be half done by hand already, and the console cannot see it.
                    .. window.Task is { Group: "forward" } begun ? Undo(begun, window).Select(u => u with { Label = $"If task {begun.Number} was begun", Strong = true }) : [],
                ])
            { TypeName = window.Name, ReasonNeeded = true, StepUp = proof },
            "finalize" => new($"Finalize {window.Name}?", button, "Keep the way back",
                [
                    new("Closes", "the way back, for good", true),
                    new("Undecided", $"{undecided.Pending + undecided.Approved}"), new("Committing or in doubt", $"{undecided.Committing + undecided.InDoubt}"), new("Missed occurrences", $"{undecided.Missed}"),
                    .. undecided.Held == 0 ? Array.Empty<ConfirmFact>() : [new("Held", undecided.Held == 1 ? "1 stays held, decided after the window" : $"{undecided.Held} stay held, decided after the window", true)],
                ])
            {
                StepUp = proof,
                ReasonNeeded = !undecided.IsClear,
                ReasonLabel = "Why this is left; goes into the report and the audit log",
                Text = undecided.IsClear ? null : "What is left stays where it is: transactions in the queue, missed occurrences on their list. Both wait until the window is closed, and until then their sites are told that it is pending."
            },
            "abandon" => new($"Give {window.Name} up?", button, "Keep the window", [new("Databases", "stay as they are, no release has run"), new("Doors and gates", "become what they were")]) { ReasonNeeded = true },
            "retry" => new($"Run step {window.Decision!.Step} again?", button, "Leave it as it is", [new("Seen", WindowWords.Seen(window.Decision.Observed)), new("Step", window.Current is { } step ? StepWords.Title(window, step) : "")]) { Danger = false },
            "thaw" => new($"{button}?", button, "Leave it as it is", [new("Sites", Sites(window)), new("Let in now", window.Share is { } s ? $"{s} %" : "nobody"), .. Left(window)]) { Danger = false },
            "extend" => new($"Extend {window.Name}?", "Extend it", "Leave its end", [new("Ends now", window.ClosesAt is { } closes ? $"{closes.UtcDateTime:ddd d MMM HH:mm} UTC" : "no end is set"), new("Sites", "are told the new end")])
            { Danger = false, ReasonNeeded = true, MomentLabel = "New end", MomentFrom = window.ClosesAt > now ? window.ClosesAt : now },
            _ when Task(verb, window) is { } task => new($"Is task {task.Number} done?", button, "Not yet", [new("Task", task.Subject, true), .. Undo(task, window)])
            { Danger = false, ReasonOffered = true, ReasonLabel = "What was done, for the report" },
            "close" => new($"Close {window.Name}?", button, "Leave it open", [new("Background work", "runs again"), new("Gates", "open"), .. Left(window)]) { Danger = false },
            "trial" when !window.Trial => new("Let staff try it?", button, "Keep the databases closed",
                [new("Opens", $"{Group(window)} for staff alone"), new("A rollback would lose", "what staff write in the trial", true)])
            { Danger = false },
            _ => null,
        };
    }

    /// <summary>What the sites have started and nobody has decided: who is let in again sees it as pending.</summary>
    private static IEnumerable<ConfirmFact> Left(WindowView window) => window.Undecided is var u && u.Pending + u.Approved + u.Committing + u.InDoubt is > 0 and var left
        ? [new("Still undecided", $"{left} in the queue", true)] : [];

    private static StepView? Task(string verb, WindowView window) =>
        verb.StartsWith("steps/", StringComparison.Ordinal) ? window.Steps.FirstOrDefault(s => verb == $"steps/{s.Number}/done") : null;

    private static IEnumerable<ConfirmFact> Undo(StepView task, WindowView window) => window.Plan.Tasks
        .Where(t => t.Undo is not null && task.Subject.StartsWith(t.Title, StringComparison.Ordinal)).Select(t => new ConfirmFact("On the way back", t.Undo!));

    public static string Group(WindowView window) => string.Join(" and ", window.From.Keys.Order(StringComparer.Ordinal));
    public static string Wanted(WindowView window) => string.Join(" and ", window.To.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}"));
    private static string Sites(WindowView window) => string.Join(" and ", window.Plan.Steps.SelectMany(s => s.FrozenSites).Distinct().Order(StringComparer.Ordinal)) is { Length: > 0 } sites ? sites : "no site";
    private static string Back(WindowView window) => window.Plan.PointOfNoReturn is { } step ? $"ends at step {step + 1}" : "open until it is finalized";
}
