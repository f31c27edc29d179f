using OpsConsole.Domain.Gates;

namespace OpsConsole.Ground.Freezing;

/// <summary>One gate in memory: its state, who waits for news of it, and with which version each instance was last answered.</summary>
internal sealed class GateSlot(GateState state)
{
    private readonly Lock door = new();
    private readonly Dictionary<string, long> answered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> ackedAt = new(StringComparer.Ordinal);
    private GateState state = state;
    private (long Version, DateTimeOffset At)? certainSince;
    private long announcedVersion;
    private string? window;
    private TaskCompletionSource news = New();

    /// <summary>One change after the other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);
    public GateState State { get { lock (door) { return state; } } }
    public long AnnouncedVersion { get { lock (door) { return announcedVersion; } } }
    public string? Window { get { lock (door) { return window; } } }
    public Task News { get { lock (door) { return news.Task; } } }

    public bool Knows(string instance) { lock (door) { return answered.ContainsKey(instance); } }
    public long AnsweredWith(string instance) { lock (door) { return answered.GetValueOrDefault(instance); } }

    /// <summary>Null: not yet, or before this console started.</summary>
    public DateTimeOffset? AckedAt(string instance) { lock (door) { return ackedAt.TryGetValue(instance, out var at) ? at : null; } }
    /// <summary>Since when the freeze of this version has been certain.</summary>
    public DateTimeOffset? CertainSince { get { lock (door) { return certainSince is { } c && c.Version == state.Version ? c.At : null; } } }

    /// <summary>True: it became certain, or stopped being so, since the last look.</summary>
    public bool Note(bool certain, DateTimeOffset now)
    {
        lock (door)
        {
            var was = certainSince is { } c && c.Version == state.Version;
            certainSince = !certain ? null : was ? certainSince : (state.Version, now);
            return was != certain;
        }
    }

    public void Fill(GateState loaded, IReadOnlyDictionary<string, long> answeredWith, long announced, string? heldBy, DateTimeOffset? certainSinceBefore)
    {
        lock (door)
        {
            (state, announcedVersion, window) = (loaded, announced, heldBy);
            certainSince = certainSinceBefore is { } since ? (loaded.Version, since) : null;
            answered.Clear();
            foreach (var (name, version) in answeredWith) { answered[name] = version; }
        }
        Wake();
    }

    /// <summary>
    /// Takes over what is on disk by now. Until this moment sites were answered with the old state and got leases with it,
    /// so the time of a freeze begins here and not when it was ordered.
    /// </summary>
    public void Publish(GateState now, string? heldBy, long milliseconds)
    {
        lock (door)
        {
            if (now.Announced != state.Announced) { announcedVersion = now.Announced is null ? 0 : now.Version; }
            var begins = now.OrderedAt is not null && now.OrderedAt != state.OrderedAt ? milliseconds : state.OrderedMilliseconds;
            state = now with { Heard = state.Heard, OrderedMilliseconds = begins };
            window = heldBy;
        }
        Wake();
    }

    public GateState Ask(string instance, DateTimeOffset now, long milliseconds)
    {
        lock (door)
        {
            state = state.Ask(instance, now, milliseconds);
            answered[instance] = state.Version;
            return state;
        }
    }

    /// <summary>True: that was news.</summary>
    public bool Acknowledge(string instance, long version, DateTimeOffset now, int? sessionsLeft, string? appVersion)
    {
        lock (door)
        {
            var before = state.Instances.FirstOrDefault(i => i.Name == instance);
            state = state.Acknowledge(instance, version, now, sessionsLeft, appVersion);
            var after = state.Instances.First(i => i.Name == instance);
            if (before?.AckedVersion != after.AckedVersion) { ackedAt[instance] = now; }
            return before?.AckedVersion != after.AckedVersion || before?.SessionsLeft != after.SessionsLeft;
        }
    }

    /// <summary>Only while nothing is frozen: forgetting an instance would make a freeze certain that is not.</summary>
    public IReadOnlyList<string> Forget(long milliseconds, long keep)
    {
        lock (door)
        {
            if (state.Depth is not null) { return []; }
            var before = state.Instances;
            state = state.Forget(milliseconds, keep);
            List<string> gone = [.. before.Select(i => i.Name).Except(state.Instances.Select(i => i.Name))];
            gone.ForEach(name => answered.Remove(name));
            return gone;
        }
    }

    private void Wake()
    {
        TaskCompletionSource old;
        lock (door) { (old, news) = (news, New()); }
        old.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
