using System.Globalization;
using OpsConsole.Ground.Freezing;

namespace OpsConsole.Features.Status;

/// <summary>The status page's sentences in one language.</summary>
/// <param name="Phase">true: no site lets anybody sign in</param>
public sealed record StatusWords(
    string Language, string Title, Func<StatusPhase, bool, string> Phase, Func<StatusDoor, string> Door, string Sites, string When, string PlannedFrom, string PlannedTo, string ExpectedEnd, string ActualEnd,
    string LateSince, string Kept, string Updates, string NoUpdates, string Next, string Last, string NoNext, string MadeAt, string Again, string Renews, Func<PublicNews, string> News)
{
    public static readonly StatusWords English = new(
        "en", "Status",
        (phase, everywhere) => phase switch
        {
            StatusPhase.Open => "Everything is open.",
            StatusPhase.Opening => "Maintenance is over. Members are let in step by step.",
            StatusPhase.Closed when everywhere => "Maintenance is in progress. Signing in is not possible.",
            StatusPhase.Closed => "Maintenance is in progress. Where you can sign in stands below.",
            _ => "What is open is not known at this moment.",
        },
        door => door switch
        {
            StatusDoor.Open => "Open.",
            StatusDoor.SigningInClosed => "Signing in is closed. Who is signed in can go on.",
            StatusDoor.Opening => "Opening: members are let in step by step.",
            StatusDoor.Closed => "Closed for maintenance.",
            _ => "Not known at this moment.",
        },
        "Sites", "Times", "Planned from", "Planned to", "Expected end", "Ended", "Longer than planned since", "What you started is kept: it will be checked and booked. Nothing needs to be repeated.",
        "News", "There is no news yet.", "Next maintenance", "Last maintenance", "No maintenance is planned.", "Made at", "Open again at about", "This page renews itself every 30 seconds.",
        news => news switch
        {
            PublicNews.Started => "Maintenance has begun.",
            PublicNews.TakesLonger => "It takes longer than planned. The expected end was moved.",
            PublicNews.LettingIn => "Members are let in step by step.",
            _ => "Maintenance has ended.",
        });

    public static readonly StatusWords German = new(
        "de", "Status",
        (phase, everywhere) => phase switch
        {
            StatusPhase.Open => "Alles ist geöffnet.",
            StatusPhase.Opening => "Die Wartung ist beendet. Mitglieder werden schrittweise eingelassen.",
            StatusPhase.Closed when everywhere => "Wartungsarbeiten laufen. Die Anmeldung ist nicht möglich.",
            StatusPhase.Closed => "Wartungsarbeiten laufen. Wo Sie sich anmelden können, steht unten.",
            _ => "Was geöffnet ist, ist im Augenblick nicht bekannt.",
        },
        door => door switch
        {
            StatusDoor.Open => "Geöffnet.",
            StatusDoor.SigningInClosed => "Die Anmeldung ist geschlossen. Wer angemeldet ist, kann weiterarbeiten.",
            StatusDoor.Opening => "Wird geöffnet: Mitglieder werden schrittweise eingelassen.",
            StatusDoor.Closed => "Wegen Wartung geschlossen.",
            _ => "Im Augenblick nicht bekannt.",
        },
        "Seiten", "Zeiten", "Geplant ab", "Geplant bis", "Erwartetes Ende", "Beendet", "Länger als geplant seit", "Was Sie begonnen haben, bleibt erhalten: Es wird geprüft und gebucht. Nichts muss wiederholt werden.",
        "Neues", "Es gibt noch nichts Neues.", "Nächste Wartung", "Letzte Wartung", "Es ist keine Wartung geplant.", "Stand", "Wieder geöffnet gegen", "Diese Seite erneuert sich alle 30 Sekunden.",
        news => news switch
        {
            PublicNews.Started => "Die Wartung hat begonnen.",
            PublicNews.TakesLonger => "Es dauert länger als geplant. Das erwartete Ende wurde verschoben.",
            PublicNews.LettingIn => "Mitglieder werden schrittweise eingelassen.",
            _ => "Die Wartung ist beendet.",
        });

    /// <summary>The first of the reader's languages that is spoken here; English otherwise.</summary>
    public static StatusWords For(HttpRequest request)
    {
        foreach (var language in request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1))
        {
            if (language.Value.StartsWith("de", StringComparison.OrdinalIgnoreCase)) { return German; }
            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) { return English; }
        }
        return English;
    }

    /// <summary>The day, where it is not the reader's today.</summary>
    public string Day(DateTimeOffset at, DateTimeOffset now) => at.UtcDateTime.Date == now.UtcDateTime.Date ? "" : at.UtcDateTime.ToString(Language == "de" ? "ddd d. MMM" : "ddd d MMM", CultureInfo.GetCultureInfo(Language));

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(Language == "de" ? "ddd d. MMM HH:mm" : "ddd d MMM HH:mm", CultureInfo.GetCultureInfo(Language)) + " UTC";
}
