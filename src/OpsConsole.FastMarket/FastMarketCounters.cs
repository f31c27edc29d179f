namespace OpsConsole.FastMarket;

/// <summary>One place for the counts, changed by many.</summary>
internal sealed class FastMarketCounters
{
    private readonly Lock gate = new();
    private FastMarketActivity now = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public FastMarketActivity Now
    {
        get { lock (gate) { return now; } }
    }

    public void Add(Func<FastMarketActivity, FastMarketActivity> change)
    {
        lock (gate) { now = change(now); }
    }
}
