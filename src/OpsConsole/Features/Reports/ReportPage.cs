using System.Globalization;
using System.Net;
using System.Text;

namespace OpsConsole.Features.Reports;

/// <summary>The report as one page that needs no script, for the screen and for A4. Every word goes through the encoder.</summary>
public static class ReportPage
{
    private const string Ok = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 1.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zm-1.4 11.4 6-6-1.3-1.3-4.7 4.7-2-2-1.3 1.3z";
    private const string Attention = "M12 5.6 19.6 19H4.4zM12 2 1.5 20.8h21zm-.9 8v4.6h1.8V10zm0 5.8v1.8h1.8v-1.8z";

    /// <param name="pathBase">in front of every address of ours</param>
    public static string Of(Report report, string pathBase, DateTimeOffset now, string theme = "light")
    {
        var w = report.Window;
        var tables = ReportTables.Others(report).ToList();
        var (css, verdict) = Words.Verdict(report);
        var html = new StringBuilder(16_384);
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html><html lang=\"en\" data-theme=\"{(theme == "dark" ? "dark" : "light")}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>{E(w.Name)}, report</title><link rel=\"icon\" href=\"{E(pathBase)}/icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{E(pathBase)}/css/report.css\"></head><body>");
        Side(html, report, pathBase, tables);
        html.Append("<main class=\"leaf\">");
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"leaf-head\"><h1>{E(w.Name)}</h1><span class=\"verdict {css}\">{(css == "soft" ? "" : Icon(css == "is-ok" ? Ok : Attention))}{E(verdict)}</span></div>");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"leaf-sub\">Maintenance report. {E(w.Estate)}, window {E(Words.Window(w))}. All times UTC{(w.EndedAt is null ? $", as of {Words.Time(now, report)}" : "")}.</p>");
        html.Append("<div class=\"figures\">");
        foreach (var (label, value, note) in Words.Figures(report, now))
        {
            html.Append(CultureInfo.InvariantCulture, $"<div><div class=\"figure-label\">{E(label)}</div><div class=\"figure-value\">{E(value)}</div><div class=\"figure-note\">{E(note)}</div></div>");
        }
        html.Append("</div>");
        Steps(html, report, now);
        foreach (var table in tables) { Table(html, table); }
        return html.Append(CultureInfo.InvariantCulture, $"<p class=\"leaf-foot\">Plan {E(w.Digest)}</p></main><script type=\"module\" src=\"{E(pathBase)}/js/console.js\"></script></body></html>").ToString();
    }

    private static void Side(StringBuilder html, Report report, string pathBase, List<ReportTable> tables)
    {
        var id = E(report.Window.Id);
        html.Append(CultureInfo.InvariantCulture, $"<nav class=\"side no-print\" aria-label=\"Report\"><b>{E(report.Window.Name)}</b><div class=\"side-parts\"><a href=\"#steps\">Steps</a>");
        foreach (var table in tables) { html.Append(CultureInfo.InvariantCulture, $"<a href=\"#{table.Id}\">{E(table.Title)}{(table.Rows.Count > 0 && table.Id != "log" ? $"<span>{table.Rows.Count}</span>" : "")}</a>"); }
        html.Append(CultureInfo.InvariantCulture, $"</div><div class=\"side-acts\"><button type=\"button\" data-print>Print</button><a href=\"{E(pathBase)}/windows/{id}/report.json\" download>Download JSON</a>");
        html.Append(CultureInfo.InvariantCulture, $"<a href=\"{E(pathBase)}/windows/{id}/report.md\" download>Download Markdown</a><a href=\"{E(pathBase)}/windows/{id}\">Back to the window</a></div></nav>");
    }

    private static void Steps(StringBuilder html, Report report, DateTimeOffset now)
    {
        var table = ReportTables.Steps(report);
        html.Append("<h2 id=\"steps\">Steps</h2>");
        if (ReportChart.Of(report.Window.Steps, now) is not { } chart) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{E(table.Empty)}</p>"); return; }
        html.Append(CultureInfo.InvariantCulture, $"<table class=\"steps\"><thead><tr><th>Step</th><th>Result</th><th class=\"num wide\">Started</th><th class=\"num\">Took</th><th class=\"chart\">{chart.Head()}</th></tr></thead><tbody>");
        foreach (var (row, step) in table.Rows.Zip(report.Window.Steps))
        {
            var css = step.Status switch { "failed" or "torn" => "is-danger", "undone" => "is-attention", "done" => "", _ => "soft" };
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{E(row[1])}</td><td class=\"tight {css}\">{E(row[2])}</td><td class=\"num wide\">{E(row[3])}</td><td class=\"num\">{E(row[4])}</td><td class=\"chart\">{chart.Row(step, now)}</td></tr>");
        }
        html.Append("</tbody></table><p class=\"legend\"><svg width=\"24\" height=\"8\"><rect class=\"tl-took\" width=\"24\" height=\"8\"/></svg>took<svg width=\"8\" height=\"16\"><line class=\"tl-final\" x1=\"4\" x2=\"4\" y2=\"16\"/></svg>finalize, the way back ends</p>");
    }

    private static void Table(StringBuilder html, ReportTable table)
    {
        html.Append(CultureInfo.InvariantCulture, $"<section><h2 id=\"{table.Id}\">{E(table.Title)}</h2>");
        if (table.Rows.Count == 0) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{E(table.Empty)}</p></section>"); return; }
        html.Append("<div class=\"wider\"><table class=\"lined\"><thead><tr>");
        foreach (var head in table.Head) { html.Append(CultureInfo.InvariantCulture, $"<th{Num(head)}>{E(head.TrimEnd('#'))}</th>"); }
        html.Append("</tr></thead><tbody>");
        foreach (var row in table.Rows) { Row(html, table, row, ""); }
        if (table.Sum is { } sum) { Row(html, table, sum, " class=\"sum\""); }
        html.Append("</tbody></table></div></section>");
    }

    private static void Row(StringBuilder html, ReportTable table, IReadOnlyList<string> row, string css)
    {
        html.Append(CultureInfo.InvariantCulture, $"<tr{css}>");
        for (var i = 0; i < row.Count; i++) { html.Append(CultureInfo.InvariantCulture, $"<td{(table.Head[i] switch { "Content" => " class=\"mono\"", "At" or "Who" or "By" or "Became" or "Seen" or "Chosen" => " class=\"tight\"", var head => Num(head) })}>{E(row[i])}</td>"); }
        html.Append("</tr>");
    }

    private static string Num(string head) => head.EndsWith('#') && head.Length > 1 ? " class=\"num\"" : "";
    private static string Icon(string path) => $"<svg viewBox=\"0 0 24 24\" width=\"18\" height=\"18\" aria-hidden=\"true\"><path fill-rule=\"evenodd\" d=\"{path}\"/></svg>";
    private static string E(string words) => WebUtility.HtmlEncode(words);
}
