using System.Globalization;
using System.Text.RegularExpressions;

namespace OpsConsole.Engines.Releases;

/// <summary>golang-migrate: <c>7_title.up.sql</c> and <c>7_title.down.sql</c>, ordered as numbers; its table holds one row, the newest version as a bigint.</summary>
internal sealed partial class GolangMigrateLayout : IReleaseLayout
{
    [GeneratedRegex(@"\A([0-9]{1,18})_(.*)\.(up|down)\.sql\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    public ReleaseLayout Layout => ReleaseLayout.GolangMigrate;
    public string Title => "golang-migrate";

    public ReleasePart? Parse(string name)
    {
        if (Name().Match(name) is not { Success: true } match)
        {
            return null;
        }
        var number = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new(name, number.ToString(CultureInfo.InvariantCulture), number, match.Groups[2].Value.Replace('_', ' '), match.Groups[3].ValueSpan is "down");
    }

    public IEnumerable<ReleasePart> Order(IReadOnlyList<ReleasePart> ups) => ups.OrderBy(p => p.Number).ThenBy(p => p.Name, StringComparer.Ordinal);

    public IEnumerable<ReleaseFinding> Disorder(IReadOnlyList<ReleasePart> ups) => [];

    public string HistoryTable(EngineKind engine) => "\"schema_migrations\"";
}
