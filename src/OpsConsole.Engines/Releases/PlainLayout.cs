using System.Globalization;
using System.Text.RegularExpressions;

namespace OpsConsole.Engines.Releases;

/// <summary>Plain files: <c>007_title.sql</c>, ordered by name, the version being the number as it is written; the console keeps the history itself.</summary>
internal sealed partial class PlainLayout : IReleaseLayout
{
    [GeneratedRegex(@"\A([0-9]{1,18})(?:[_\- ](.*?))??(\.down)?\.sql\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    public ReleaseLayout Layout => ReleaseLayout.Plain;
    public string Title => "plain";

    public ReleasePart? Parse(string name)
    {
        // 7_title.up.sql belongs to golang-migrate, and would be a title with a dot here.
        if (name.EndsWith(".up.sql", StringComparison.Ordinal) || Name().Match(name) is not { Success: true } match)
        {
            return null;
        }
        var version = match.Groups[1].Value;
        return new(name, version, long.Parse(version, CultureInfo.InvariantCulture), match.Groups[2].Value.Replace('_', ' '), match.Groups[3].Success);
    }

    public IEnumerable<ReleasePart> Order(IReadOnlyList<ReleasePart> ups) => ups.OrderBy(p => p.Name, StringComparer.Ordinal);

    /// <summary>By name, 10 comes before 9. Nobody means that.</summary>
    public IEnumerable<ReleaseFinding> Disorder(IReadOnlyList<ReleasePart> ups)
    {
        var byName = Order(ups).ToList();
        return byName.Zip(byName.Skip(1)).Where(pair => pair.First.Number > pair.Second.Number)
            .Select(pair => new ReleaseFinding(pair.First.Name, 1,
                $"By name it comes before {pair.Second.Name}, though its number is higher; write the numbers with as many digits each.", Blocking: true));
    }

    public string HistoryTable(EngineKind engine) => engine == EngineKind.PostgreSql ? "\"opsconsole\".\"plain_history\"" : "\"opsconsole_history\"";
}
