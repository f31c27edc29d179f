using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What the queue needs a person for: only of whom may decide, and only what can be decided now.</summary>
public sealed class QueueNeeds(StoreFactory store, QueueFactsReader facts, TimeProvider time) : INeeds
{
    public async Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token)
    {
        if (Permissions.QueueReview.Refuse(actor, time.GetUtcNow()) is not null) { return await ForApproval(actor, token); }
        await using var db = store.CreateDbContext();
        var open = await db.Set<QueuedTransactionRow>().Where(t => t.Status != QueuedStatus.Committed && t.Status != QueuedStatus.Rejected)
            .GroupBy(t => t.Status).Select(g => new { Status = g.Key, Count = g.Count(), Oldest = g.Min(t => t.StartedAt) }).ToListAsync(token);
        List<Need> needs = [];
        var doubt = open.Where(o => o.Status == QueuedStatus.InDoubt).ToList();
        if (doubt.Count > 0) { needs.Add(new(Mark.Unknown, Said(doubt.Sum(o => o.Count), "in doubt"), doubt.Min(o => o.Oldest), "See it", "queue")); }
        var waiting = open.Where(o => o.Status is QueuedStatus.Pending or QueuedStatus.Approved).ToList();
        if (waiting.Count > 0 && (await facts.Window(db, token) is not { } window || window.IsDeskOpen))
        {
            needs.Add(new(Mark.YouPress, Said(waiting.Sum(o => o.Count), "to decide"), waiting.Min(o => o.Oldest), "Open the queue", "queue"));
        }
        var held = open.Where(o => o.Status == QueuedStatus.Held).ToList();
        if (held.Count > 0) { needs.Add(new(Mark.Attention, Said(held.Sum(o => o.Count), "held"), held.Min(o => o.Oldest), "See the queue", "queue?show=held")); }
        return needs;
    }

    private async Task<IReadOnlyList<Need>> ForApproval(Actor actor, CancellationToken token)
    {
        if (Permissions.QueueApprove.Refuse(actor, time.GetUtcNow()) is not null) { return []; }
        await using var db = store.CreateDbContext();
        if (await facts.Window(db, token) is { IsDeskOpen: false }) { return []; }
        var above = db.Set<QueuedTransactionRow>().Where(t => t.Status == QueuedStatus.Pending && t.AboveLimit && t.PostedBy != actor.Name);
        return await above.CountAsync(token) is > 0 and var count
            ? [new(Mark.YouPress, Said(count, "above the limit to approve"), await above.MinAsync(t => (DateTimeOffset?)t.StartedAt, token), "Open the queue", "queue?show=two")] : [];
    }

    private static string Said(int count, string state) => count == 1 ? $"1 transaction {state}" : $"{count} transactions {state}";
}
