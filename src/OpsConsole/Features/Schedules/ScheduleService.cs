using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Schedules;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Schedules;

public sealed record OccurrenceView(string Name, DateTimeOffset Due, OccurrenceStatus State, string? Because, string? By, DateTimeOffset? At);

/// <param name="CatchUpClosed">why catch-up is not open now; null: it is</param>
public sealed record ScheduleView(
    string Name, string Database, string Cron, string TimeZone, DateTimeOffset? NextDue, int Missed, IReadOnlyList<OccurrenceView> Occurrences, string? CatchUpClosed);

/// <summary>
/// What came due while the sites' own work was stopped. Outside a window the sites do their work themselves, so only a window's time is listed.
/// </summary>
public sealed class ScheduleService(
    ConsoleSettings settings, StoreFactory store, Recorder recorder, ScheduleCommits commits, IEnumerable<IWindowFacts> windows, TimeProvider time)
{
    private static readonly WindowStatus[] Stopped =
        [WindowStatus.Running, WindowStatus.NeedsDecision, WindowStatus.RollingBack, WindowStatus.RolledBack, WindowStatus.Reviewing, WindowStatus.Finalized,
         WindowStatus.Thawing];

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    public async Task<Answer<IReadOnlyList<ScheduleView>>> List(Actor actor, CancellationToken token)
    {
        var now = time.GetUtcNow();
        if (Permissions.ScheduleRead.Refuse(actor, now) is { } no) { return no; }
        await Collect(token);
        await using var db = store.CreateDbContext();
        var rows = await db.Set<OccurrenceRow>().AsNoTracking().OrderBy(o => o.Due).ToListAsync(token);
        var closed = Closed(await Window(db, token))?.Text ?? Permissions.ScheduleCatchUp.Refuse(actor, now)?.Text;
        return new Answer<IReadOnlyList<ScheduleView>>([.. settings.Estate.Schedules.Select(s => View(s, rows, now, closed))], null);
    }

    /// <summary>Every missed one, oldest first, each once. Ends at the first that the database refuses: later ones wait for it.</summary>
    public async Task<Answer<ScheduleView>> CatchUp(Actor actor, string name, CancellationToken token)
    {
        var now = time.GetUtcNow();
        if (Permissions.ScheduleCatchUp.Refuse(actor, now) is { } no) { return no; }
        if (settings.Estate.Schedule(name) is not { } schedule) { return new Refusal(RefusalCode.NotFound, $"There is no schedule {name}."); }
        await Collect(token);
        Refusal? refusal = null;
        while (refusal is null)
        {
            await using var db = store.CreateDbContext();
            if (Closed(await Window(db, token)) is { } closed) { return closed; }
            var next = await db.Set<OccurrenceRow>().AsNoTracking().Where(o => o.Schedule == name && o.Status != OccurrenceStatus.Done).OrderBy(o => o.Due).FirstOrDefaultAsync(token);
            if (next is null) { break; }
            refusal = await commits.Commit(actor, schedule, next.Name, token);
        }
        await using var after = store.CreateDbContext();
        var rows = await after.Set<OccurrenceRow>().AsNoTracking().Where(o => o.Schedule == name).OrderBy(o => o.Due).ToListAsync(token);
        var view = View(schedule, rows, now, null);
        return refusal is null ? view : new Answer<ScheduleView>(null, refusal, new { Schedule = view });
    }

    /// <summary>Writes down what has come due in the open window and is not written down yet.</summary>
    public async Task Collect(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var now = time.GetUtcNow();
        // Work stands still until the gates are open again, so the last moments before a window's end belong to it too.
        var window = await Window(db, token) ?? (windows.FirstOrDefault() is { } told && await told.LastEnded(db, token) is { EndedAt: { } at } last && now - at < Remembered ? last : null);
        if (window is not { StartedAt: { } started } || (window.EndedAt is null && !Stopped.Contains(window.Status))) { return; }
        var due = settings.Estate.Schedules.SelectMany(s => s.DueBetween(started, window.EndedAt ?? now).Select(d => (Schedule: s.Name, Due: d, Name: Occurrences.NameOf(s.Name, d)))).ToList();
        var names = due.Select(d => d.Name).ToList();
        var known = await db.Set<OccurrenceRow>().Where(o => names.Contains(o.Name)).Select(o => o.Name).ToListAsync(token);
        if (due.Count == known.Count) { return; }
        await recorder.Write(async (write, t) =>
        {
            var there = await write.Db.Set<OccurrenceRow>().Where(o => names.Contains(o.Name)).Select(o => o.Name).ToListAsync(t);
            foreach (var one in due.Where(d => !there.Contains(d.Name)).OrderBy(d => d.Due))
            {
                write.Db.Add(new OccurrenceRow { Name = one.Name, Schedule = one.Schedule, Due = one.Due });
                write.Audit(Actor.Console, "schedule.missed", one.Schedule, new { due = one.Due, window = window.Id });
            }
            write.Moved(Topics.Schedules);
        }, token);
    }

    private async Task<OpenWindow?> Window(StoreContext db, CancellationToken token) => windows.FirstOrDefault() is { } facts ? await facts.Running(db, token) : null;

    private static Refusal? Closed(OpenWindow? window) => window is null or { IsDeskOpen: true } ? null
        : new Refusal(RefusalCode.NotNow, "Catching up is closed: the window is neither in review nor rolled back.");

    private static ScheduleView View(ScheduleSettings s, List<OccurrenceRow> rows, DateTimeOffset now, string? closed)
    {
        var mine = rows.Where(r => r.Schedule == s.Name).ToList();
        var next = s.DueBetween(now, now.AddDays(370)).Cast<DateTimeOffset?>().FirstOrDefault();
        return new ScheduleView(s.Name, s.Database, s.Cron, s.TimeZone.Id, next, mine.Count(m => m.Status != OccurrenceStatus.Done),
            [.. mine.Select(m => new OccurrenceView(m.Name, m.Due, m.Status, m.Because, m.By, m.At))], closed);
    }
}
