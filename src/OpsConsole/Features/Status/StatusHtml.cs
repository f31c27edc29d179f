using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace OpsConsole.Features.Status;

/// <summary>The page for members: plain HTML that a phone on a bad link can read, with every foreign word encoded.</summary>
public static class StatusHtml
{
    public static string Write(StatusFacts facts, StatusWords words, string house)
    {
        var html = new StringBuilder(4096);
        // The first sentence is the headline; what follows it explains.
        var said = words.Phase(facts.Phase, facts.Sites.All(s => s.Door is StatusDoor.Closed or StatusDoor.SigningInClosed)).Split(". ", 2);
        var (tone, icon) = facts.Phase switch
        {
            StatusPhase.Open => ("is-ok", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm-1.5 13.2-4-4 1.4-1.4 2.6 2.6 5.6-5.6 1.4 1.4z"),
            StatusPhase.Closed => ("is-frozen", "M11 2h2v20h-2zM2 11h20v2H2zM5.6 4.2l14.2 14.2-1.4 1.4L4.2 5.6zM18.4 4.2l1.4 1.4L5.6 19.8l-1.4-1.4z"),
            _ => ("is-attention", "M12 3 1.8 20.5h20.4zm-1 6h2v6h-2zm0 7.5h2v2h-2z"),
        };
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html><html lang=\"{words.Language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append(CultureInfo.InvariantCulture, $"<meta name=\"color-scheme\" content=\"dark light\"><title>{E(house)}: {words.Title}</title><link rel=\"icon\" href=\"icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"css/status.css\"></head><body>")
            .Append(CultureInfo.InvariantCulture, $"<header><div><b>{E(house)}</b><span class=\"soft\">{words.Title}</span></div></header><main><section>")
            .Append(CultureInfo.InvariantCulture, $"<h1 class=\"{tone}\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{icon}\"/></svg>{E(said[0].TrimEnd('.') + ".")}</h1>");
        if (said.Length > 1) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"lead soft\">{E(said[1])}</p>"); }
        // The one figure that everybody came for, before any sentence.
        if (facts is { Phase: StatusPhase.Closed, ActualEnd: null } && (facts.ExpectedEnd ?? facts.PlannedTo) is { } again && again > facts.MadeAt)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"lead soft\">{E(words.Again)}</p><p class=\"when\"><time datetime=\"{Iso(again)}\">{again.UtcDateTime:HH:mm}</time> <small>{E(words.Day(again, facts.MadeAt))} UTC</small></p>");
        }
        if (facts is { Late: true, PlannedTo: { } planned }) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"lead is-attention\">{E(words.LateSince)} {Time(planned, words)}</p>"); }
        if (facts.Phase is StatusPhase.Closed or StatusPhase.Opening) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"lead\">{E(words.Kept)}</p>"); }
        if (facts.Phase == StatusPhase.Open) { html.Append(CultureInfo.InvariantCulture, $"<p class=\"lead\">{(facts is { ActualEnd: null, PlannedFrom: { } from, PlannedTo: { } to } ? $"{E(words.Next)}: {Time(from, words)} – {Time(to, words)}" : E(words.NoNext))}</p>"); }
        html.Append(CultureInfo.InvariantCulture, $"<h2>{words.Sites}</h2><dl>");
        foreach (var site in facts.Sites)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{E(site.Name)}</dt><dd class=\"{(site.Door == StatusDoor.Open ? "is-ok" : site.Door is StatusDoor.Unknown or StatusDoor.Opening ? "is-attention" : "is-frozen")}\">{E(words.Door(site.Door))}");
            if (site is { Message: { } message, Door: StatusDoor.Closed or StatusDoor.SigningInClosed }) { html.Append(CultureInfo.InvariantCulture, $"<br>{E(message)}"); }
            html.Append("</dd>");
        }
        html.Append("</dl></section><section>");
        if ((facts.Phase != StatusPhase.Open || facts.ActualEnd is not null) && facts.PlannedFrom is not null)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{(facts.ActualEnd is null ? words.When : words.Last)}</h2><dl>");
            foreach (var (label, at) in new[] { (words.PlannedFrom, facts.PlannedFrom), (words.PlannedTo, facts.PlannedTo), (words.ExpectedEnd, facts.ExpectedEnd), (words.ActualEnd, facts.ActualEnd) })
            {
                if (at is { } time) { html.Append(CultureInfo.InvariantCulture, $"<dt>{E(label)}</dt><dd>{Time(time, words)}</dd>"); }
            }
            html.Append("</dl>");
        }
        if (facts.Phase == StatusPhase.Open && facts.Updates.Count == 0) { return Foot(html, facts, words); }
        html.Append(CultureInfo.InvariantCulture, $"<h2>{words.Updates}</h2><ol class=\"updates\">");
        foreach (var update in facts.Updates.Take(20)) { html.Append(CultureInfo.InvariantCulture, $"<li>{Time(update.At, words)}<br>{E(words.News(update.What))}</li>"); }
        if (facts.Updates.Count == 0) { html.Append(CultureInfo.InvariantCulture, $"<li class=\"soft\">{words.NoUpdates}</li>"); }
        return Foot(html.Append("</ol>"), facts, words);
    }

    private static string Foot(StringBuilder html, StatusFacts facts, StatusWords words) => html.Append(CultureInfo.InvariantCulture,
        $"</section></main><footer><div><span>{words.MadeAt} {Time(facts.MadeAt, words)}</span><span>{E(words.Renews)}</span><a href=\"api/v1/status\">JSON</a></div></footer></body></html>").ToString();

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at, StatusWords words) =>
        $"<time datetime=\"{Iso(at)}\">{E(words.Time(at))}</time>";

    private static string E(string text) => HtmlEncoder.Default.Encode(text);
}
