namespace OpsConsole.Domain.Versions;

/// <summary>Says which of two versions of one database comes first. Null is "nothing applied yet" and comes before every version.</summary>
public interface IVersionOrder
{
    /// <summary>Negative: <paramref name="left"/> is older; 0: the same version; positive: newer.</summary>
    int Compare(string? left, string? right);
}

/// <summary>
/// The order of a release folder, as its tool sorts it. A version the folder does not know is compared by its numbers, so that a range such as
/// <c>&gt;=7</c> also works on a folder that goes from 6 to 8.
/// </summary>
public sealed class VersionOrder : IVersionOrder
{
    /// <summary>No folder: numbers only.</summary>
    public static VersionOrder Dotted { get; } = new([]);

    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <param name="known">the folder's versions, oldest first</param>
    public VersionOrder(IEnumerable<string> known)
    {
        foreach (var version in known)
        {
            places.TryAdd(Plain(version), places.Count);
        }
    }

    public int Compare(string? left, string? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }
        return places.TryGetValue(Plain(left), out var l) && places.TryGetValue(Plain(right), out var r)
            ? l.CompareTo(r)
            : CompareDotted(left, right);
    }

    // 007 and 7 are one version to every tool that numbers its files, whatever the history table writes.
    private static string Plain(string version) => string.Join('.', Parts(version).Select(p => IsNumber(p) ? Number(p) : p));

    /// <summary>Part by part; numbers as numbers of any length, a missing part as 0, and text before numbers, so that 1.0-rc comes before 1.0.</summary>
    public static int CompareDotted(string left, string right)
    {
        var (l, r) = (Parts(left), Parts(right));
        for (var i = 0; i < Math.Max(l.Length, r.Length); i++)
        {
            var (a, b) = (i < l.Length ? l[i] : "0", i < r.Length ? r[i] : "0");
            var result = (IsNumber(a), IsNumber(b)) switch
            {
                (true, true) => Number(a).Length != Number(b).Length
                    ? Number(a).Length.CompareTo(Number(b).Length)
                    : string.CompareOrdinal(Number(a), Number(b)),
                (false, false) => string.CompareOrdinal(a, b),
                (true, false) => 1,
                (false, true) => -1,
            };
            if (result != 0)
            {
                return result;
            }
        }
        return 0;
    }

    private static string[] Parts(string version) => version.Split(['.', '-', '_', '+'], StringSplitOptions.RemoveEmptyEntries);
    private static bool IsNumber(string part) => part.All(char.IsAsciiDigit);
    private static string Number(string part) => part.TrimStart('0') is { Length: > 0 } n ? n : "0";
}
