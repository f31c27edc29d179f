using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <param name="Count">events so far: whoever writes the next one must have seen them all</param>
public sealed record LoadedWindow(WindowRun Run, IReadOnlyList<WindowEvent> Events, int Count);

/// <summary>One window in the list of all.</summary>
/// <param name="EndedAt">closed, or given up</param>
public sealed record WindowLine(
    string Id, string Name, string Status, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset MadeAt, string MadeBy, string? ApprovedBy, bool WentBack);

/// <summary>The events of the windows: read as a fold, written one after the other with their audit entry.</summary>
public sealed class WindowBook(StoreFactory store, Recorder recorder) : IWindowFacts
{
    private static readonly string[] RunningStatuses = [.. new[]
    {
        WindowStatus.Running, WindowStatus.NeedsDecision, WindowStatus.RollingBack, WindowStatus.RolledBack, WindowStatus.Reviewing,
        WindowStatus.Finalized, WindowStatus.Thawing,
    }.Select(WindowRun.Name)];

    public async Task<LoadedWindow?> Load(string id, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        return await Load(db, id, token);
    }

    public static async Task<LoadedWindow?> Load(StoreContext db, string id, CancellationToken token)
    {
        var rows = await db.Set<WindowEventRow>().AsNoTracking().Where(e => e.Window == id).OrderBy(e => e.Sequence).ToListAsync(token);
        if (rows.Count == 0) { return null; }
        List<WindowEvent> events = [.. rows.Select(r => JsonSerializer.Deserialize<WindowEvent>(r.Json, JsonSerializerOptions.Web)!)];
        return new LoadedWindow(WindowRun.From(events), events, rows.Count);
    }

    public async Task<IReadOnlyList<WindowRow>> List(int limit, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        return await db.Set<WindowRow>().AsNoTracking().OrderByDescending(w => w.MadeAt).Take(limit).ToListAsync(token);
    }

    /// <summary>The newest, each told by its events; one that has not moved since is not read again.</summary>
    public async Task<IReadOnlyList<WindowLine>> Lines(int limit, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var list = new List<WindowLine>();
        foreach (var row in await db.Set<WindowRow>().AsNoTracking().OrderByDescending(w => w.MadeAt).Take(limit).ToListAsync(token))
        {
            if (!lines.TryGetValue(row.Id, out var known) || known.Events != row.Events)
            {
                if (await Load(db, row.Id, token) is not { } loaded) { continue; }
                lines[row.Id] = known = (loaded.Count, Line(loaded, row.MadeAt));
            }
            list.Add(known.Line);
        }
        return list;
    }

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (int Events, WindowLine Line)> lines = new();

    private static WindowLine Line(LoadedWindow window, DateTimeOffset madeAt) => window.Run is var run && run.Content is { } content ? new(
        run.Id, content.Name, WindowRun.Name(run.Status), content.From, content.To, content.OpensAt, run.ClosesAt, run.StartedBy?.At,
        window.Events.LastOrDefault(e => e is Closed or Abandoned)?.At, madeAt, run.Authors[0], run.Approvals.LastOrDefault(a => a.VoidBecause is null)?.By, run.RolledBackBy is not null)
        : throw new InvalidOperationException("A window without content was never drafted.");

    /// <summary>Windows in which a driver may have something to do.</summary>
    public async Task<IReadOnlyList<string>> Open(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        return await db.Set<WindowRow>().AsNoTracking().Where(w => RunningStatuses.Contains(w.Status) || w.Status == "abandoned" || w.Status == "closed")
            .OrderByDescending(w => w.MadeAt).Take(20).Select(w => w.Id).ToListAsync(token);
    }

    public async Task<OpenWindow?> Running(StoreContext db, CancellationToken token)
    {
        var id = await db.Set<WindowRow>().AsNoTracking().Where(w => RunningStatuses.Contains(w.Status)).OrderByDescending(w => w.MadeAt).Select(w => w.Id).FirstOrDefaultAsync(token);
        return id is not null && await Load(db, id, token) is { } loaded ? Outside(loaded) : null;
    }

    public async Task<OpenWindow?> LastEnded(StoreContext db, CancellationToken token)
    {
        var ids = await db.Set<WindowRow>().AsNoTracking().Where(w => w.Status == "closed" || w.Status == "abandoned").OrderByDescending(w => w.MadeAt).Select(w => w.Id).Take(5).ToListAsync(token);
        var ended = new List<OpenWindow>();
        foreach (var id in ids)
        {
            if (await Load(db, id, token) is { } loaded) { ended.Add(Outside(loaded)); }
        }
        return ended.Where(w => w.StartedAt is not null).MaxBy(w => w.EndedAt);
    }

