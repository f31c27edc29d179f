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
    /// <summary>Legs and evidence of one transaction; of a pulled one also what ends its row at its site, in the same transaction.</summary>
    public Task<Answer<Runnable>> For(QueuedTransactionRow row, CancellationToken token) => For(row, row.Pulled ? "committed" : null, withLegs: true, token);

    /// <summary>Only what ends a pulled one at its site.</summary>
    public Task<Answer<Runnable>> ForEnd(QueuedTransactionRow row, string status, CancellationToken token) => For(row, status, withLegs: false, token);

    /// <summary>Of the release folder; versions are compared by their numbers where there is none.</summary>
    public IVersionOrder OrderOf(string database) => watch.Of(database).Releases is { } folder ? new VersionOrder(folder.Releases.Select(r => r.Version)) : VersionOrder.Dotted;

    /// <param name="status">what the site's row is told; null: it has none</param>
    private async Task<Answer<Runnable>> For(QueuedTransactionRow row, string? status, bool withLegs, CancellationToken token)
    {
        if (settings.Estate.Kind(row.Kind) is not { } kind) { return new Refusal(RefusalCode.NotNow, $"The kind {row.Kind} is not configured any more."); }
        if (databases.Find(kind.Database) is not { } database) { return new Refusal(RefusalCode.NotNow, $"The database {kind.Database} is not configured any more."); }
        var ending = status is null ? null : settings.Estate.Pending.FirstOrDefault(p => string.Equals(p.Kind, row.Kind, StringComparison.OrdinalIgnoreCase));
        if (status is not null && ending is null) { return new Refusal(RefusalCode.NotNow, $"It was read from a table of {row.Site}, and what ends its row there is not configured any more."); }
        using var json = JsonDocument.Parse(row.FieldsJson);
        var read = kind.ToKind().Read(json.RootElement);
        if (!read.IsValid) { return new Refusal(RefusalCode.NotNow, $"The kind {kind.Name} has changed since it was posted: {read.Errors[0].Message}"); }
        List<Parameter> parameters =
        [
            .. read.Values.Select(v => new Parameter(v.Key, v.Value)),
            new("key", row.Key), new("id", row.Id), new("site", row.Site), new("started_at", row.StartedAt),
        ];
        if (status is not null) { parameters.Add(new("status", status)); }
        List<(VersionedSql Sql, int Rows)> wanted = withLegs ? [.. kind.Legs.Select(l => (l.Sql, l.Rows))] : [];
        if (ending is not null) { wanted.Add((ending.DoneSql, 1)); }
        var evidence = kind.Evidence.Where(e => withLegs && e.Database == kind.Database).ToList();
        // Asked for now: what the watch saw two seconds ago may be the version before.
        var version = wanted.Select(w => w.Sql).Concat(evidence.Select(e => e.Sql)).Any(s => s.Variants.Count > 1 || s.Variants[0].Range != VersionRange.Any)
            ? (await database.ReadHistory(token)).Version : null;
        var order = OrderOf(kind.Database);
        var legs = new List<Leg>();
        foreach (var (sql, rows) in wanted)
        {
            if (sql.For(version, order) is not { } text) { return new Refusal(RefusalCode.NotNow, $"The kind {kind.Name} has no SQL for version {version ?? "none"} of {kind.Database}."); }
            legs.Add(new Leg(text, rows));
        }
        var queries = from e in evidence let sql = e.Sql.For(version, order) where sql is not null select new EvidenceQuery(e.Label, sql);
        return new Runnable(database, legs, parameters, [.. queries]);
    }
}
