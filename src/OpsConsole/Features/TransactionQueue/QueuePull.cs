using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>
/// Takes into the queue what sites put aside in tables of their own. A row is known by its key, so however often it is read it is taken once; what ends it in the
/// site's table is a leg of the transaction that commits it (see <see cref="QueueSql"/>). One that was rejected has no such transaction: its row is ended in one of its own, once the decision is final.
/// </summary>
public sealed class QueuePull(
    ConsoleSettings settings, EstateDatabases databases, QueueIngest ingest, QueueSql sql, QueueFactsReader facts, Committer committer, StoreFactory store, Recorder recorder,
    ILogger<QueuePull> log) : INeeds
{
    private const int RowsAtMost = 10_000;
    private readonly ConcurrentDictionary<string, string> faults = new(StringComparer.OrdinalIgnoreCase);

    public async Task Pull(CancellationToken token)
    {
        if (committer.Epoch == 0) { return; }
        foreach (var pending in settings.Estate.Pending)
        {
            string? fault;
            try
            {
                fault = await Pull(pending, token);
            }
            catch (EngineFault away)
            {
                fault = $"the database refused or does not answer: {away.Message}";
            }
            if (fault is null) { faults.TryRemove(pending.Kind, out _); }
            else if (!faults.TryGetValue(pending.Kind, out var said) || said != fault)
            {
                faults[pending.Kind] = fault;
                log.LogWarning("What was put aside in {Database} for {Kind} could not all be taken: {Fault}", pending.Database, pending.Kind, fault);
            }
        }
    }

    /// <returns>null: every row is in the queue</returns>
    private async Task<string?> Pull(PendingSettings pending, CancellationToken token)
    {
        if (settings.Estate.Kind(pending.Kind) is not { } kind || databases.Find(pending.Database) is not { } database || SiteOf(pending.Database) is not { } site) { return "no site uses that database"; }
        var version = pending.Sql.Variants is [{ Range: var only }] && only == VersionRange.Any ? null : (await database.ReadHistory(token)).Version;
        if (pending.Sql.For(version, sql.OrderOf(pending.Database)) is not { } text) { return $"there is no SQL for version {version ?? "none"}"; }
        var rows = await database.Query(text, [], RowsAtMost, token);
        List<string> wrong = rows.Truncated ? [$"there are more than {RowsAtMost} rows"] : [];
        var read = rows.Rows.Select(r => PutAside.Of(kind, rows.Columns, r)).ToList();
        wrong.AddRange(read.Where(r => r.Fault is not null).Select(r => r.Fault!));
        var known = await Known(site, [.. read.Where(r => r.Row is not null).Select(r => r.Row!.Key)], token);
        var actor = new Actor($"database:{pending.Database}", pending.Database, new HashSet<string>(), $"pulled:{pending.Database}");
        foreach (var row in read.Select(r => r.Row).OfType<PutAside>())
        {
            // One that the site posted as well is the same transaction, and is not ended in its table by us: that has to be seen by a person.
            if (known.TryGetValue(row.Key, out var pulled))
            {
                if (!pulled) { wrong.Add($"{row.Key} was posted by {site} too"); }
                continue;
            }
            // Being taken this moment by somebody else: the next look finds it known.
            if ((await ingest.TakePutAside(actor, site, row.Key, row.Body)).Refusal is { } refusal && refusal.Code != RefusalCode.InProgress) { wrong.Add($"{row.Key}: {refusal.Text}"); }
        }
        return wrong.Count == 0 ? null : string.Join("; ", wrong.Take(5)) + (wrong.Count > 5 ? $"; and {wrong.Count - 5} more" : "");
    }

    private async Task<Dictionary<string, bool>> Known(string site, List<string> keys, CancellationToken token)
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        await using var db = store.CreateDbContext();
        foreach (var part in keys.Chunk(500))
        {
            foreach (var row in await db.Set<QueuedTransactionRow>().AsNoTracking().Where(t => t.Site == site && part.Contains(t.Key)).Select(t => new { t.Key, t.Pulled }).ToListAsync(token)) { known[row.Key] = row.Pulled; }
        }
        return known;
    }

    /// <summary>Ends in the sites' tables what was rejected for good. Under a marker of its own, so that it may be tried again.</summary>
    public async Task EndRejected(CancellationToken token)
    {
        if (committer.Epoch == 0) { return; }
        List<QueuedTransactionRow> rows;
        await using (var db = store.CreateDbContext())
        {
            // A window that can still be taken back would take this along, and the store would not know.
            if (QueueFactsReader.HoldsDecisions(await facts.Window(db, token)) is not null) { return; }
            rows = await db.Set<QueuedTransactionRow>().AsNoTracking().Include(t => t.OrderKeys)
                .Where(t => t.Pulled && !t.EndedAtSite && t.Told && t.Status == QueuedStatus.Rejected).OrderBy(t => t.Sequence).Take(100).ToListAsync(token);
        }
        foreach (var row in rows)
        {
            if ((await sql.ForEnd(row, "rejected", token)).Value is not { } run) { continue; }
            var verdict = await committer.Run(run.Database, committer.KeyOf(row.Site, $"{row.Key}/rejected"), row.PayloadSha256, run.Legs, run.Parameters, Actor.Console, null);
            if (verdict.Word is CommitWord.InDoubt) { continue; }
            // Refused: the row is not there any more or was changed. The site has ended it itself; asking again brings nothing.
            await recorder.Write(async (write, t) =>
            {
                if (await QueueService.Load(write.Db, row.Id, t, tracked: true) is not { } mine) { return; }
                mine.EndedAtSite = true;
                mine.Version++;
                write.Audit(Actor.Console, "transaction.endedAtSite", row.Id, new { key = row.Key, applied = verdict.Word == CommitWord.Applied, text = verdict.Text });
                write.Moved(Topics.Queue);
            }, token);
        }
    }

    public Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token) => Task.FromResult<IReadOnlyList<Need>>(
        Permissions.QueueRead.Roles.Any(actor.Is) ? [.. faults.OrderBy(f => f.Key).Select(f => new Need(Mark.Attention, $"Put aside for {f.Key}: {f.Value}", null, "See the queue", "queue"))] : []);

    /// <summary>The site whose own database it is; else the first that uses it.</summary>
    private string? SiteOf(string database) =>
        (settings.Estate.Sites.FirstOrDefault(s => s.Databases.Count > 0 && string.Equals(s.Databases[0], database, StringComparison.OrdinalIgnoreCase))?.Name) ?? settings.Estate.SitesOf(database).FirstOrDefault();
}

/// <summary>Looks into the sites' tables every few seconds.</summary>
public sealed class QueuePuller(QueuePull pull, Ground.Readiness ready, ConsoleSettings settings, TimeProvider time, ILogger<QueuePuller> log) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Estate.Pending.Count == 0) { return; }
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (ready.WaitsFor is not null) { continue; }
            try
            {
                await pull.Pull(stoppingToken);
                await pull.EndRejected(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The loop outlives a database or a store that is away.
            {
                log.LogWarning("What the sites put aside could not be read or ended: {Fault}", fault.Message);
            }
        }
    }
}