    public static OpenWindow Outside(LoadedWindow loaded) => new(
        loaded.Run.Id, loaded.Run.Content!.Name, loaded.Run.Status, [.. loaded.Run.Content.From.Keys], loaded.Run.StartedBy?.At,
        loaded.Events.OfType<CheckpointTaken>().LastOrDefault()?.At, loaded.Run.Content.OpensAt, loaded.Run.ClosesAt,
        loaded.Events.LastOrDefault(e => e is Closed or Abandoned)?.At);

    /// <summary>
    /// Decides and writes in one store transaction. <paramref name="decide"/> sees the window as it is then and returns the events, or a refusal.
    /// <paramref name="first"/> reads what it decides on, in that transaction too; <paramref name="also"/> writes what must not be apart from the events.
    /// </summary>
    public Task<Answer<LoadedWindow>> Change(
        string id, Actor actor, Func<LoadedWindow, DateTimeOffset, Answer<IReadOnlyList<WindowEvent>>> decide, CancellationToken token,
        Func<StoreWrite, LoadedWindow, CancellationToken, Task>? also = null, Func<StoreWrite, LoadedWindow, CancellationToken, Task>? first = null) => recorder.Write<Answer<LoadedWindow>>(async (write, t) =>
    {
        if (await Load(write.Db, id, t) is not { } before)
        {
            return new Domain.Refusal(Domain.RefusalCode.NotFound, $"There is no window {id}.");
        }
        if (first is not null) { await first(write, before, t); }
        var answer = decide(before, write.Now);
        if (answer.Refusal is { } refusal) { return new Answer<LoadedWindow>(default, refusal, answer.More); }
        return await Append(write, before, actor, answer.Value!, also, t);
    }, token);

    public Task<LoadedWindow> Draft(string id, Actor actor, WindowContent content, WindowRules rules, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        write.Db.Set<WindowRow>().Add(new WindowRow { Id = id, Name = content.Name, Status = "draft", MadeAt = write.Now });
        return await Append(write, new LoadedWindow(WindowRun.Empty, [], 0), actor, [new Drafted(write.Now, actor.Name, id, content, rules)], null, t);
    }, token);

    private static async Task<LoadedWindow> Append(
        StoreWrite write, LoadedWindow before, Actor actor, IReadOnlyList<WindowEvent> events, Func<StoreWrite, LoadedWindow, CancellationToken, Task>? also, CancellationToken token)
    {
        var (run, count) = (before.Run, before.Count);
        foreach (var happened in events)
        {
            run = run.Apply(happened);
            count++;
            write.Db.Set<WindowEventRow>().Add(new WindowEventRow
            {
                Window = run.Id,
                Sequence = count,
                At = happened.At,
                By = happened.By,
                Json = JsonSerializer.Serialize(happened, JsonSerializerOptions.Web),
            });
            write.Audit(actor, "window." + JsonNamingPolicy.CamelCase.ConvertName(happened.GetType().Name), run.Content?.Name ?? run.Id, Told(happened));
        }
        var row = write.Db.Set<WindowRow>().Local.FirstOrDefault(w => w.Id == run.Id) ?? await write.Db.Set<WindowRow>().SingleAsync(w => w.Id == run.Id, token);
        (row.Name, row.Status, row.Events) = (run.Content!.Name, WindowRun.Name(run.Status), count);
        write.Moved(Topics.Windows);
        var after = new LoadedWindow(run, [.. before.Events, .. events], count);
        if (also is not null) { await also(write, after, token); }
        return after;
    }

    // The log says what was decided; plans, shells and fingerprints are in the window itself.
    private static object Told(WindowEvent happened) => happened switch
    {
        StepStarted e => new { e.Step },
        StepDone e => new { e.Step, e.Detail },
        StepFailed e => new { e.Step, e.Because },
        StepTorn e => new { e.Step, e.Because },
        DecisionNeeded e => new { e.Step, e.Observed, e.Because },
        TaskDone e => new { e.Step, e.Note },
        RollbackChosen e => new { e.Reason },
        Returned e => new { e.Reason },
        Finalized e => new { e.Leave },
        ThawSet e => new { e.Share },
        Extended e => new { e.ClosesAt, e.Reason },
        Noted e => new { e.Text },
        Approved e => new { e.Digest, e.Note },
        Drafted e => new { e.Content.To, e.Content.Digest },
        Changed e => new { e.Content.To, e.Content.Digest },
        TakenOver e => new { e.Node, e.Epoch },
        CheckpointTaken e => new { databases = e.Databases.Select(d => new { d.Database, d.Id }) },
        _ => new { },
    };
}
