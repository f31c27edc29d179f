using System.Globalization;
using OpsConsole.Domain;

namespace OpsConsole.Ground.Access;

/// <param name="Next">to be sent as <c>after</c> for what follows; null: that was all</param>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Lists as the API gives them: 50 at once, 500 at most, and where to go on.</summary>
public static class Paging
{
    public const int Default = 50, Most = 500;

    /// <summary>Null: as many as that may be asked for.</summary>
    public static Refusal? Refuse(int? limit) => limit is < 1 or > Most ? Refusal.Of("limit", $"limit goes from 1 to {Most}.") : null;

    /// <summary>A part of a list that is known whole; the cursor counts what was given already.</summary>
    public static Answer<PageOf<T>> Cut<T>(this Answer<IReadOnlyList<T>> answer, int? limit, string? after)
    {
        if (answer.Value is not { } list) { return new Answer<PageOf<T>>(null, answer.Refusal, answer.More); }
        if (Refuse(limit) is { } no) { return no; }
        if (!IsCursor(after, out var seen)) { return BadCursor(); }
        var (from, most) = ((int)Math.Min(seen, list.Count), limit ?? Default);
        return new PageOf<T>([.. list.Skip(from).Take(most)], from + most < list.Count ? Cursor(from + most) : null);
    }

    public static IResult ToPage<T>(this Answer<IReadOnlyList<T>> answer, int? limit, string? after) => answer.Cut(limit, after).ToResult();

    public static Refusal BadCursor() => Refusal.Of("after", "after is no cursor of this list.");
    public static string Cursor(long seen) => seen.ToString(CultureInfo.InvariantCulture);
    public static bool IsCursor(string? text, out long seen) => (seen = 0) == 0 && (string.IsNullOrEmpty(text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seen));
}
