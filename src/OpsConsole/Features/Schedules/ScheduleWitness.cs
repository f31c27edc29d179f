using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Schedules;

/// <summary>What a window has to know of the schedules, and what they do when the window turns.</summary>
public sealed class ScheduleWitness : IWindowWitness
{
    public async Task<FinalizeFacts> Undecided(StoreContext db, OpenWindow window, CancellationToken token) =>
        new(0, 0, 0, 0, await db.Set<OccurrenceRow>().CountAsync(o => o.Status != OccurrenceStatus.Done, token));

    public async Task<IReadOnlyList<StillOpen>> Open(StoreContext db, OpenWindow window, CancellationToken token) =>
        [.. (await db.Set<OccurrenceRow>().AsNoTracking().Where(o => o.Status != OccurrenceStatus.Done).OrderBy(o => o.Due).Take(50).ToListAsync(token))
            .Select(o => new StillOpen(o.Schedule, o.Due, o.Status switch
            {
                OccurrenceStatus.Failed => $"failed: {o.Because}", OccurrenceStatus.InDoubt => "in doubt", OccurrenceStatus.Committing => "under way", _ => "missed",
            }, "schedules"))];

    public Task<int> CommittedIn(StoreContext db, OpenWindow window, CancellationToken token) =>
        db.Set<OccurrenceRow>().CountAsync(o => o.Window == window.Id && o.Status == OccurrenceStatus.Done, token);

    public async Task RolledBack(StoreWrite write, OpenWindow window, CancellationToken token)
    {
        foreach (var row in await write.Db.Set<OccurrenceRow>().Where(o => o.Window == window.Id).ToListAsync(token))
        {
            // One that was under way while the group went back: its marker says on which side it was.
            row.Status = row.Status == OccurrenceStatus.Done ? OccurrenceStatus.Missed : OccurrenceStatus.InDoubt;
            (row.Window, row.At, row.Version) = (null, null, row.Version + 1);
            write.Audit(Actor.Console, "schedule.returned", row.Schedule, new { name = row.Name, window = window.Id });
        }
        write.Moved(Topics.Schedules);
    }

    public Task Finalized(StoreWrite write, OpenWindow window, CancellationToken token) =>
        write.Db.Set<OccurrenceRow>().Where(o => o.Window == window.Id).ExecuteUpdateAsync(set => set.SetProperty(o => o.Window, (string?)null), token);
}
