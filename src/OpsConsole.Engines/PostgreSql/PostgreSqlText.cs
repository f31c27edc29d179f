using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace OpsConsole.Engines.PostgreSql;

/// <summary>What both the splitter and the parameter binding have to know of PostgreSQL's text: where quotes and comments end.</summary>
internal static class PostgreSqlText
{
    /// <summary>The one place where a name becomes SQL.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>For utility statements only, which take no parameters (COMMENT, ALTER ... SET).</summary>
    public static string Literal(string text)
    {
        var doubled = text.Replace("'", "''", StringComparison.Ordinal);
        return doubled.Contains('\\', StringComparison.Ordinal) ? $"E'{doubled.Replace("\\", "\\\\", StringComparison.Ordinal)}'" : $"'{doubled}'";
    }

    /// <summary>The index after the quoted text or comment that begins at <paramref name="at"/>, or <paramref name="at"/> where none begins.</summary>
    public static int SkipQuoted(string sql, int at)
    {
        var c = sql[at];
        var next = at + 1 < sql.Length ? sql[at + 1] : '\0';
        return c switch
        {
            '-' when next == '-' => LineEnd(sql, at),
            '/' when next == '*' => CommentEnd(sql, at),
            '\'' => QuoteEnd(sql, at, '\'', IsEscapeString(sql, at)),
            '"' => QuoteEnd(sql, at, '"', false),
            '$' when at == 0 || !IsWordPart(sql[at - 1]) => DollarEnd(sql, at),
            _ => at,
        };
    }

    public static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c > 127;

    public static bool IsWordStart(char c) => char.IsLetter(c) || c == '_' || c > 127;

    /// <summary>
    /// Turns @name into $n for the names that are given, outside quotes and comments; every other @ (an operator) stays as it is.
    /// Values are bound, never written into the text.
    /// </summary>
    public static (string Sql, IReadOnlyList<Parameter> Used) ToPositional(string sql, IReadOnlyList<Parameter> parameters)
    {
        var text = new StringBuilder(sql.Length);
        var used = new List<Parameter>();
        for (var i = 0; i < sql.Length;)
        {
            var end = SkipQuoted(sql, i);
            if (end > i)
            {
                text.Append(sql, i, end - i);
                i = end;
                continue;
            }
            if (sql[i] == '@' && i + 1 < sql.Length && IsWordStart(sql[i + 1]) && (i == 0 || (sql[i - 1] != '@' && !IsWordPart(sql[i - 1]))))
            {
                var stop = i + 1;
                while (stop < sql.Length && IsWordPart(sql[stop])) { stop++; }
                var name = sql[(i + 1)..stop];
                var known = parameters.FirstOrDefault(p => p.Name.TrimStart('@') == name);
                if (known is not null)
                {
                    if (!used.Contains(known)) { used.Add(known); }
                    text.Append('$').Append(used.IndexOf(known) + 1);
                    i = stop;
                    continue;
                }
            }
            text.Append(sql[i++]);
        }
        return (text.ToString(), used);
    }

    /// <summary>Text goes untyped, so that the server takes it for what the column is (an enum, a varchar, jsonb).</summary>
    public static NpgsqlParameter Bind(Parameter parameter) => parameter.Value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
        string text => new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Unknown },
        long or int => new NpgsqlParameter { Value = Convert.ToInt64(parameter.Value, System.Globalization.CultureInfo.InvariantCulture), NpgsqlDbType = NpgsqlDbType.Bigint },
        decimal amount => new NpgsqlParameter { Value = amount, NpgsqlDbType = NpgsqlDbType.Numeric },
        bool yes => new NpgsqlParameter { Value = yes, NpgsqlDbType = NpgsqlDbType.Boolean },
        DateOnly day => new NpgsqlParameter { Value = day, NpgsqlDbType = NpgsqlDbType.Date },
        DateTimeOffset moment => new NpgsqlParameter { Value = moment.ToUniversalTime(), NpgsqlDbType = NpgsqlDbType.TimestampTz },
        Guid id => new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Uuid },
        _ => throw new ArgumentException($"Parameter {parameter.Name} holds a {parameter.Value.GetType().Name}, which is not bound.", nameof(parameter)),
    };

    private static int LineEnd(string sql, int at)
    {
        var end = sql.IndexOf('\n', at);
        return end < 0 ? sql.Length : end;
    }

    private static int CommentEnd(string sql, int at)
    {
        var depth = 0;
        for (var i = at; i < sql.Length - 1; i++)
        {
            if (sql[i] == '/' && sql[i + 1] == '*') { depth++; i++; }
            else if (sql[i] == '*' && sql[i + 1] == '/')
            {
                i++;
                if (--depth == 0) { return i + 1; }
            }
        }
        return sql.Length;
    }

    private static int QuoteEnd(string sql, int at, char quote, bool escapes)
    {
        for (var i = at + 1; i < sql.Length; i++)
        {
            if (escapes && sql[i] == '\\') { i++; }
            else if (sql[i] == quote)
            {
                if (i + 1 < sql.Length && sql[i + 1] == quote) { i++; }
                else { return i + 1; }
            }
        }
        return sql.Length;
    }

    private static bool IsEscapeString(string sql, int at) =>
        at > 0 && sql[at - 1] is ('e' or 'E') && (at == 1 || !IsWordPart(sql[at - 2]));

    private static int DollarEnd(string sql, int at)
    {
        var stop = at + 1;
        if (stop < sql.Length && char.IsDigit(sql[stop])) { return at; }
        while (stop < sql.Length && sql[stop] != '$' && IsWordPart(sql[stop])) { stop++; }
        if (stop >= sql.Length || sql[stop] != '$') { return at; }
        var tag = sql[at..(stop + 1)];
        var end = sql.IndexOf(tag, stop + 1, StringComparison.Ordinal);
        return end < 0 ? sql.Length : end + tag.Length;
    }
}
