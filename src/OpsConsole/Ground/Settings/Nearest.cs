namespace OpsConsole.Ground.Settings;

/// <summary>The name that was probably meant.</summary>
internal static class Nearest
{
    public static string OneOf(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";

    /// <summary>The nearest name, or all of them where none is near.</summary>
    public static string Remedy(string written, IReadOnlyList<string> known)
    {
        if (known.Count == 0)
        {
            return "Nothing is known here; leave it out.";
        }
        var best = known.MinBy(k => Distance(Plain(written), Plain(k)))!;
        return Distance(Plain(written), Plain(best)) <= Math.Max(1, written.Length / 3) ? $"Did you mean {best}?" : $"Known here: {OneOf(known)}.";
    }

    private static string Plain(string text) => text.ToUpperInvariant();

    /// <summary>How many letters have to be put, taken or changed.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
