using System.Diagnostics.CodeAnalysis;

namespace OpsConsole.Domain.Versions;

/// <summary>
/// A set of versions: comparators joined by spaces must all hold, groups joined by <c>||</c> are alternatives; <c>*</c> is every version.
/// Examples: <c>&gt;=5 &lt;7</c>, <c>4 || &gt;=6</c>. A bare version is that version alone.
/// </summary>
public sealed class VersionRange : IEquatable<VersionRange>
{
    private sealed record Comparator(string Sign, string Version);

    // Longest first, so that ">=" is not read as ">" and a version that begins with "=".
    private static readonly string[] Signs = [">=", "<=", ">", "<", "="];
    private readonly Comparator[][] groups;

    private VersionRange(string text, Comparator[][] groups) => (Text, this.groups) = (text, groups);

    /// <summary>Every version, and "nothing applied yet" too.</summary>
    public static VersionRange Any { get; } = Parse("*");

    /// <summary>The range in its plain form: one space between comparators, none inside them.</summary>
    public string Text { get; }

    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionRange? range, [NotNullWhen(false)] out string? error)
    {
        (range, error) = (null, null);
        if (string.IsNullOrWhiteSpace(text))
        {
            error = "A version range is empty; write for example >=5, or * for every version.";
            return false;
        }
        var groups = new List<Comparator[]>();
        foreach (var part in text.Split("||"))
        {
            if (!TryReadGroup(part.Trim(), text, out var group, out error))
            {
                return false;
            }
            groups.Add(group);
        }
        var plain = string.Join(" || ", groups.Select(g => g.Length == 0 ? "*" : string.Join(' ', g.Select(c => (c.Sign == "=" ? "" : c.Sign) + c.Version))));
        range = new VersionRange(plain, [.. groups]);
        return true;
    }

    /// <exception cref="FormatException">the text is no range; the message says why</exception>
    public static VersionRange Parse(string text) => TryParse(text, out var range, out var error) ? range : throw new FormatException(error);

    private static bool TryReadGroup(string part, string whole, out Comparator[] group, [NotNullWhen(false)] out string? error)
    {
        (group, error) = ([], null);
        if (part == "*")
        {
            return true;
        }
        if (part.Length == 0)
        {
            error = $"In the version range '{whole}' one side of || is empty.";
            return false;
        }
        var found = new List<Comparator>();
        for (var at = 0; at < part.Length;)
        {
            var sign = Signs.FirstOrDefault(s => part.AsSpan(at).StartsWith(s, StringComparison.Ordinal)) ?? "";
            at = SkipSpaces(part, at + sign.Length);
            var end = at;
            while (end < part.Length && (char.IsAsciiLetterOrDigit(part[end]) || part[end] is '.' or '_' or '-' or '+'))
            {
                end++;
            }
            if (end == at || (end < part.Length && part[end] is not (' ' or '\t' or '<' or '>' or '=')))
            {
                error = end < part.Length
                    ? $"In the version range '{whole}' the character '{part[end]}' is not understood; comparators are >= <= > < =, joined by spaces or ||."
                    : $"In the version range '{whole}' a version is missing after '{sign}'.";
                return false;
            }
            found.Add(new Comparator(sign.Length == 0 ? "=" : sign, part[at..end]));
            at = SkipSpaces(part, end);
        }
        group = [.. found];
        return true;
    }

    private static int SkipSpaces(string text, int at)
    {
        while (at < text.Length && (text[at] is ' ' or '\t'))
        {
            at++;
        }
        return at;
    }

    /// <summary>Whether <paramref name="version"/> lies in the range. Null (nothing applied) is older than every version.</summary>
    public bool Contains(string? version, IVersionOrder order) => groups.Any(g => g.All(c => Holds(c, order.Compare(version, c.Version))));

    private static bool Holds(Comparator comparator, int compared) => comparator.Sign switch
    {
        ">=" => compared >= 0,
        "<=" => compared <= 0,
        ">" => compared > 0,
        "<" => compared < 0,
        _ => compared == 0,
    };

    public bool Equals(VersionRange? other) => other is not null && other.Text == Text;
    public override bool Equals(object? obj) => Equals(obj as VersionRange);
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
    public override string ToString() => Text;
}
