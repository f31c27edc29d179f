namespace OpsConsole.Shell;

/// <summary>Which page of the handbook tells of the page that is open.</summary>
public static class HelpLinks
{
    /// <summary>First part of an address to the handbook's page.</summary>
    public static IReadOnlyDictionary<string, string> Pages { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [""] = "reading-the-screens",
        ["plan"] = "planning",
        ["windows"] = "the-window",
        ["queue"] = "the-review-desk",
        ["gates"] = "gates-and-freeze",
        ["sessions"] = "sessions",
        ["estate"] = "what-each-state-means",
        ["schedules"] = "schedules",
        ["audit"] = "people-and-audit",
        ["people"] = "people-and-audit",
    };

    /// <param name="path">relative to the console's base address</param>
    public static string For(string path) => Pages.TryGetValue(path.Split('/', '?', '#')[0], out var page) ? $"help/{page}" : "help";
}
