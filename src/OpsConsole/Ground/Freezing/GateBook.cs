using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Freezing;

/// <summary>
/// The gates of all sites. Every change is on disk first and told afterwards; sites are answered from memory, so the disk slows no login.
/// </summary>
public sealed class GateBook(Recorder recorder, StoreFactory store, ConsoleSettings settings, ChangeFeed feed, TimeProvider time)
{
    private const int InstancesAtMost = 500;
    private static readonly TimeSpan KeepSilent = TimeSpan.FromHours(1);
    private readonly Dictionary<string, GateSlot> slots = settings.Estate.Sites.ToDictionary(
        s => s.Name, s => new GateSlot(GateState.New(s.Name, s.LeaseSeconds)), StringComparer.OrdinalIgnoreCase);
    private volatile bool loaded;

    /// <summary>False: what is on disk was not read yet, so no site may be told that it is open.</summary>
    public bool Loaded => loaded;
    public IReadOnlyList<GateState> All => [.. slots.Values.Select(s => s.State)];
    /// <summary>Null: there is no such site.</summary>
    public GateState? Find(string site) => slots.GetValueOrDefault(site)?.State;
    /// <summary>The window that holds the gate; null: none.</summary>
    public string? HeldBy(string site) => slots.GetValueOrDefault(site)?.Window;
    public Staff StaffOf(string site) => settings.Estate.Sites.First(s => Same(s.Name, site)).Staff is var staff ? new Staff(staff.Users, staff.Addresses) : Staff.Nobody;

    /// <summary>Reads the gates from disk. Instances of before are taken to hold a full lease from now on: theirs cannot be known.</summary>
    public async Task Load(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var rows = await db.Set<GateRow>().AsNoTracking().ToListAsync(token);
        var instances = await db.Set<InstanceRow>().AsNoTracking().ToListAsync(token);
        foreach (var (site, slot) in slots)
        {
            var state = slot.State;
            var mine = instances.Where(i => Same(i.Site, site)).ToList();
            var now = Milliseconds;
            var row = rows.FirstOrDefault(r => Same(r.Site, site));
            if (row is not null)
            {
                state = state with
                {
                    Door = row.Door,
                    Version = row.Version,
                    Depth = row.Depth,
                    Share = row.Share,
                    Message = row.Message,
                    OrderedAt = row.OrderedAt,
                    OrderedMilliseconds = now,
                    Announced = row is { AnnouncedFrom: { } from, AnnouncedTo: { } to } ? new AnnouncedWindow(from, to) : null,
                    DatabasesClosed = row.DatabasesClosed,
                    Trial = row.Trial,
                };
            }
            state = state with { Heard = [.. mine.Select(i => new SiteInstance(i.Name, i.AckedVersion, i.HeardAt, now + (state.LeaseSeconds * 1000L)))] };
            slot.Fill(state, mine.ToDictionary(i => i.Name, i => i.AnsweredVersion), row?.AnnouncedVersion ?? 0, row?.Window, state.Depth is null ? null : await CertainBefore(db, state, token));
        }
        loaded = true;
        feed.Moved([Topics.Gates]);
    }

    /// <summary>Since when the freeze that is on disk was certain, by the log; null: it was not, when the console stopped.</summary>
    private static async Task<DateTimeOffset?> CertainBefore(StoreContext db, GateState state, CancellationToken token)
    {
        var last = await db.Audit.AsNoTracking().Where(a => a.Subject == state.Site && (a.Action == "gate.certain" || a.Action == "gate.notCertain")).OrderByDescending(a => a.Sequence)
            .Select(a => new { a.Action, a.At }).FirstOrDefaultAsync(token);
        return last is { Action: "gate.certain" } && last.At >= state.OrderedAt ? last.At : null;
    }

