using System.Globalization;

namespace OpsConsole.Ground.Controls;

/// <summary>Places in a drawing as percent of its width. They go into SVG attributes, so that no inline style is needed.</summary>
internal static class Percent
{
    public static string Of(double share) =>
        (Math.Clamp(double.IsFinite(share) ? share : 0, 0, 1) * 100).ToString("0.###", CultureInfo.InvariantCulture) + "%";

    public static double Share(DateTimeOffset at, DateTimeOffset from, DateTimeOffset to) =>
        to <= from ? 0 : (at - from) / (to - from);
}
