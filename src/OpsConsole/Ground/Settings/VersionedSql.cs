using OpsConsole.Domain.Versions;

namespace OpsConsole.Ground.Settings;

/// <summary>One text of SQL, or one for each range of versions, so that it outlives the schema that it was written for.</summary>
public sealed class VersionedSql
{
    public sealed record Variant(VersionRange Range, string Sql);

    public VersionedSql(string sql) : this([new(VersionRange.Any, sql)])
    {
    }

    /// <param name="variants">in the order in which they are tried</param>
    public VersionedSql(IReadOnlyList<Variant> variants) => Variants = variants;

    public IReadOnlyList<Variant> Variants { get; }

    /// <summary>The first text whose range holds the version; null: none was written for it.</summary>
    /// <param name="version">null: nothing applied yet</param>
    /// <param name="order">of the release folder; null: versions are compared by their numbers</param>
    public string? For(string? version, IVersionOrder? order = null) =>
        Variants.FirstOrDefault(v => v.Range.Contains(version, order ?? VersionOrder.Dotted))?.Sql;

    public override string ToString() => string.Join('\n', Variants.Select(v => v.Range == VersionRange.Any ? v.Sql : $"{v.Range}: {v.Sql}"));
}