    /// <summary>An instance is answered now, which gives it a lease.</summary>
    /// <returns>null: there is no such site, or it has more instances than anybody runs</returns>
    public async ValueTask<GateState?> Ask(string site, string instance, CancellationToken token)
    {
        if (!slots.TryGetValue(site, out var slot)) { return null; }
        if (slot.Knows(instance)) { return slot.Ask(instance, time.GetUtcNow(), Milliseconds); }
        if (slot.State.Instances.Count >= InstancesAtMost) { return null; }
        await recorder.Write(async (write, t) =>
        {
            if (await write.Db.Set<InstanceRow>().FindAsync([slot.State.Site, instance], t) is null)
            {
                write.Db.Add(new InstanceRow { Site = slot.State.Site, Name = instance, HeardAt = write.Now });
            }
            write.Moved(Topics.Gates);
        }, token);
        return slot.Ask(instance, time.GetUtcNow(), Milliseconds);
    }

    /// <summary>Waits until the version is beyond <paramref name="after"/> or the time is over; the state may be the old one.</summary>
    public async Task<GateState?> WaitBeyond(string site, long after, TimeSpan atMost, CancellationToken token)
    {
        if (!slots.TryGetValue(site, out var slot)) { return null; }
        var news = slot.News;
        if (slot.State.Version > after) { return slot.State; }
        try { await news.WaitAsync(atMost, time, token); }
        catch (TimeoutException) { /* Nothing moved: the old state is the answer. */ }
        return slot.State;
    }

    /// <summary>On disk before it counts, so that a restart need not wait for what was said before.</summary>
    /// <returns>false: there is no such site, or this instance never asked</returns>
    public async Task<bool> Acknowledge(string site, string instance, long version, int? sessionsLeft, string? appVersion, CancellationToken token)
    {
        if (!slots.TryGetValue(site, out var slot) || !slot.Knows(instance)) { return false; }
        if (slot.State.Instances.FirstOrDefault(i => i.Name == instance) is { } known && known.AckedVersion < Math.Min(version, slot.State.Version))
        {
            var (name, acked) = (slot.State.Site, Math.Min(version, slot.State.Version));
            await recorder.Write(async (write, t) =>
            {
                if (await write.Db.Set<InstanceRow>().FindAsync([name, instance], t) is { } row) { (row.AckedVersion, row.HeardAt) = (Math.Max(row.AckedVersion, acked), write.Now); }
            }, token);
        }
        if (slot.Acknowledge(instance, version, time.GetUtcNow(), sessionsLeft, appVersion)) { feed.Moved([Topics.Gates]); }
        return true;
    }

    /// <summary>Whether nobody can be let in any more; the one place that says so.</summary>
    public Certainty CertainNow(string site)
    {
        if (!slots.TryGetValue(site, out var slot) || !loaded) { return new(false, null, []); }
        var state = slot.State;
        var certainty = state.Certain(time.GetUtcNow(), Milliseconds);
        if (certainty.Because != "leasesRanOut") { return certainty; }
        // A silent instance stops by itself only if it knows of the window: who was never told of it goes on.
        string[] untold = [.. state.Instances.Where(i => i.AckedVersion < state.Version && slot.AnsweredWith(i.Name) < slot.AnnouncedVersion).Select(i => i.Name)];
        return untold.Length == 0 ? certainty : new(false, null, untold);
    }

    /// <summary>Every lease is over, and what is waited for are instances of which nothing is heard any more and which were never told of the window: only closed databases make that certain.</summary>
    public bool WaitsOnlyForSilence(string site)
    {
        var waiting = CertainNow(site).WaitingFor;
        return waiting.Count > 0 && slots[site].State.Instances.All(i => !waiting.Contains(i.Name) || !i.IsLive(Milliseconds));
    }

    public DateTimeOffset? CertainSince(string site) => slots.GetValueOrDefault(site)?.CertainSince;
    public DateTimeOffset? AckedAt(string site, string instance) => slots.GetValueOrDefault(site)?.AckedAt(instance);

