using System.Globalization;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Reports;

/// <summary>One table of the report, made once for paper and for Markdown, so that both say the same.</summary>
/// <param name="Id">of its heading, to lead to it</param>
/// <param name="Head">a trailing # makes a column of figures</param>
/// <param name="Sum">the last row, over all; null: none</param>
/// <param name="Empty">what it means that there is no row</param>
public sealed record ReportTable(string Id, string Title, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows, string Empty, IReadOnlyList<string>? Sum = null);

/// <summary>Every fact of the report as rows of words.</summary>
public static class ReportTables
{
    private static readonly string[] MoneyHead = ["Kind", "Started#", "Sum#", "Committed#", "Sum#", "Rejected#", "Sum#", "Held#", "In doubt#", "Left#"];

    public static ReportTable Steps(Report r) => new("steps", "Steps", ["#", "Step", "Result", "Started#", "Took#"],
        [.. r.Window.Steps.Select(s => (IReadOnlyList<string>)[$"{s.Number}", Subject(r, s), Result(r, s), Words.Time(s.StartedAt, r), Words.Took(s)])], "It was not started.");

    /// <summary>The tables after the steps, in the order of the report.</summary>
    public static IEnumerable<ReportTable> Others(Report r)
    {
        var any = false;
        foreach (var table in Reconciliation(r)) { any = true; yield return table; }
        if (!any) { yield return new ReportTable("reconciliation", "Reconciliation", MoneyHead, [], "No transaction was started."); }
        yield return new("exceptions", "Rejected and held", ["No.#", "Transaction", "Key", "Became", "By", "At#", "Reason"],
            [.. r.Transactions.NotCommitted.Select(e => (IReadOnlyList<string>)[$"{e.Number}", Transaction(e), $"{e.Site} {e.Key}", e.Status, e.By ?? "", Words.Time(e.At, r), e.Reason ?? ""])], "None was.");
        yield return new("people", "By whom", ["What", "Who", "How often#", "From#", "To#"], [.. Hands(r)], "Nobody has decided anything yet.");
        yield return new("decisions", "Decisions", ["Step", "Seen", "Because", "Chosen", "By", "At#"],
            [.. r.Decisions.Select(d => (IReadOnlyList<string>)[$"{d.Step}", Seen(d.Observed), d.Because, Chosen(d.Chosen), d.By ?? "", Words.Time(d.ChosenAt, r)])], "No step needed one.");
        yield return new("checks", "Checks", ["Check", "Found"], [.. r.Checks.Select(c => (IReadOnlyList<string>)[c.Name, c.Text])], "None was run.");
        yield return new("schedules", "Schedules", ["Schedule", "Due#", "Outcome", "By", "At#"],
            [.. r.Schedules.Select(s => (IReadOnlyList<string>)[s.Schedule, Words.Time(s.DueAt, r), Outcome(s.Outcome), s.By ?? "", Words.Time(s.At, r)])], "Nothing fell due in the window.");
        yield return new("checkpoints", "Checkpoints", ["Database", "Copy", "Taken#", "Content"],
            [.. r.Checkpoints.Select(c => (IReadOnlyList<string>)[c.Database, c.Id, Words.Time(c.At, r), c.Digest])], "None was taken.");
        yield return new("log", "Log", ["At", "Who", "What"], [.. r.Timeline.Select(l => (IReadOnlyList<string>)[Words.Time(l.At, r), l.By, l.What])], "Nothing has happened yet.");
    }

    private static IEnumerable<ReportTable> Reconciliation(Report r)
    {
        foreach (var sum in r.Transactions.Sums)
        {
            var kinds = r.Transactions.ByKind.Where(k => k.Currency == sum.Currency).ToList();
            yield return new($"reconciliation-{sum.Currency}", $"Reconciliation, {sum.Currency}", MoneyHead, [.. kinds.Select(Money)], "", kinds.Count > 1 ? Money(sum with { Kind = "All" }) : null);
        }
        var plain = r.Transactions.ByKind.Where(k => k.Currency is null).ToList();
        if (plain.Count == 0) { yield break; }
        yield return new("reconciliation-plain", "Reconciliation, without an amount", ["Kind", "Started#", "Committed#", "Rejected#", "Held#", "In doubt#", "Left#"],
            [.. plain.Select(k => (IReadOnlyList<string>)[k.Kind, N(k.Started), N(k.Committed), N(k.Rejected), N(k.Held), N(k.InDoubt), N(k.Left)])], "");
    }

    private static IReadOnlyList<string> Money(StoryKind k) =>
        [k.Kind, N(k.Started), Spoken.Money(k.StartedSum), N(k.Committed), Spoken.Money(k.CommittedSum), N(k.Rejected), Spoken.Money(k.RejectedSum), N(k.Held), N(k.InDoubt), N(k.Left)];

    private static IEnumerable<IReadOnlyList<string>> Hands(Report r)
    {
        var w = r.Window;
        if (w.ApprovedBy is { } approver) { yield return ["Approved the plan", approver, "", "", ""]; }
        foreach (var hand in r.Transactions.ByPerson)
        {
            yield return [Did(hand.Outcome), hand.By, N(hand.Count), Words.Time(hand.From, r), Words.Time(hand.To, r)];
        }
        if (w.RolledBackBy is { } back) { yield return ["Chose to roll back", back, "", "", ""]; }
        if (w.FinalizedBy is { } final) { yield return ["Finalized", final, "", "", ""]; }
    }

