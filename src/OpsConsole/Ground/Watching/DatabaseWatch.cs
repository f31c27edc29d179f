using System.Collections.Concurrent;
using OpsConsole.Engines;
using OpsConsole.Ground.Live;

namespace OpsConsole.Ground.Watching;

/// <summary>What was last seen of one database. The last values stay when it stops answering, and say how old they are.</summary>
/// <param name="SeenAt">when it last answered; null: not since this console started</param>
/// <param name="Fault">why it does not answer, in the server's words; null: it does</param>
/// <param name="Sessions">the last readings of site sessions, oldest first, for the sparkline</param>
public sealed record Seen(
    string Name, DatabaseFacts? Facts, SchemaHistory? History, ReleaseFolder? Releases, DateTimeOffset? SeenAt,
    string? Fault, DateTimeOffset? FaultSince, DateTimeOffset? NextTryAt, IReadOnlyList<double> Sessions)
{
    public bool Reachable => Fault is null && SeenAt is not null;

    /// <summary>Versions in the folder after the current one; null where there is no folder or it cannot be read.</summary>
    public IReadOnlyList<string>? Pending
    {
        get
        {
            if (Releases is null || History is null) { return null; }
            var current = History.Version;
            if (current is null) { return [.. Releases.Releases.Select(r => r.Version)]; }
            var index = Releases.Releases.ToList().FindIndex(r => r.Version == current);
            return index < 0 ? null : [.. Releases.Releases.Skip(index + 1).Select(r => r.Version)];
        }
    }
}

/// <summary>Looks at each database in a loop of its own, so that a slow one delays nobody.</summary>
public sealed class DatabaseWatch(EstateDatabases databases, ChangeFeed feed, TimeProvider time, ILogger<DatabaseWatch> log) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private const int SparkLength = 120;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Seen> seen = new(StringComparer.OrdinalIgnoreCase);

    public Seen Of(string name) => seen.GetValueOrDefault(name) ?? new Seen(name, null, null, null, null, null, null, null, []);
    public IReadOnlyList<Seen> All => [.. databases.All.Select(d => Of(d.Name))];

    /// <summary>Looks now, outside the loop: after an act, and when a person asks.</summary>
    public async Task<Seen> Look(IManagedDatabase database, CancellationToken token)
    {
        var before = Of(database.Name);
        Seen now;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(AnswerWithin);
        try
        {
            var facts = await database.Look(limit.Token);
            var history = await database.ReadHistory(limit.Token);
            ReleaseFolder? folder = before.Releases;
            if (database.Settings.ReleasePath is not null) { folder = await database.ReadReleases(limit.Token); }
            IReadOnlyList<double> sessions = facts.SiteSessions is { } n ? [.. before.Sessions.TakeLast(SparkLength - 1), n] : before.Sessions;
            now = new Seen(database.Name, facts, history, folder, time.GetUtcNow(), null, null, null, sessions);
        }
        catch (Exception fault) when (!token.IsCancellationRequested) // Whatever a database does, the console goes on and says so.
        {
            var text = fault is OperationCanceledException ? $"no answer within {AnswerWithin.TotalSeconds:0} s" : fault.Message;
            if (before.Fault != text) { log.LogWarning("{Database} does not answer: {Fault}", database.Name, text); }
            now = before with { Fault = text, FaultSince = before.FaultSince ?? time.GetUtcNow(), NextTryAt = time.GetUtcNow() + Every };
        }
        seen[database.Name] = now;
        feed.Moved(now.Reachable == before.Reachable ? [Topics.Estate] : [Topics.Estate, Topics.Reach]);
        return now;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(databases.All.Select(d => Loop(d, stoppingToken)));

    private async Task Loop(IManagedDatabase database, CancellationToken token)
    {
        using var timer = new PeriodicTimer(Every, time);
        do { await Look(database, token); }
        while (await timer.WaitForNextTickAsync(token));
    }
}
