using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Estate;

/// <summary>The databases for monitoring. What an engine cannot tell has no figure, never 0 in its stead.</summary>
public sealed class EstateFigures(DatabaseWatch watch, TimeProvider time) : IMeasured
{
    public void Measure(Figures figures)
    {
        figures.Gauge("database_up", "1: the database answers.", () => watch.All.Select(s => new Figure(s.Reachable ? 1 : 0, Of(s))));
        figures.Gauge("database_seen_age_seconds", "Since the database answered last.", () => Each(s => s.SeenAt is { } at ? (time.GetUtcNow() - at).TotalSeconds : null));
        figures.Gauge("database_sessions", "Sessions of sites.", () => Each(s => s.Reachable ? s.Facts?.SiteSessions : null));
        figures.Gauge("database_oldest_transaction_seconds", "Age of the oldest open transaction of a site.", () => Each(s => s is { Reachable: true, Facts.SessionsKnown: true } ? s.Facts.OldestTransactionSeconds ?? 0 : null));
        figures.Gauge("database_in_doubt", "Prepared transactions that nobody has ended.", () => Each(s => s.Reachable ? s.Facts?.InDoubt : null));
        figures.Gauge("database_size_bytes", "Size of the database.", () => Each(s => s.Reachable ? s.Facts?.SizeBytes : null));
        figures.Gauge("database_releases_waiting", "Releases in the folder after the current version.", () => Each(s => s.Reachable ? s.Pending?.Count : null));
    }

    private IEnumerable<Figure> Each(Func<Seen, double?> read) => from seen in watch.All let value = read(seen) where value is not null select new Figure(value.Value, Of(seen));

    private static (string, string) Of(Seen seen) => ("database", seen.Name);
}
