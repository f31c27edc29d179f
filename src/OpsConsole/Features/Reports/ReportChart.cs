using System.Globalization;
using System.Text;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Reports;

/// <summary>The steps on one axis of time, drawn in percent, so that the same drawing fits the screen, a phone and A4.</summary>
internal sealed class ReportChart
{
    private static readonly TimeSpan[] Gaps =
    [
        .. new[] { 1, 2, 5, 10, 20, 30 }.Select(s => TimeSpan.FromSeconds(s)), .. new[] { 1, 2, 5, 10, 15, 30 }.Select(m => TimeSpan.FromMinutes(m)),
        .. new[] { 1, 2, 3, 6, 12, 24, 48, 96 }.Select(h => TimeSpan.FromHours(h)),
    ];

    private readonly DateTimeOffset from, to;
    private readonly TimeSpan gap;

    private ReportChart(DateTimeOffset from, DateTimeOffset to)
    {
        gap = Gaps.FirstOrDefault(g => (to - from) / g <= 5, Gaps[^1]);
        this.from = Floor(from);
        this.to = Floor(to + gap);
    }

    /// <summary>Null: nothing has begun.</summary>
    public static ReportChart? Of(IReadOnlyList<StoryStep> steps, DateTimeOffset now)
    {
        var begun = steps.Where(s => s.StartedAt is not null).ToList();
        return begun.Count == 0 ? null : new ReportChart(begun.Min(s => s.StartedAt!.Value), begun.Max(s => s.EndedAt ?? (s.Status is "running" or "pending" ? now : s.StartedAt!.Value)));
    }

    private DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks / gap.Ticks * gap.Ticks, TimeSpan.Zero);

    private IEnumerable<DateTimeOffset> Ticks() => Enumerable.Range(0, (int)((to - from) / gap) + 1).Select(i => from + (i * gap));

    private string At(DateTimeOffset at) => Percent.Of(Percent.Share(at, from, to));

    public string Head()
    {
        var svg = new StringBuilder("<svg width=\"100%\" height=\"16\" aria-hidden=\"true\">");
        // Of the axis' width, at its narrowest. The ends are always told; between them, what has room.
        var (seconds, free) = (gap < TimeSpan.FromMinutes(1), 0.0);
        var width = seconds ? 0.24 : 0.16;
        foreach (var tick in Ticks())
        {
            var anchor = tick == from ? "start" : tick == to ? "end" : "middle";
            var (left, right) = anchor switch { "start" => (0, width), "end" => (1 - width, 1), _ => (Percent.Share(tick, from, to) - (width / 2), Percent.Share(tick, from, to) + (width / 2)) };
            if (anchor == "middle" && (left < free || right > 1 - width)) { continue; }
            free = right;
            var text = tick.UtcDateTime.ToString(seconds ? "HH:mm:ss" : "HH:mm", CultureInfo.InvariantCulture);
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{(anchor == "middle" ? "tl-mid" : null)}\" x=\"{At(tick)}\" y=\"12\" text-anchor=\"{anchor}\">{text}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    public string Row(StoryStep step, DateTimeOffset now)
    {
        var svg = new StringBuilder("<svg width=\"100%\" height=\"24\" aria-hidden=\"true\">");
        foreach (var tick in Ticks()) { svg.Append(CultureInfo.InvariantCulture, $"<line class=\"tl-tick\" x1=\"{At(tick)}\" x2=\"{At(tick)}\" y2=\"24\"/>"); }
        if (step.StartedAt is { } began)
        {
            if (step.Kind == "finalize") { svg.Append(CultureInfo.InvariantCulture, $"<line class=\"tl-final\" x1=\"{At(began)}\" x2=\"{At(began)}\" y1=\"2\" y2=\"22\"/>"); }
            else
            {
                // A step of a blink is a hair, not nothing.
                var share = Math.Max(Percent.Share(step.EndedAt ?? now, from, to) - Percent.Share(began, from, to), 0.004);
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(step.Status is "failed" or "torn" ? "tl-bad" : "tl-took")}\" x=\"{At(began)}\" y=\"8\" width=\"{Percent.Of(share)}\" height=\"8\"/>");
            }
        }
        return svg.Append("</svg>").ToString();
    }
}
