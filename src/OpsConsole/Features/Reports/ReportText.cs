using System.Globalization;
using System.Text;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Reports;

/// <summary>The report as Markdown. What people wrote is kept from making tables or headings of its own.</summary>
public static class ReportText
{
    public static string Of(Report report)
    {
        var (w, text) = (report.Window, new StringBuilder());
        Line(text, $"# {Plain(w.Name)}");
        Line(text, $"{Plain(w.Estate)}, {Plain(Words.Targets(w))}. Status: {w.Status}. All times UTC.");
        Table(text, "Steps", ["#", "Step", "Result", "Started", "Took"], w.Steps.Select(s => new[] { $"{s.Number}", s.Subject, s.Status, Words.Time(s.StartedAt), Words.Took(s.StartedAt, s.EndedAt) }));
        Table(text, "Transactions", ["Kind", "Currency", "Started", "Sum", "Committed", "Sum", "Rejected", "Sum", "Held", "In doubt", "Left"], report.Transactions.ByKind.Select(k => new[]
        {
            k.Kind, k.Currency ?? "", $"{k.Started}", Spoken.Money(k.StartedSum), $"{k.Committed}", Spoken.Money(k.CommittedSum), $"{k.Rejected}", Spoken.Money(k.RejectedSum), $"{k.Held}", $"{k.InDoubt}", $"{k.Left}",
        }));
        Table(text, "Checks", ["Check", "Found"], report.Checks.Select(c => new[] { c.Name, c.Text }));
        Table(text, "Schedules", ["Schedule", "Due", "Outcome", "By"], report.Schedules.Select(s => new[] { s.Schedule, Words.Time(s.DueAt), s.Outcome, s.By ?? "" }));
        Table(text, "Checkpoints", ["Database", "Id", "Taken", "Content"], report.Checkpoints.Select(c => new[] { c.Database, c.Id, Words.Time(c.At), c.Digest }));
        Table(text, "Decisions", ["Step", "Seen", "Because", "Chosen", "By"], report.Decisions.Select(d => new[] { $"{d.Step}", d.Observed, d.Because, d.Chosen ?? "open", d.By ?? "" }));
        Table(text, "Timeline", ["At", "Who", "What"], report.Timeline.Select(l => new[] { Words.Time(l.At), l.By, l.What }));
        return text.ToString();
    }

    private static void Table(StringBuilder text, string title, string[] head, IEnumerable<string[]> rows)
    {
        Line(text, "");
        Line(text, $"## {title}");
        Line(text, "");
        var all = rows.ToList();
        if (all.Count == 0) { Line(text, "None."); return; }
        Line(text, $"| {string.Join(" | ", head)} |");
        Line(text, $"|{string.Concat(head.Select(_ => "---|"))}");
        foreach (var row in all) { Line(text, $"| {string.Join(" | ", row.Select(Plain))} |"); }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Plain(string words)
    {
        var safe = new StringBuilder(words.Length);
        foreach (var c in words)
        {
            if (c is '\\' or '|' or '<' or '>' or '[' or ']' or '*' or '_' or '`' or '#') { safe.Append('\\'); }
            safe.Append(c is '\r' or '\n' ? ' ' : c);
        }
        return safe.ToString();
    }
}

internal static class Words
{
    public static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
    public static string Took(DateTimeOffset? from, DateTimeOffset? to) => from is { } a && to is { } b ? Spoken.Duration(b - a) : "";
    public static string Targets(ReportWindow w) => string.Join(" and ", w.To.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {w.From.GetValueOrDefault(t.Key) ?? "empty"} → {t.Value}"));
}
