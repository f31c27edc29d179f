namespace OpsConsole.Ground.Settings;

/// <summary>Finds the @parameters of a text of SQL, outside quotes and comments, without knowing more of SQL than that.</summary>
internal static class SqlParameters
{
    public static IReadOnlyList<string> In(string sql)
    {
        var found = new List<string>();
        for (var at = 0; at < sql.Length;)
        {
            at = sql[at] switch
            {
                '\'' => EndOfQuote(sql, at, at > 0 && sql[at - 1] is 'e' or 'E' && (at < 2 || !IsWord(sql[at - 2]))),
                '"' or '`' => EndOfQuote(sql, at, false),
                '-' when Next(sql, at) == '-' => sql.IndexOf('\n', at) is >= 0 and var end ? end : sql.Length,
                '/' when Next(sql, at) == '*' => EndOfComment(sql, at),
                '$' when at == 0 || !IsWord(sql[at - 1]) => EndOfDollars(sql, at),
                '@' => EndOfParameter(sql, at, found),
                _ => at + 1,
            };
        }
        return found;
    }

    private static char Next(string sql, int at) => at + 1 < sql.Length ? sql[at + 1] : '\0';
    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static int EndOfQuote(string sql, int at, bool backslashes)
    {
        for (var i = at + 1; i < sql.Length; i++)
        {
            // A doubled quote reads as the end of one and the begin of the next, which comes to the same.
            if (backslashes && sql[i] == '\\')
            {
                i++;
            }
            else if (sql[i] == sql[at])
            {
                return i + 1;
            }
        }
        return sql.Length;
    }

    private static int EndOfComment(string sql, int at)
    {
        var depth = 1;
        for (var i = at + 2; i < sql.Length - 1; i++)
        {
            if (sql[i] == '/' && sql[i + 1] == '*')
            {
                (depth, i) = (depth + 1, i + 1);
            }
            else if (sql[i] == '*' && sql[i + 1] == '/')
            {
                (depth, i) = (depth - 1, i + 1);
                if (depth == 0)
                {
                    return i + 1;
                }
            }
        }
        return sql.Length;
    }

    private static int EndOfDollars(string sql, int at)
    {
        var end = at + 1;
        while (end < sql.Length && IsWord(sql[end]))
        {
            end++;
        }
        if (end >= sql.Length || sql[end] != '$' || char.IsAsciiDigit(Next(sql, at)))
        {
            return at + 1;
        }
        var tag = sql[at..(end + 1)];
        var close = sql.IndexOf(tag, end + 1, StringComparison.Ordinal);
        return close < 0 ? sql.Length : close + tag.Length;
    }

    private static int EndOfParameter(string sql, int at, List<string> found)
    {
        var end = at + 1;
        while (end < sql.Length && IsWord(sql[end]))
        {
            end++;
        }
        // @@ and <@ are operators, and @ before anything but a name is one too.
        var name = sql[(at + 1)..end];
        if (name.Length > 0 && !char.IsAsciiDigit(name[0]) && (at == 0 || sql[at - 1] is not ('@' or '<')) && !found.Contains(name))
        {
            found.Add(name);
        }
        return Math.Max(end, at + 1);
    }
}