    /// <summary>The step in words, with what its stretch was about where that is counted.</summary>
    private static string Subject(Report r, StoryStep s) => s.Kind switch
    {
        "review" when r.Transactions.Started > 0 => $"{s.Subject}, {r.Transactions.Started} {(r.Transactions.Started == 1 ? "transaction" : "transactions")}",
        "catchUp" when r.Schedules.Count > 0 => $"{s.Subject}, {r.Schedules.Count} {(r.Schedules.Count == 1 ? "occurrence" : "occurrences")}",
        "finalize" when r.Window.FinalizedBy is { } by => $"{s.Subject}, {by}",
        _ => s.Subject,
    };

    // The review is no work of the console's: it stays pending while people are at it.
    private static string Result(Report r, StoryStep s) => s switch
    {
        { Status: "pending", Kind: "review", StartedAt: not null } when r.Window.Status == "reviewing" => "open",
        { Status: "pending" } => r.Window.EndedAt is null ? "waits" : "not reached",
        _ => s.Status,
    };
    private static string Transaction(StoryException e) =>
        $"{e.Kind}{(e is { Amount: { } amount, Currency: { } currency } ? $" of {Spoken.Money(amount)} {currency}" : "")}{(e.About.Count > 0 ? $", {string.Join(", ", e.About.Select(a => a.Replace('=', ' ')))}" : "")}";

    private static string Seen(string observed) => observed switch { "notDone" => "not done", _ => observed };
    private static string Chosen(string? verb) => verb switch { null => "open", "retry" => "run again", "rollback" => "roll back", "abandon" => "give up", _ => verb };
    private static string Did(string outcome) => outcome switch { "committed" => "Committed", StoryHand.SecondPerson => "Approved above the limit", _ => "Rejected" };
    private static string Outcome(string outcome) => outcome switch { "caughtUp" => "caught up", _ => outcome };
    private static string N(int count) => count.ToString("#,##0", CultureInfo.InvariantCulture);
}

internal static class Words
{
    /// <summary>The day is named once, at the top; a time of another day carries its own.</summary>
    public static string Time(DateTimeOffset? at, Report report) => at is not { } time ? ""
        : Day(time) == Day(report.Window.StartedAt ?? report.Window.OpensAt ?? time) ? time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) : Full(time);

    public static string Full(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);
    /// <summary>Nothing for a moment, such as finalize.</summary>
    public static string Took(StoryStep s) => s is { StartedAt: { } from, EndedAt: { } to } && to > from ? Spoken.Duration(to - from) : "";
    public static string Took(DateTimeOffset? from, DateTimeOffset? to) => from is { } a && to is { } b ? Spoken.Duration(b - a) : "";
    public static string Targets(ReportWindow w) => string.Join(" and ", w.To.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {w.From.GetValueOrDefault(t.Key) ?? "empty"} → {t.Value}"));

    /// <summary>When it was to be, and on which day.</summary>
    public static string Window(ReportWindow w)
    {
        var (from, to) = (w.OpensAt ?? w.StartedAt, w.ClosesAt);
        var day = from is { } start ? $", {Day(start)}" : "";
        string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture);
        return from is not { } a ? "without a time" : to is not { } b ? $"{Clock(a)} UTC without an end{day}"
            : Day(a) == Day(b) ? $"{Clock(a)} to {Clock(b)} UTC{day}" : $"{Clock(a)} UTC{day} to {Clock(b)} UTC, {Day(b)}";
    }

    public static (string Css, string Text) Verdict(Report report) => report.Window switch
    {
        { RolledBackBy: not null } => ("is-attention", "Rolled back"),
        { InTime: true, Status: "closed" } w => ("is-ok", $"Closed in time, {Time(w.EndedAt, report)}"),
        { InTime: false, Status: "closed" } w => ("is-attention", $"Closed after its end, {Time(w.EndedAt, report)}"),
        { Status: "closed" } w => ("is-ok", $"Closed, {Time(w.EndedAt, report)}"),
        { Status: "abandoned" } => ("is-attention", "Given up before a release ran"),
        { Status: var status } => ("soft", $"Not closed yet: {status}"),
    };

    /// <summary>The four figures at the top: label, figure, and the words under it.</summary>
    public static IEnumerable<(string Label, string Value, string Note)> Figures(Report r, DateTimeOffset now)
    {
        var (w, t) = (r.Window, r.Transactions);
        var frozen = w.Steps.FirstOrDefault(s => s.Kind == "freeze")?.StartedAt;
        var thawed = w.Steps.FirstOrDefault(s => s.Kind == "thaw")?.StartedAt;
        yield return ("Sites closed", frozen is null ? "0" : Took(frozen, thawed ?? (w.EndedAt ?? now)), frozen is null ? "never frozen" : thawed is null ? $"since {Time(frozen, r)}, still closed" : "from the freeze to the first let in");
        yield return ("Databases", $"{w.From.Count}", w.RolledBackBy is null ? Targets(w) : $"{string.Join(" and ", w.From.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key} {f.Value ?? "empty"}"))} again; {Targets(w)} was tried");
        yield return ("Transactions", $"{t.Started}", $"{t.Committed} committed, {t.Rejected} rejected");
        var open = t.Held + t.InDoubt + t.Left;
        var sums = t.Sums.Select(s => (s.Currency, Open: s.StartedSum - s.CommittedSum - s.RejectedSum)).Where(s => s.Open != 0).Select(s => $"{Spoken.Money(s.Open)} {s.Currency}").ToList();
        yield return ("Not decided", $"{open}", open == 0 ? "started equals committed and rejected"
            : string.Join("; ", new[] { string.Join(", ", sums), $"{t.Held} held, {t.InDoubt} in doubt, {t.Left} left" }.Where(p => p.Length > 0)));
    }
}
