using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Schedules;

/// <summary>What fell due in a window, and what became of it.</summary>
public sealed class ScheduleStory(StoreFactory store) : IQueueStory
{
    public Task<IReadOnlyList<StoryKind>> Transactions(OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StoryKind>>([]);
    public Task<IReadOnlyList<StoryHand>> Hands(OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StoryHand>>([]);

    public async Task<IReadOnlyList<StoryOccurrence>> Schedules(OpenWindow window, CancellationToken token)
    {
        if (window.StartedAt is not { } from) { return []; }
        var to = window.EndedAt ?? DateTimeOffset.MaxValue;
        await using var db = store.CreateDbContext();
        var rows = await db.Set<OccurrenceRow>().AsNoTracking().Where(o => o.Due > from && o.Due <= to).OrderBy(o => o.Due).ThenBy(o => o.Schedule).ToListAsync(token);
        return [.. rows.Select(o => new StoryOccurrence(o.Schedule, o.Due, o.Status switch
        {
            OccurrenceStatus.Done => "caughtUp", OccurrenceStatus.Failed => "failed", OccurrenceStatus.Missed => "missed", _ => "unknown",
        }, o.By, o.At))];
    }
}
