using System.Collections.Concurrent;
using OpsConsole.Engines;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <param name="Statement">the one in work, or the last that ended</param>
public sealed record LiveStatement(string Database, string Version, StatementProgress Statement);

/// <summary>What a release is doing right now. Not kept: after a restart the database itself is looked at.</summary>
public sealed class WindowProgress(ChangeFeed feed)
{
    private readonly ConcurrentDictionary<string, LiveStatement> live = new();
    public LiveStatement? Of(string window) => live.GetValueOrDefault(window);

    public void Report(string window, string database, string version, StatementProgress statement)
    {
        live[window] = new LiveStatement(database, version, statement);
        feed.Moved(Topics.Windows);
    }

    public void Clear(string window) => live.TryRemove(window, out _);
}
