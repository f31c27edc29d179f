namespace OpsConsole.Ground.Settings;

public enum KindFieldType { Integer, Decimal, Money, Text, Boolean, Date, Instant, Uuid }

/// <param name="Currencies">of a Money field, at least one; else empty</param>
/// <param name="Min">of a number; null: no limit</param>
/// <param name="MaxLength">of a Text</param>
public sealed record KindField(
    string Name, KindFieldType Type, IReadOnlyList<string> Currencies, decimal? Min = null, decimal? Max = null, int? MaxLength = null, bool Required = true);

/// <summary>Above which amount a second person is needed.</summary>
/// <param name="Any">for every currency that is not named; null: none</param>
public sealed record SecondPersonLimit(decimal? Any, IReadOnlyDictionary<string, decimal> ByCurrency)
{
    /// <summary>Null: no limit in that currency.</summary>
    public decimal? For(string currency) => ByCurrency.TryGetValue(currency, out var limit) ? limit : Any;
}

/// <param name="Rows">how many rows it has to change</param>
public sealed record LegSettings(string Database, VersionedSql Sql, int Rows);

/// <summary>A query that shows a reviewer what a transaction changes.</summary>
public sealed record EvidenceSettings(string Label, string Database, VersionedSql Sql);

/// <summary>A kind of transaction that a site may post, and what it does to its database.</summary>
/// <param name="OrderKey">fields by whose values transactions are kept in order; empty: no order</param>
/// <param name="SecondPersonAbove">null: one person is enough</param>
public sealed record KindSettings(
    string Name, IReadOnlyList<KindField> Fields, IReadOnlyList<string> OrderKey, SecondPersonLimit? SecondPersonAbove,
    IReadOnlyList<LegSettings> Legs, IReadOnlyList<EvidenceSettings> Evidence)
{
    /// <summary>Where the legs run; a kind touches one database.</summary>
    public string Database => Legs[0].Database;
}
