namespace OpsConsole.Ground.Controls;

/// <summary>A key of a page: the lower-case letter (or Enter, ArrowDown, ...), what it does in words, and the act.</summary>
public sealed record PageKey(string Key, string Says, Func<Task> Do);

/// <summary>The keys that work on the page that is open, so that the help can show them. One per circuit.</summary>
public sealed class KeyBook
{
    private readonly List<PageKey> _keys = [];

    public IReadOnlyList<PageKey> Keys => _keys;

    internal void Replace(IReadOnlyList<PageKey> old, IReadOnlyList<PageKey> now)
    {
        _keys.RemoveAll(old.Contains);
        _keys.AddRange(now);
    }
}

/// <summary>Where the one script lies. Every import names it the same way, so that it is one instance.</summary>
public static class ShellScript
{
    public const string Path = "js/console.js";
}
