using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What one transaction runs on its database at that database's version.</summary>
public sealed record Runnable(IManagedDatabase Database, IReadOnlyList<Leg> Legs, IReadOnlyList<Parameter> Parameters, IReadOnlyList<EvidenceQuery> Evidence);

/// <summary>Chooses the text of legs and evidence by the version that the database has now, and binds the values.</summary>
public sealed class QueueSql(ConsoleSettings settings, EstateDatabases databases, DatabaseWatch watch)
{
    public async Task<Answer<Runnable>> For(QueuedTransactionRow row, CancellationToken token)
    {
        if (settings.Estate.Kind(row.Kind) is not { } kind) { return new Refusal(RefusalCode.NotNow, $"The kind {row.Kind} is not configured any more."); }
        if (databases.Find(kind.Database) is not { } database) { return new Refusal(RefusalCode.NotNow, $"The database {kind.Database} is not configured any more."); }
        using var json = JsonDocument.Parse(row.FieldsJson);
        var read = kind.ToKind().Read(json.RootElement);
        if (!read.IsValid) { return new Refusal(RefusalCode.NotNow, $"The kind {kind.Name} has changed since it was posted: {read.Errors[0].Message}"); }
        List<Parameter> parameters =
        [
            .. read.Values.Select(v => new Parameter(v.Key, v.Value)),
            new("key", row.Key), new("id", row.Id), new("site", row.Site), new("started_at", row.StartedAt),
        ];
        string? version = null;
        IVersionOrder order = VersionOrder.Dotted;
        var evidence = kind.Evidence.Where(e => e.Database == kind.Database).ToList();
        if (kind.Legs.Select(l => l.Sql).Concat(evidence.Select(e => e.Sql)).Any(s => s.Variants.Count > 1 || s.Variants[0].Range != VersionRange.Any))
        {
            // Asked for now: what the watch saw two seconds ago may be the version before.
            version = (await database.ReadHistory(token)).Version;
            order = watch.Of(kind.Database).Releases is { } folder ? new VersionOrder(folder.Releases.Select(r => r.Version)) : VersionOrder.Dotted;
        }
        var legs = new List<Leg>();
        foreach (var leg in kind.Legs)
        {
            if (leg.Sql.For(version, order) is not { } sql) { return new Refusal(RefusalCode.NotNow, $"The kind {kind.Name} has no SQL for version {version ?? "none"} of {kind.Database}."); }
            legs.Add(new Leg(sql, leg.Rows));
        }
        var queries = from e in evidence let sql = e.Sql.For(version, order) where sql is not null select new EvidenceQuery(e.Label, sql);
        return new Runnable(database, legs, parameters, [.. queries]);
    }
}
