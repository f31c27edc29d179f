using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Recording;

/// <summary>Signs the head of the log after a hundred entries or a minute, whichever comes first, and once more at an orderly end. Each node keeps its own file: one more witness.</summary>
public sealed class AuditSealer(StoreFactory store, AuditSeal seal, Readiness readiness, TimeProvider time, ILogger<AuditSealer> log) : BackgroundService
{
    public const int EntriesAtMost = 100;
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private long? known;
    private long from;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        from = time.GetTimestamp();
        using var timer = new PeriodicTimer(Look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SealWhatIsDue(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // Store or disk failed for a moment; until it is done the end of the log is not proven.
            {
                log.LogError("The head of the audit log could not be signed: {Fault}", fault.Message);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Seal(CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OperationCanceledException) // At the end nobody is left to try again; the next start does.
        {
            log.LogError("The last head of the audit log could not be signed: {Fault}", fault.Message);
        }
    }

    /// <summary>Null: nothing was due.</summary>
    public async Task<AuditHead?> SealWhatIsDue(CancellationToken token)
    {
        known ??= seal.Heads() is [.., var last] ? last.Sequence : 0;
        await using var db = store.CreateDbContext();
        var newest = await db.Audit.MaxAsync(a => (long?)a.Sequence, token) ?? 0;
        // Fewer than were signed: the start has said so, and what comes now is signed all the same.
        if (newest < known) { known = newest; }
        if (newest == known) { from = time.GetTimestamp(); }
        return newest - known >= EntriesAtMost || (newest > known && time.GetElapsedTime(from) >= Within) ? await Seal(token) : null;
    }

    /// <summary>Null: there is nothing new to sign.</summary>
    public async Task<AuditHead?> Seal(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        if (readiness.Installation.Length == 0 || await db.Audit.AsNoTracking().OrderByDescending(a => a.Sequence).FirstOrDefaultAsync(token) is not { } newest || newest.Sequence == known) { return null; }
        using var key = seal.Key();
        var head = AuditHead.Sign(key, readiness.Installation, newest.Sequence, newest.Hash, time.GetUtcNow());
        seal.Append(head);
        (known, from) = (newest.Sequence, time.GetTimestamp());
        log.LogInformation("Audit head {Sequence} {Hash} signed by {Key}: {Signature}", head.Sequence, head.Hash, head.Key, head.Signature);
        return head;
    }
}

/// <summary>At the start: whether the log still ends where it was signed last. A log that is shorter is said loudly and written down; the console goes on, because the night may need it.</summary>
public sealed class AuditTail(StoreFactory store, AuditSeal seal, Recorder recorder, ILogger<AuditTail> log) : IStartStep
{
    private const int Newest = 500;
    public int Order => 50;

    public async Task Run(CancellationToken token)
    {
        if (await Look(token) is not { } bad) { return; }
        log.LogCritical("The audit log is broken: {Because}", bad.Because);
        await recorder.Write((write, _) => { write.Audit(Access.Actor.Console, "audit.broken", "audit", new { bad.Sequence, because = bad.Because }); return Task.CompletedTask; }, token);
    }

    private async Task<BadEntry?> Look(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var rows = await db.Audit.AsNoTracking().OrderByDescending(a => a.Sequence).Take(Newest).ToListAsync(token);
        rows.Reverse();
        if (AuditChain.Verify(rows.ConvertAll(r => r.ToEntry())) is { } bad) { return bad; }
        IReadOnlyList<AuditHead> heads;
        try
        {
            heads = seal.Heads();
        }
        catch (Exception fault) when (fault is FormatException or IOException or UnauthorizedAccessException)
        {
            log.LogError("The signed heads of the audit log could not be read: {Fault}", fault.Message);
            return null;
        }
        if (heads is not [.., var last]) { return null; }
        var hash = await db.Audit.AsNoTracking().Where(a => a.Sequence == last.Sequence).Select(a => a.Hash).SingleOrDefaultAsync(token);
        return last.Contradicts(hash, rows.Count == 0 ? 0 : rows[^1].Sequence);
    }
}
