namespace OpsConsole.Engines.PostgreSql;

/// <param name="Line">of its first word in the file, counted from 1</param>
/// <param name="Text">as it stands in the file, without the semicolon</param>
/// <param name="Words">its first words in upper case, for what has to be told apart before it is sent</param>
public sealed record SqlStatement(int Line, string Text, IReadOnlyList<string> Words)
{
    /// <summary>It would end or begin a transaction behind the console's back.</summary>
    public bool ControlsTransaction => Words.Count > 0 &&
        (Words[0] is "BEGIN" or "COMMIT" or "ROLLBACK" or "END" or "ABORT" or "SAVEPOINT" or "RELEASE" or "START"
         || (Words[0] == "PREPARE" && Words.Count > 1 && Words[1] == "TRANSACTION"));
}

/// <summary>
/// Cuts a script into statements and leaves each as it is. It knows quotes, E'' strings, dollar quotes, nested comments, parentheses (rules)
/// and BEGIN ATOMIC bodies, in which a semicolon ends nothing.
/// </summary>
public static class PostgreSqlSplitter
{
    private const int KeptWords = 4;

    public static IReadOnlyList<SqlStatement> Split(string script)
    {
        var statements = new List<SqlStatement>();
        var words = new List<string>();
        int start = -1, startLine = 1, line = 1, parentheses = 0, atomic = 0;
        var lastWord = "";

        void Close(int end)
        {
            if (start >= 0) { statements.Add(new(startLine, script[start..end].TrimEnd(), [.. words])); }
            start = -1;
            words.Clear();
            parentheses = atomic = 0;
            lastWord = "";
        }

        void Begin(int at)
        {
            if (start < 0) { (start, startLine) = (at, line); }
        }

        for (var i = script.StartsWith('\uFEFF') ? 1 : 0; i < script.Length;)
        {
            var c = script[i];
            var end = PostgreSqlText.SkipQuoted(script, i);
            if (end > i)
            {
                // A comment before the first word belongs to no statement.
                if (c is not ('-' or '/')) { Begin(i); lastWord = ""; }
                line += script.AsSpan(i, end - i).Count('\n');
                i = end;
                continue;
            }
            if (PostgreSqlText.IsWordStart(c))
            {
                Begin(i);
                var stop = i + 1;
                while (stop < script.Length && PostgreSqlText.IsWordPart(script[stop])) { stop++; }
                var word = script[i..stop].ToUpperInvariant();
                // The E of an E'' string is no word.
                if (!(word == "E" && stop < script.Length && script[stop] == '\''))
                {
                    if (words.Count < KeptWords) { words.Add(word); }
                    if (words[0] == "CREATE")
                    {
                        if (atomic == 0 && word == "ATOMIC" && lastWord == "BEGIN") { atomic = 1; }
                        else if (atomic > 0 && word == "CASE") { atomic++; }
                        else if (atomic > 0 && word == "END") { atomic--; }
                    }
                    lastWord = word;
                }
                i = stop;
                continue;
            }
            if (c == '\n') { line++; }
            else if (c == ';' && parentheses == 0 && atomic == 0) { Close(i); }
            else if (!char.IsWhiteSpace(c))
            {
                Begin(i);
                if (c == '(') { parentheses++; }
                else if (c == ')' && parentheses > 0) { parentheses--; }
            }
            i++;
        }
        Close(script.Length);
        return statements;
    }
}
