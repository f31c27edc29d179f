using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>
/// What lay on the desk in a window: everything that was there before its end and was not decided before its beginning. What was decided after its end
/// counts as left, so that the report of a closed window stays what it was.
/// </summary>
public sealed class QueueStory(StoreFactory store) : IQueueStory
{
    private sealed record Line(string Kind, string? Currency, decimal Amount, QueuedStatus Status, string? By, DateTimeOffset? At);

    public async Task<IReadOnlyList<StoryKind>> Transactions(OpenWindow window, CancellationToken token)
    {
        var lines = await Read(window, token);
        return [.. lines.GroupBy(l => (l.Kind, l.Currency)).OrderBy(g => g.Key.Kind, StringComparer.Ordinal).ThenBy(g => g.Key.Currency, StringComparer.Ordinal).Select(g =>
        {
            (int Count, decimal Sum) Of(QueuedStatus status) => (g.Count(l => l.Status == status), g.Where(l => l.Status == status).Sum(l => l.Amount));
            var (committed, rejected) = (Of(QueuedStatus.Committed), Of(QueuedStatus.Rejected));
            var (held, doubt) = (Of(QueuedStatus.Held).Count, Of(QueuedStatus.InDoubt).Count);
            return new StoryKind(g.Key.Kind, g.Key.Currency, g.Count(), g.Sum(l => l.Amount), committed.Count, committed.Sum, rejected.Count, rejected.Sum, held, doubt,
                g.Count() - committed.Count - rejected.Count - held - doubt);
        })];
    }

    public async Task<IReadOnlyList<StoryHand>> Hands(OpenWindow window, CancellationToken token) =>
        [.. await Seconds(window, token), .. from l in await Read(window, token) where l is { By: not null, At: not null } group l by (l.By, l.Status) into g orderby g.Key.Status, g.Count() descending, g.Key.By
            select new StoryHand(g.Key.By!, QueuedTransaction.NameOf(g.Key.Status), g.Count(), g.Min(l => l.At)!.Value, g.Max(l => l.At)!.Value)];

    // Below the limit whoever commits stands as the approver too, and is told once, as that.
    private async Task<IReadOnlyList<StoryHand>> Seconds(OpenWindow window, CancellationToken token)
    {
        if (window.StartedAt is not { } from) { return []; }
        var to = window.EndedAt ?? DateTimeOffset.MaxValue;
        await using var db = store.CreateDbContext();
        var given = await db.Set<QueuedTransactionRow>().AsNoTracking().Where(t => t.AboveLimit && t.ApprovedBy != null && t.ApprovedAt >= from && t.ApprovedAt <= to)
            .Select(t => new { By = t.ApprovedBy!, At = t.ApprovedAt!.Value }).ToListAsync(token);
        return [.. from a in given group a.At by a.By into g orderby g.Count() descending, g.Key select new StoryHand(g.Key, StoryHand.SecondPerson, g.Count(), g.Min(), g.Max())];
    }

    public async Task<IReadOnlyList<StoryException>> Exceptions(OpenWindow window, CancellationToken token)
    {
        if (window.StartedAt is not { } from) { return []; }
        var to = window.EndedAt ?? DateTimeOffset.MaxValue;
        await using var db = store.CreateDbContext();
        var rows = await db.Set<QueuedTransactionRow>().AsNoTracking().Include(t => t.OrderKeys)
            .Where(t => t.ReceivedAt <= to && (t.Status == QueuedStatus.Held || (t.Status == QueuedStatus.Rejected && t.DecidedAt >= from && t.DecidedAt <= to))).OrderBy(t => t.Sequence).ToListAsync(token);
        return [.. rows.Select(t => new StoryException(t.Sequence, t.Kind, t.Amount, t.Currency, [.. t.OrderKeys.Select(k => k.Value)], t.Site, t.Key, QueuedTransaction.NameOf(t.Status), t.DecidedBy, t.DecidedAt, t.Reason))];
    }

    public Task<IReadOnlyList<StoryOccurrence>> Schedules(OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StoryOccurrence>>([]);

    // Summed here: SQLite keeps a decimal as text and would sum it as a binary fraction.
    private async Task<List<Line>> Read(OpenWindow window, CancellationToken token)
    {
        if (window.StartedAt is not { } from) { return []; }
        var to = window.EndedAt ?? DateTimeOffset.MaxValue;
        await using var db = store.CreateDbContext();
        var rows = await db.Set<QueuedTransactionRow>().AsNoTracking().Where(t => t.ReceivedAt <= to && (t.DecidedAt == null || t.DecidedAt >= from))
            .Select(t => new { t.Kind, t.Currency, t.Amount, t.Status, t.DecidedBy, t.DecidedAt }).ToListAsync(token);
        return [.. rows.Select(t => t.DecidedAt > to
            ? new Line(t.Kind, t.Currency, t.Amount ?? 0, QueuedStatus.Pending, null, null) : new Line(t.Kind, t.Currency, t.Amount ?? 0, t.Status, t.DecidedBy, t.DecidedAt))];
    }
}
