using System.Text;

namespace OpsConsole.Features.Reports;

/// <summary>The report as Markdown. What people wrote is kept from making tables or headings of its own.</summary>
public static class ReportText
{
    public static string Of(Report report, DateTimeOffset now)
    {
        var (w, text) = (report.Window, new StringBuilder());
        Line(text, $"# {Plain(w.Name)}");
        Line(text, "");
        Line(text, $"{Plain(Words.Verdict(report).Text)}. {Plain(w.Estate)}, window {Words.Window(w)}. All times UTC{(w.EndedAt is null ? $", as of {Words.Time(now, report)}" : "")}.");
        Line(text, "");
        foreach (var (label, value, note) in Words.Figures(report, now)) { Line(text, $"- {label}: **{Plain(value)}**, {Plain(note)}"); }
        Table(text, ReportTables.Steps(report));
        foreach (var table in ReportTables.Others(report)) { Table(text, table); }
        Line(text, "");
        Line(text, $"Plan {w.Digest}");
        return text.ToString();
    }

    private static void Table(StringBuilder text, ReportTable table)
    {
        Line(text, "");
        Line(text, $"## {Plain(table.Title)}");
        Line(text, "");
        if (table.Rows.Count == 0) { Line(text, table.Empty); return; }
        Line(text, $"| {string.Join(" | ", table.Head.Select(h => h.Length > 1 ? h.TrimEnd('#') : "No."))} |");
        Line(text, $"|{string.Concat(table.Head.Select(h => h.EndsWith('#') ? "--:|" : "---|"))}");
        foreach (var row in table.Rows) { Line(text, $"| {string.Join(" | ", row.Select(Plain))} |"); }
        if (table.Sum is { } sum) { Line(text, $"| {string.Join(" | ", sum.Select(Plain))} |"); }
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
