using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What a window has to know of the queue, and what the queue does when the window turns.</summary>
public sealed class QueueWitness(QueueFactsReader facts) : IWindowWitness
{
    /// <summary>What changes a database outside the group waits for finalize, and so does not stand in its way. Of a window that has ended, what came after it is not its.</summary>
    public async Task<FinalizeFacts> Undecided(StoreContext db, OpenWindow window, CancellationToken token)
    {
        var counts = await db.Set<QueuedTransactionRow>().Where(t => t.Status != QueuedStatus.Committed && t.Status != QueuedStatus.Rejected && (window.EndedAt == null || t.ReceivedAt <= window.EndedAt))
            .GroupBy(t => new { t.Status, t.Kind }).Select(g => new { g.Key.Status, g.Key.Kind, Count = g.Count() }).ToListAsync(token);
        int Of(QueuedStatus status) => counts.Where(c => c.Status == status && !facts.IsOutside(c.Kind, window)).Sum(c => c.Count);
        return new FinalizeFacts(Of(QueuedStatus.Pending), Of(QueuedStatus.Approved), Of(QueuedStatus.Committing), Of(QueuedStatus.InDoubt), 0) { Held = Of(QueuedStatus.Held) };
    }

    public async Task<DateTimeOffset?> DoneAbout(StoreContext db, OpenWindow window, DateTimeOffset now, CancellationToken token)
    {
        var left = await Undecided(db, window, token);
        var since = now - QueuePace.Over;
        List<DateTimeOffset> lately = left.Pending + left.Approved == 0 ? []
            : await db.Set<QueuedTransactionRow>().Where(t => t.DecidedBy != null && t.DecidedAt > since).Select(t => t.DecidedAt!.Value).ToListAsync(token);
        return QueuePace.SecondsEach(lately) is { } each ? now.AddSeconds(each * (left.Pending + left.Approved)) : null;
    }

    public Task<int> CommittedIn(StoreContext db, OpenWindow window, CancellationToken token) =>
        db.Set<QueuedTransactionRow>().CountAsync(t => t.Window == window.Id && t.Status == QueuedStatus.Committed, token);

    public async Task RolledBack(StoreWrite write, OpenWindow window, CancellationToken token)
    {
        var rows = await Of(write, window, token);
        foreach (var row in rows.Where(r => r.Status == QueuedStatus.Committed))
        {
            row.Take(row.ToDomain().RollBackWithGroup());
            (row.Window, row.DecidedBy, row.ResultJson) = (null, null, null);
            write.Audit(Actor.Console, "transaction.returned", row.Id, new { what = row.Said, window = window.Id });
        }
        foreach (var row in rows.Where(r => r.Status == QueuedStatus.Committing))
        {
            // It was under way while the group went back: whether its marker came before or after is for the database to say.
            row.Take(row.ToDomain().MarkInDoubt("The group was taken back while it was being committed."));
            row.Window = null;
        }
        foreach (var row in rows.Where(r => r.Status == QueuedStatus.InDoubt)) { row.Version++; }
        // A rejection stands, whichever version the group is on.
        await QueueOutcomes.Tell(write, [.. rows.Where(r => r.Status == QueuedStatus.Rejected)], token);
        write.Moved(Topics.Queue);
    }

    public async Task Finalized(StoreWrite write, OpenWindow window, CancellationToken token)
    {
        var rows = await Of(write, window, token);
        await QueueOutcomes.Tell(write, rows, token);
        if (rows.Count > 0) { write.Audit(Actor.Console, "transaction.told", window.Id, new { count = rows.Count }); }
    }

    private static Task<List<QueuedTransactionRow>> Of(StoreWrite write, OpenWindow window, CancellationToken token) =>
        write.Db.Set<QueuedTransactionRow>().Include(t => t.OrderKeys).Where(t => t.Window == window.Id).OrderBy(t => t.Sequence).ToListAsync(token);
}
