using System.Net;
using System.Text;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Reports;

/// <summary>The report as one page without script, for the screen and for A4. Every word goes through the encoder.</summary>
public static class ReportPage
{
    public static string Of(Report report, string pathBase)
    {
        var w = report.Window;
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\" data-theme=\"light\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        html.Append("<title>").Append(E(w.Name)).Append(", report</title><link rel=\"stylesheet\" href=\"").Append(E(pathBase)).Append("/css/report.css\"></head><body><main class=\"leaf\">");
        var (css, verdict) = Verdict(report);
        html.Append("<div class=\"leaf-head\"><h1>").Append(E(w.Name)).Append("</h1><span class=\"").Append(css).Append("\">").Append(E(verdict)).Append("</span></div>");
        html.Append("<p class=\"leaf-sub\">Maintenance report. ").Append(E(w.Estate)).Append(", window ").Append(E(Words.Time(w.OpensAt ?? w.StartedAt))).Append(" to ").Append(E(Words.Time(w.ClosesAt))).Append(". All times UTC.</p>");
        html.Append("<div class=\"figures\">");
        var closed = (From: w.Steps.FirstOrDefault(s => s.Kind == "freeze")?.StartedAt, To: w.Steps.FirstOrDefault(s => s.Kind == "thaw")?.StartedAt);
        Figure(html, "Sites closed", Words.Took(closed.From, closed.To) is { Length: > 0 } took ? took : "unknown", "from freeze to the first one let in");
        Figure(html, "Databases", $"{w.From.Count}", Words.Targets(w));
        Figure(html, "Transactions", $"{report.Transactions.Started}", $"{report.Transactions.Committed} committed, {report.Transactions.Rejected} rejected");
        Figure(html, "Decisions", $"{report.Decisions.Count}", w.RolledBackBy is { } back ? $"rolled back by {back}" : w.FinalizedBy is { } by ? $"finalized by {by}" : "not finalized");
        html.Append("</div>");
        Table(html, "Steps", ["", "Step", "Result", "Started#", "Took#"], w.Steps.Select(s => new[] { $"{s.Number}", s.Subject, s.Status, Words.Time(s.StartedAt), Words.Took(s.StartedAt, s.EndedAt) }));
        Table(html, "Reconciliation", ["Kind", "Currency", "Started#", "Sum#", "Committed#", "Sum#", "Rejected#", "Sum#", "Held#", "In doubt#", "Left#"], report.Transactions.ByKind.Select(k => new[]
        {
            k.Kind, k.Currency ?? "", $"{k.Started}", Spoken.Money(k.StartedSum), $"{k.Committed}", Spoken.Money(k.CommittedSum), $"{k.Rejected}", Spoken.Money(k.RejectedSum), $"{k.Held}", $"{k.InDoubt}", $"{k.Left}",
        }));
        Table(html, "Decisions", ["Step", "Seen", "Because", "Chosen", "By", "At#"], report.Decisions.Select(d => new[] { $"{d.Step}", d.Observed, d.Because, d.Chosen ?? "open", d.By ?? "", Words.Time(d.ChosenAt) }));
        Table(html, "Checks", ["Check", "Found"], report.Checks.Select(c => new[] { c.Name, c.Text }));
        Table(html, "Schedules", ["Schedule", "Due#", "Outcome", "By"], report.Schedules.Select(s => new[] { s.Schedule, Words.Time(s.DueAt), s.Outcome, s.By ?? "" }));
        Table(html, "Checkpoints", ["Database", "Id", "Taken#", "Content"], report.Checkpoints.Select(c => new[] { c.Database, c.Id, Words.Time(c.At), c.Digest }));
        Table(html, "Timeline", ["At", "Who", "What"], report.Timeline.Select(l => new[] { Words.Time(l.At), l.By, l.What }));
        return html.Append("</main></body></html>").ToString();
    }

    private static (string Css, string Words) Verdict(Report report) => report.Window switch
    {
        { InTime: true, RolledBackBy: null, Status: "closed" } => ("is-ok", "Closed in time"),
        { InTime: false, Status: "closed" } => ("is-attention", "Closed after the window's end"),
        { RolledBackBy: not null } => ("is-attention", "Rolled back"),
        { Status: "closed" } => ("is-ok", "Closed"),
        { Status: var status } => ("soft", $"Not closed: {status}"),
    };

    private static void Figure(StringBuilder html, string label, string value, string note) =>
        html.Append("<div><div class=\"figure-label\">").Append(E(label)).Append("</div><div class=\"figure-value\">").Append(E(value)).Append("</div><div class=\"soft\">").Append(E(note)).Append("</div></div>");

    /// <param name="head">a trailing # makes a column of figures</param>
    private static void Table(StringBuilder html, string title, string[] head, IEnumerable<string[]> rows)
    {
        html.Append("<h2>").Append(E(title)).Append("</h2>");
        var all = rows.ToList();
        if (all.Count == 0) { html.Append("<p class=\"soft\">None.</p>"); return; }
        html.Append("<table class=\"lined\"><thead><tr>");
        foreach (var h in head) { html.Append(h.EndsWith('#') ? "<th class=\"num\">" : "<th>").Append(E(h.TrimEnd('#'))).Append("</th>"); }
        html.Append("</tr></thead><tbody>");
        foreach (var row in all)
        {
            html.Append("<tr>");
            for (var i = 0; i < row.Length; i++) { html.Append(head[i].EndsWith('#') ? "<td class=\"num\">" : "<td>").Append(E(row[i])).Append("</td>"); }
            html.Append("</tr>");
        }
        html.Append("</tbody></table>");
    }

    private static string E(string words) => WebUtility.HtmlEncode(words);
}
