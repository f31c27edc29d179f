namespace OpsConsole.Ground.Commits;

/// <summary>What this console is committing at this moment. What the store says is being committed under its own epoch and is not here was begun and never brought to an end.</summary>
internal sealed class UnderWay
{
    private readonly Dictionary<string, int> counts = [];
    private readonly Lock door = new();

    /// <summary>It counts until this is disposed; several may be at the same one, of which all but one are refused.</summary>
    public IDisposable Enter(string name)
    {
        lock (door) { counts[name] = counts.GetValueOrDefault(name) + 1; }
        return new Stay(this, name);
    }

    public bool Has(string name)
    {
        lock (door) { return counts.ContainsKey(name); }
    }

    private void Leave(string name)
    {
        lock (door)
        {
            if (--counts[name] == 0) { counts.Remove(name); }
        }
    }

    private sealed class Stay(UnderWay among, string name) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) { among.Leave(name); }
        }
    }
}
