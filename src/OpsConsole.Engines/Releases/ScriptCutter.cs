using System.Text;

namespace OpsConsole.Engines.Releases;

/// <param name="Text">as it stands in the file, without the semicolon</param>
/// <param name="Line">of its first character, counted from 1</param>
/// <param name="Bare">the same length with comments, strings and quoted names blanked: only what is SQL is left to look at; starts at the first word</param>
internal sealed record ScriptStatement(string Text, int Line, string Bare)
{
    private string[] Words => Bare.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries);

    public string FirstWords => string.Join(' ', Words.Take(2)).ToUpperInvariant();

    /// <summary>It would begin or end a transaction behind the console's back. ROLLBACK TO and RELEASE of a savepoint stay inside.</summary>
    public bool ControlsTransaction => Words is [var first, ..] && first.ToUpperInvariant() switch
    {
        "BEGIN" or "COMMIT" or "END" or "ABORT" => true,
        "ROLLBACK" => !Words.Skip(1).Any(w => w.Equals("TO", StringComparison.OrdinalIgnoreCase)),
        "START" or "PREPARE" => Words is [_, var second, ..] && second.Equals("TRANSACTION", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}

/// <param name="MetaCommands">lines that are for psql or the sqlite3 shell</param>
internal sealed record CutScript(IReadOnlyList<ScriptStatement> Statements, IReadOnlyList<(int Line, string Text)> MetaCommands);

/// <summary>
/// Cuts a script into statements, each left as it is. Knows comments (nested on PostgreSQL), quotes, E'' strings, dollar quotes, brackets and backticks (SQLite),
/// parentheses, BEGIN ATOMIC bodies and the bodies of triggers, in which a semicolon ends nothing.
/// </summary>
internal static class ScriptCutter
{
    public static CutScript Cut(string sql, EngineKind engine) => new Run(sql, engine).Go();

    private sealed class Run(string sql, EngineKind engine)
    {
        private readonly List<ScriptStatement> statements = [];
        private readonly List<(int, string)> meta = [];
        private readonly StringBuilder bare = new();
        private readonly bool postgres = engine == EngineKind.PostgreSql;
        private int at, start = -1, startLine, line = 1, parentheses, atomic, wordCount;
        private bool create, trigger, body;
        private string last = "", beforeLast = "";

        public CutScript Go()
        {
            while (at < sql.Length)
            {
                var c = sql[at];
                if (Skipped() is var end && end > at)
                {
                    // A comment before the first word belongs to no statement.
                    var comment = c is '-' or '/';
                    if (!comment) { Begin(); Remember("'"); }
                    Blank(end);
                }
                else if (IsWord(c)) { Word(); }
                else if (IsMetaCommand(c)) { Meta(); }
                else if (c == ';' && parentheses == 0 && atomic == 0 && !(body && !(last == "END" && beforeLast == ";"))) { Close(at++); }
                else
                {
                    if (!char.IsWhiteSpace(c))
                    {
                        Begin();
                        parentheses = c == '(' ? parentheses + 1 : c == ')' ? Math.Max(0, parentheses - 1) : parentheses;
                        Remember(c.ToString());
                    }
                    Keep(at + 1);
                }
            }
            Close(at);
            return new(statements, meta);
        }

        private int Skipped()
        {
            var c = sql[at];
            var next = at + 1 < sql.Length ? sql[at + 1] : '\0';
            switch (c)
            {
                case '-' when next == '-': return sql.IndexOf('\n', at) is >= 0 and var n ? n : sql.Length;
                case '/' when next == '*': return Comment();
                case '\'': return Quoted('\'', backslash: postgres && at > 0 && sql[at - 1] is 'e' or 'E' && !(at > 1 && IsWord(sql[at - 2])));
                case '"': return Quoted('"', backslash: false);
                case '`' when !postgres: return Quoted('`', backslash: false);
                case '[' when !postgres: return sql.IndexOf(']', at) is >= 0 and var b ? b + 1 : sql.Length;
                case '$' when postgres: return Dollar();
                default: return at;
            }
        }

        private int Comment()
        {
            var depth = 0;
            for (var i = at; i < sql.Length - 1; i++)
            {
                if (sql[i] == '/' && sql[i + 1] == '*' && (depth == 0 || postgres)) { depth++; i++; }
                else if (sql[i] == '*' && sql[i + 1] == '/' && --depth == 0) { return i + 2; }
            }
            return sql.Length;
        }

        private int Quoted(char quote, bool backslash)
        {
            for (var i = at + 1; i < sql.Length; i++)
            {
                if (backslash && sql[i] == '\\') { i++; }
                else if (sql[i] == quote)
                {
                    if (i + 1 < sql.Length && sql[i + 1] == quote) { i++; }
                    else { return i + 1; }
                }
            }
            return sql.Length;
        }

        private int Dollar()
        {
            var i = at + 1;
            while (i < sql.Length && IsWord(sql[i]) && sql[i] != '$') { i++; }
            if (i >= sql.Length || sql[i] != '$' || char.IsAsciiDigit(sql[at + 1])) { return at; }
            var tag = sql[at..(i + 1)];
            return sql.IndexOf(tag, i + 1, StringComparison.Ordinal) is >= 0 and var e ? e + tag.Length : sql.Length;
        }

        private void Word()
        {
            Begin();
            var end = at + 1;
            while (end < sql.Length && (IsWord(sql[end]) || sql[end] == '$')) { end++; }
            var word = sql[at..end].ToUpperInvariant();
            wordCount++;
            create |= wordCount == 1 && word == "CREATE";
            if (create && postgres)
            {
                if (atomic == 0 && word == "ATOMIC" && last == "BEGIN") { atomic = 1; }
                else if (atomic > 0 && word == "CASE") { atomic++; }
                else if (atomic > 0 && word == "END") { atomic--; }
            }
            else if (create)
            {
                // As in SQLite's own shell: a trigger is over at the semicolon after an END that follows a semicolon.
                trigger |= word == "TRIGGER" && wordCount <= 3;
                body |= trigger && word == "BEGIN";
            }
            Remember(word);
            Keep(end);
        }

        private bool IsMetaCommand(char c) => postgres ? c == '\\' : c == '.' && start < 0 && (at == 0 || sql[at - 1] == '\n');

        private void Meta()
        {
            var end = sql.IndexOf('\n', at) is >= 0 and var n ? n : sql.Length;
            meta.Add((line, sql[at..end].Trim()));
            Blank(end);
        }

        private void Begin()
        {
            if (start < 0) { (start, startLine) = (at, line); bare.Clear(); }
        }

        private void Remember(string token) => (beforeLast, last) = (last, token);

        private void Keep(int end)
        {
            bare.Append(sql, at, end - at);
            line += sql.AsSpan(at, end - at).Count('\n');
            at = end;
        }

        private void Blank(int end)
        {
            bare.Append(' ', end - at);
            line += sql.AsSpan(at, end - at).Count('\n');
            at = end;
        }

        private void Close(int end)
        {
            if (start >= 0)
            {
                var statement = new ScriptStatement(sql[start..end].TrimEnd(), startLine, bare.ToString());
                statements.Add(statement);
                SkipCopiedRows(statement);
            }
            bare.Clear();
            (start, parentheses, atomic, wordCount, create, trigger, body, last, beforeLast) = (-1, 0, 0, 0, false, false, false, "", "");
        }

        /// <summary>The rows after COPY FROM stdin are no SQL; read as such they would hide the findings behind them.</summary>
        private void SkipCopiedRows(ScriptStatement statement)
        {
            if (!postgres || !statement.Bare.StartsWith("COPY", StringComparison.OrdinalIgnoreCase) || !statement.Bare.Contains("stdin", StringComparison.OrdinalIgnoreCase)) { return; }
            if (sql.IndexOf("\n\\.", at, StringComparison.Ordinal) is >= 0 and var end)
            {
                line += sql.AsSpan(at, end + 1 - at).Count('\n');
                at = end + 3;
            }
        }

        private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || c > '\u007f';
    }
}
