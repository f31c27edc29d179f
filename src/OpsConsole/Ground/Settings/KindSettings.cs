using OpsConsole.Domain.Queue;

namespace OpsConsole.Ground.Settings;

/// <param name="Rows">how many rows it has to change</param>
public sealed record LegSettings(string Database, VersionedSql Sql, int Rows);

/// <summary>A query that shows a reviewer what a transaction changes.</summary>
public sealed record EvidenceSettings(string Label, string Database, VersionedSql Sql);

/// <summary>A kind of transaction that a site may post, and what it does to its database.</summary>
/// <param name="OrderKeys">fields by whose values transactions are kept in order; empty: no order</param>
/// <param name="Limits">by currency, * for every other; null: one person is enough</param>
public sealed record KindSettings(
    string Name, IReadOnlyList<FieldRule> Fields, IReadOnlyList<string> OrderKeys, IReadOnlyDictionary<string, decimal>? Limits,
    IReadOnlyList<LegSettings> Legs, IReadOnlyList<EvidenceSettings> Evidence)
{
    /// <summary>Where the legs run; a kind touches one database.</summary>
    public string Database => Legs[0].Database;

    /// <summary>The part by which posted transactions are judged.</summary>
    public TransactionKind ToKind() => new(Name, Fields, OrderKeys, Limits);
}
