using System.Collections.Concurrent;

namespace OpsConsole.Ground.Live;

/// <summary>
/// Says which topic moved, nothing more; who hears it reads again through its own service. Each listener has a queue of one:
/// a crowd of changes wakes it once, so a slow page delays nobody.
/// </summary>
public sealed class ChangeFeed
{
    private readonly ConcurrentDictionary<Subscription, byte> subscriptions = new();

    public void Moved(params IEnumerable<string> topics)
    {
        var moved = topics.ToHashSet();
        foreach (var subscription in subscriptions.Keys)
        {
            if (subscription.Hears(moved)) { subscription.Wake(); }
        }
    }

    public Subscription Subscribe(params string[] topics)
    {
        var subscription = new Subscription(this, topics);
        subscriptions.TryAdd(subscription, 0);
        return subscription;
    }

    public sealed class Subscription : IDisposable
    {
        private readonly ChangeFeed feed;
        private readonly string[] topics;
        private readonly SemaphoreSlim signal = new(0, 1);

        internal Subscription(ChangeFeed feed, string[] topics) => (this.feed, this.topics) = (feed, topics);

        internal bool Hears(HashSet<string> moved) => topics.Any(moved.Contains);

        internal void Wake()
        {
            try { signal.Release(); }
            catch (SemaphoreFullException) { /* It is awake already: one reading covers both. */ }
        }

        /// <summary>True: something moved. False: the time ran out.</summary>
        public Task<bool> Wait(TimeSpan atMost, CancellationToken token) => signal.WaitAsync(atMost, token);

        public void Dispose() => feed.subscriptions.TryRemove(this, out _);
    }
}

/// <summary>The topics. A room that writes rows names its own here, so that a listener cannot misspell one.</summary>
public static class Topics
{
    /// <summary>A database has begun to answer, or has stopped.</summary>
    public const string Reach = "reach";
    public const string Estate = "estate", Gates = "gates", Windows = "windows", Queue = "queue", Schedules = "schedules",
        Audit = "audit", People = "people", Acts = "acts";
}
