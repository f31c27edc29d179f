using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>The queue for monitoring.</summary>
public sealed class QueueFigures(StoreFactory store, TimeProvider time) : IMeasured
{
    private static readonly QueuedStatus[] Final = [QueuedStatus.Committed, QueuedStatus.Rejected];

    public void Measure(Figures figures)
    {
        figures.Gauge("queue_transactions", "Transactions by where they stand.", () =>
        {
            using var db = store.CreateDbContext();
            var counts = db.Set<QueuedTransactionRow>().GroupBy(t => t.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count);
            return Enum.GetValues<QueuedStatus>().Select(s => new Figure(counts.GetValueOrDefault(s), ("status", QueuedTransaction.NameOf(s))));
        });
        figures.Gauge("queue_oldest_age_seconds", "Since the oldest undecided transaction came in; 0: there is none.", () =>
        {
            using var db = store.CreateDbContext();
            var oldest = db.Set<QueuedTransactionRow>().Where(t => !Final.Contains(t.Status)).Min(t => (DateTimeOffset?)t.ReceivedAt);
            return oldest is { } at ? Math.Max(0, (time.GetUtcNow() - at).TotalSeconds) : 0;
        });
    }
}