    /// <summary>Looks at each gate's certainty and says which one changed; certainty comes by the clock too, when nothing else moves.</summary>
    public IReadOnlyList<(GateState Gate, Certainty Certainty)> NoteCertainties()
    {
        List<(GateState, Certainty)> changed = [];
        foreach (var slot in slots.Values)
        {
            var certainty = CertainNow(slot.State.Site);
            if (slot.Note(certainty.Is, time.GetUtcNow())) { changed.Add((slot.State, certainty)); }
        }
        if (changed.Count > 0) { feed.Moved([Topics.Gates]); }
        return changed;
    }

    /// <summary>On disk, then told. The change sees the newest state; what it refuses leaves everything as it was.</summary>
    public async Task<Answer<GateState>> Change(
        Actor actor, string site, string action, Func<GateState, (GateState State, Refusal? Refusal)> change, object? details, string? heldBy, CancellationToken token)
    {
        if (!slots.TryGetValue(site, out var slot)) { return NoSite(site); }
        await slot.Turn.WaitAsync(token);
        try
        {
            var before = slot.State;
            var (after, refusal) = change(before);
            if (refusal is not null) { return refusal; }
            if (after == before) { return before; }
            var announcedVersion = after.Announced == before.Announced ? slot.AnnouncedVersion : after.Announced is null ? 0 : after.Version;
            var gone = slot.Forget(Milliseconds, (long)KeepSilent.TotalMilliseconds);
            // Not cancelled from here on: what is on disk must also be told.
            await recorder.Write(async (write, t) =>
            {
                await Put(write, after, announcedVersion, heldBy, slot, gone, t);
                write.Audit(actor, action, after.Site, new { version = after.Version, state = after.State, depth = after.Depth?.ToString(), share = after.Share, window = heldBy, more = details });
                write.Moved(Topics.Gates);
            }, CancellationToken.None);
            slot.Publish(after, heldBy, Milliseconds);
            feed.Moved([Topics.Gates]);
            return slot.State;
        }
        finally { slot.Turn.Release(); }
    }

    public static Refusal NoSite(string site) => new(RefusalCode.NotFound, $"There is no site {site} in the estate.");

    private static async Task Put(StoreWrite write, GateState after, long announcedVersion, string? heldBy, GateSlot slot, IReadOnlyList<string> gone, CancellationToken token)
    {
        var row = await write.Db.Set<GateRow>().FindAsync([after.Site], token);
        if (row is null)
        {
            row = new GateRow { Site = after.Site };
            write.Db.Add(row);
        }
        (row.Door, row.Version, row.Depth, row.Share, row.Message) = (after.Door, after.Version, after.Depth, after.Share, after.Message);
        (row.AnnouncedFrom, row.AnnouncedTo, row.AnnouncedVersion) = (after.Announced?.From, after.Announced?.To, announcedVersion);
        (row.OrderedAt, row.DatabasesClosed, row.Trial, row.Window) = (after.OrderedAt, after.DatabasesClosed, after.Trial, heldBy);
        var known = await write.Db.Set<InstanceRow>().Where(i => i.Site == after.Site).ToListAsync(token);
        write.Db.RemoveRange(known.Where(i => gone.Contains(i.Name)));
        foreach (var instance in slot.State.Instances)
        {
            if (known.FirstOrDefault(i => i.Name == instance.Name) is { } kept)
            {
                (kept.HeardAt, kept.AckedVersion, kept.AnsweredVersion) = (instance.HeardAt, Math.Max(kept.AckedVersion, instance.AckedVersion), slot.AnsweredWith(instance.Name));
            }
        }
    }

    /// <summary>The node's monotonic clock.</summary>
    public long Milliseconds => (long)time.GetElapsedTime(0).TotalMilliseconds;
    /// <summary>A moment of the monotonic clock as a time for people.</summary>
    public DateTimeOffset ToTime(long milliseconds) => time.GetUtcNow().AddMilliseconds(milliseconds - Milliseconds);
    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
