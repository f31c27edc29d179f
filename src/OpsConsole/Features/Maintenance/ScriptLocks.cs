using System.Text.RegularExpressions;
using OpsConsole.Engines;

namespace OpsConsole.Features.Maintenance;

/// <summary>What a script shuts others out of while it runs, read from its text. It promises nothing: the server decides when it runs.</summary>
public static partial class ScriptLocks
{
    public static IReadOnlyList<string> Of(EngineKind engine, string sql)
    {
        // SQLite has one writer at a time, whatever is written.
        if (engine == EngineKind.Sqlite) { return ["one writer: the whole database"]; }
        var text = Comments().Replace(sql, " ");
        List<string> found = [];
        foreach (Match match in Exclusive().Matches(text)) { found.Add($"{Plain(match)}: nobody reads or writes"); }
        foreach (Match match in Index().Matches(text).Where(m => !m.Groups["concurrently"].Success)) { found.Add($"{Plain(match)}: nobody writes"); }
        foreach (Match match in Rows().Matches(text)) { found.Add($"{Plain(match)}: the rows it changes"); }
        // The strictest word on a table stands for the others.
        return [.. found.GroupBy(f => f.Split(':')[0]).Select(g => g.First()).Order(StringComparer.Ordinal)];
    }

    private static string Plain(Match match) => match.Groups["table"].Value.Replace("\"", "", StringComparison.Ordinal);

    [GeneratedRegex(@"--[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex("""\b(?:alter\s+table|drop\s+table|truncate(?:\s+table)?)\s+(?:if\s+exists\s+)?(?:only\s+)?(?<table>[\w."]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Exclusive();

    [GeneratedRegex("""\bcreate\s+(?:unique\s+)?index\s+(?<concurrently>concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:[\w."]+\s+)?on\s+(?:only\s+)?(?<table>[\w."]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Index();

    [GeneratedRegex("""\b(?:update|delete\s+from)\s+(?:only\s+)?(?<table>[\w."]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Rows();
}
