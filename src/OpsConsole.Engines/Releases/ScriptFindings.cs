using System.Text.RegularExpressions;

namespace OpsConsole.Engines.Releases;

/// <summary>What a script holds that the console cannot run, or cannot run in a transaction.</summary>
internal static partial class ScriptFindings
{
    [GeneratedRegex(@"^[ \t]*--[ \t]*opsconsole:[ \t]*([a-z-]+)[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Marker();

    [GeneratedRegex(@"\ACOPY\b.*\bFROM\s+STDIN\b", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CopyFromStdin();

    [GeneratedRegex("""
        \A(?: CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY | DROP\s+INDEX\s+CONCURRENTLY | REINDEX\b.*\b(?:CONCURRENTLY|DATABASE|SYSTEM)
            | ALTER\s+TYPE\b.*\bADD\s+VALUE | ALTER\s+TABLE\b.*\bDETACH\s+PARTITION\b.*\bCONCURRENTLY | VACUUM | ALTER\s+SYSTEM
            | (?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION) )\b
        """, RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OutsideOnPostgreSql();

    [GeneratedRegex(@"\A(?:VACUUM|DETACH|PRAGMA\s+(?:\w+\s*\.\s*)?journal_mode)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OutsideOnSqlite();

    [GeneratedRegex(@"\APRAGMA\s+(?:\w+\s*\.\s*)?(?:foreign_keys|synchronous)\b\s*[=(]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithoutEffectInside();

    public static (bool Transactional, bool Repeatable) Of(string file, string sql, EngineKind engine, List<ReleaseFinding> findings)
    {
        bool transactional = true, repeatable = false;
        foreach (var marker in Marker().EnumerateMatches(sql))
        {
            var line = 1 + sql.AsSpan(0, marker.Index).Count('\n');
            switch (sql.AsSpan(marker.Index, marker.Length)[(sql.AsSpan(marker.Index, marker.Length).IndexOf(':') + 1)..].Trim())
            {
                case "repeatable": repeatable = true; break;
                case "no-transaction": transactional = false; break;
                case var other: findings.Add(new(file, line, $"The mark {other} means nothing; known are repeatable and no-transaction.", Blocking: true)); break;
            }
        }
        var saysSo = !transactional;
        var script = ScriptCutter.Cut(sql, engine);
        if (script.Statements.Count == 0 && script.MetaCommands.Count == 0)
        {
            findings.Add(new(file, 1, "The file holds no statement.", Blocking: true));
        }
        findings.AddRange(script.MetaCommands.Select(m => new ReleaseFinding(file, m.Line, $"{m.Text} is a command of the tool's shell, not SQL; write out what it does.", Blocking: true)));
        foreach (var statement in script.Statements)
        {
            if (CopyFromStdin().IsMatch(statement.Bare))
            {
                findings.Add(new(file, statement.Line, "COPY FROM stdin takes its rows from the tool's shell; write INSERT, or COPY from a file of the server.", Blocking: true));
            }
            else if (statement.ControlsTransaction)
            {
                findings.Add(new(file, statement.Line, $"{statement.FirstWords} begins or ends a transaction. The console does that itself, with the row in the history inside: take it out, "
                    + "or mark the file -- opsconsole: no-transaction and do without one.", Blocking: true));
            }
            else if ((engine == EngineKind.Sqlite ? OutsideOnSqlite() : OutsideOnPostgreSql()).IsMatch(statement.Bare))
            {
                transactional = false;
                findings.Add(new(file, statement.Line, $"{statement.FirstWords} cannot run in a transaction: a crash in the middle of this release leaves it torn.", Blocking: false));
            }
            else if (engine == EngineKind.Sqlite && !saysSo && WithoutEffectInside().IsMatch(statement.Bare))
            {
                findings.Add(new(file, statement.Line, $"{statement.FirstWords} has no effect inside a transaction. Foreign keys are off while a release runs, "
                    + "and are checked before it is committed: take it out.", Blocking: true));
            }
        }
        return (transactional, repeatable);
    }
}
