using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>Tells sites what became final. Goods are not shipped for a deposit that a rollback could still take back.</summary>
internal static class QueueOutcomes
{
    /// <param name="window">the window that could take it back; null: none, so the site is told now</param>
    public static Task Decided(StoreWrite write, QueuedTransactionRow row, string? window, CancellationToken token)
    {
        row.Window = window;
        return window is null ? Tell(write, [row], token) : Task.CompletedTask;
    }

    public static async Task Tell(StoreWrite write, IReadOnlyList<QueuedTransactionRow> rows, CancellationToken token)
    {
        var outcomes = write.Db.Set<OutcomeRow>();
        var last = await outcomes.MaxAsync(o => (long?)o.Sequence, token) ?? 0;
        foreach (var row in rows.Where(r => !r.Told && r.Status is QueuedStatus.Committed or QueuedStatus.Rejected).OrderBy(r => r.DecidedAt).ThenBy(r => r.Sequence))
        {
            (row.Told, row.Window) = (true, null);
            outcomes.Add(new OutcomeRow { Sequence = ++last, Site = row.Site, TransactionId = row.Id, Status = row.Status, At = write.Now });
        }
        write.Moved(Topics.Queue);
    }
}
