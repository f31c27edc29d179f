using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>
/// The commit: the store says Committing before the target is touched, the target's marker says what happened, the store says it after: each time in the journal's own transaction.
/// Between the two the store is not believed; the marker is read.
/// </summary>
public sealed class QueueCommits(
    StoreFactory store, Recorder recorder, QueueFactsReader facts, QueueSql sql, Committer committer, Ground.Settings.ConsoleSettings settings,
    Ground.Watching.EstateDatabases databases, TimeProvider time, ILogger<QueueCommits> log)
{
    private readonly UnderWay underWay = new();

    private sealed record Begun(Refusal? Refusal, int Version = 0, bool Done = false);

    /// <summary>The rights of a verb on this very row; above the limit a commit asks for a fresh proof.</summary>
    /// <param name="askProof">false: only whether it is open to this person; the proof is asked for when it is pressed</param>
    internal static Refusal? RefuseByRight(string verb, QueuedTransactionRow row, Actor actor, DateTimeOffset now, bool askProof = true) => verb switch
    {
        "approve" or "withdraw" => Permissions.QueueApprove.Refuse(actor, now),
        "preview" => Permissions.QueuePreview.Refuse(actor, now),
        "commit" when row.AboveLimit && askProof => (Permissions.QueueReview with { StepUp = true, Name = "Commit above the limit" }).Refuse(actor, now),
        _ => Permissions.QueueReview.Refuse(actor, now),
    };

    /// <summary>Null: it is committed, now or before, or its outcome is not known yet; the row says which.</summary>
    public async Task<Refusal?> Commit(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.QueueReview.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        if (await QueueService.Load(db, id, token) is not { } row) { return NotThere(id); }
        if (row.Status == QueuedStatus.Committed) { return null; }
        Answer<Runnable> run;
        try
        {
            run = await sql.For(row, token);
        }
        catch (EngineFault fault)
        {
            return new Refusal(RefusalCode.NotNow, $"The database does not answer: {fault.Message}");
        }
        var epoch = committer.Epoch;
        if (epoch == 0) { return new Refusal(RefusalCode.NotNow, "Another console drives; commit there."); }
        using var stay = underWay.Enter(id);
        return await Commit(actor, row, run, epoch, token);
    }

    private async Task<Refusal?> Commit(Actor actor, QueuedTransactionRow row, Answer<Runnable> run, long epoch, CancellationToken token)
    {
        // Judged like the others, so that whoever may not commit hears that first; begun it cannot be.
        if (run.Value is not { } runnable) { return (await recorder.Write((write, t) => Begin(write, actor, row.Id, epoch, run.Refusal, t), token)).Refusal; }
        var begun = new Begun(null);
        CommitVerdict? verdict;
        try
        {
            verdict = await committer.Run(
                runnable.Database, committer.KeyOf(row.Site, row.Key), row.PayloadSha256, runnable.Legs, runnable.Parameters, actor, row.Window, new CommitRow(
                    async (write, t) =>
                    {
                        token.ThrowIfCancellationRequested();
                        begun = await Begin(write, actor, row.Id, epoch, null, t);
                        return begun is { Refusal: null, Done: false };
                    },
                    async seen =>
                    {
                        var result = seen.Word == CommitWord.Applied ? JsonSerializer.Serialize(new ResultView(seen.Rows, await ReadBack(runnable)), JsonSerializerOptions.Web) : null;
                        return (write, t) => Settle(write, row.Id, begun.Version, seen, actor, result, t);
                    }));
        }
        catch (FenceRefused fault)
        {
            log.LogCritical("{Database} refused the fence: {Fault}", runnable.Database.Name, fault.Message);
            return new Refusal(RefusalCode.NotNow, "Another console has taken over; it reads the marker and says what became of this one.");
        }
        return verdict?.Word switch
        {
            null => begun.Refusal,
            CommitWord.Refused => new Refusal(RefusalCode.NotNow, $"The database refused and nothing was changed: {verdict.Text}"),
            CommitWord.Conflict => new Refusal(RefusalCode.NotNow, $"Nothing was run. {verdict.Text} It is held until a person has looked."),
            _ => null,
        };
    }

    private async Task<Begun> Begin(StoreWrite write, Actor actor, string id, long epoch, Refusal? notRunnable, CancellationToken token)
    {
        if (await QueueService.Load(write.Db, id, token, tracked: true) is not { } row) { return new Begun(NotThere(id)); }
        if (row.Status == QueuedStatus.Committed) { return new Begun(null, Done: true); }
        var window = await facts.Window(write.Db, token);
        var known = await facts.For(write.Db, row, window, token);
        var before = row.ToDomain();
        if (before.Refuse("commit", actor.Name, known) is { } wrong) { return new Begun(QueueService.Lost(row, wrong)); }
        if (RefuseByRight("commit", row, actor, write.Now) is { } no) { return new Begun(no); }
        if (notRunnable is not null) { return new Begun(notRunnable); }
        row.Take(before.BeginCommit(actor.Name, write.Now, known));
        (row.Epoch, row.Window) = (epoch, QueueFactsReader.HoldsDecisions(window));
        write.Audit(actor, "transaction.committing", id, new { what = row.Said, attempt = row.Attempt, epoch, payload = row.PayloadSha256, key = row.Key, site = row.Site });
        write.Moved(Topics.Queue);
        return new Begun(null, row.Version);
    }

    /// <summary>What the database shows after the commit; where it cannot be read, nothing is claimed.</summary>
    private static async Task<IReadOnlyList<EvidenceView>> ReadBack(Runnable run)
    {
        try
        {
            var seen = await run.Database.Preview([], run.Parameters, run.Evidence, CancellationToken.None);
            return [.. seen.Evidence.Select(e => new EvidenceView(e.Label, null, e.After))];
        }
        catch (EngineFault)
        {
            return [];
        }
    }

    /// <param name="version">of the row when it was begun: where something else has moved it since, its marker is read again and this verdict is void</param>
    private async Task Settle(StoreWrite write, string id, int version, CommitVerdict verdict, Actor actor, string? result, CancellationToken token)
    {
        if (await QueueService.Load(write.Db, id, token, tracked: true) is not { } row || row.Version != version) { return; }
        var before = row.ToDomain();
        row.Take(verdict.Word switch
        {
            CommitWord.Applied => before.MarkCommitted(write.Now),
            CommitWord.InDoubt when before.Status == QueuedStatus.InDoubt => before,
            CommitWord.InDoubt => before.MarkInDoubt(verdict.Text ?? "The outcome is not known."),
            CommitWord.Conflict => before.MarkNotApplied().Hold(Actor.Console.Name, verdict.Text ?? "The key was applied with another content.", null),
            _ when before.Status == QueuedStatus.InDoubt || actor == Actor.Console => before.MarkNotApplied(),
            _ => before.MarkRefused(verdict.Text ?? "The database refused."),
        });
        row.ResultJson = result ?? row.ResultJson;
        if (row.Status == QueuedStatus.Committed)
        {
            row.DecidedBy = row.CommittedBy;
            var window = await facts.Window(write.Db, token);
            await QueueOutcomes.Decided(write, row, window?.Id == row.Window ? QueueFactsReader.HoldsDecisions(window) : null, token);
        }
        else if (row.Status is QueuedStatus.Pending or QueuedStatus.Approved or QueuedStatus.Held)
        {
            row.Window = null;
        }
        write.Audit(actor, $"transaction.{QueuedTransaction.NameOf(row.Status)}", id, new { what = row.Said, attempt = row.Attempt, text = verdict.Text, rows = verdict.Rows, settled = actor == Actor.Console });
        write.Moved(Topics.Queue);
    }

    /// <summary>Reads the markers of all whose outcome is not known: those in doubt, and those that were begun by a console which is gone, or here and never brought to an end.</summary>
    public async Task SettleAll(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var epoch = committer.Epoch;
        if (epoch == 0) { return; }
        var rows = await db.Set<QueuedTransactionRow>().AsNoTracking()
            .Where(t => t.Status == QueuedStatus.InDoubt || (t.Status == QueuedStatus.Committing && t.Epoch <= epoch)).OrderBy(t => t.Sequence).ToListAsync(token);
        var ended = new HashSet<(string, long)>();
        foreach (var row in rows)
        {
            if (row.Status == QueuedStatus.Committing && row.Epoch == epoch && await IsUnderWay(row, db, token)) { continue; }
            if (settings.Estate.Kind(row.Kind) is not { } kind || databases.Find(kind.Database) is not { } database) { continue; }
            CommitVerdict verdict;
            try
            {
                verdict = await committer.Settle(database, committer.KeyOf(row.Site, row.Key), row.PayloadSha256, row.Epoch, ended, token);
            }
            catch (EngineFault fault)
            {
                verdict = new CommitVerdict(CommitWord.InDoubt, [], fault.Message);
            }
            if (row.Status == QueuedStatus.InDoubt && verdict.Word == CommitWord.InDoubt) { continue; }
            var result = verdict.Word == CommitWord.Applied ? await ReadAgain(row, token) : null;
            await recorder.Write((write, t) => Settle(write, row.Id, row.Version, verdict, Actor.Console, result, t), token);
        }
    }

    /// <summary>Null where it cannot be read: the marker has said that it is committed, and the rest must not keep the console from starting.</summary>
    private async Task<string?> ReadAgain(QueuedTransactionRow row, CancellationToken token)
    {
        try
        {
            return await sql.For(row, token) is { Value: { } run } ? JsonSerializer.Serialize(new ResultView([], await ReadBack(run)), JsonSerializerOptions.Web) : null;
        }
        catch (EngineFault fault)
        {
            log.LogWarning("What transaction {Id} shows could not be read: {Fault}", row.Id, fault.Message);
            return null;
        }
    }

    // Asked in this order: whoever is not under way now and has not moved the row either will not do so any more.
    private async Task<bool> IsUnderWay(QueuedTransactionRow row, StoreContext db, CancellationToken token) =>
        underWay.Has(row.Id) || !await db.Set<QueuedTransactionRow>().AnyAsync(t => t.Id == row.Id && t.Version == row.Version, token);

    /// <summary>What was held until a time that has come waits again.</summary>
    public async Task LetGo(CancellationToken token)
    {
        var now = time.GetUtcNow();
        await using var db = store.CreateDbContext();
        if (await db.Set<QueuedTransactionRow>().AnyAsync(r => r.Status == QueuedStatus.Held && r.HeldUntil != null && r.HeldUntil <= now, token)) { await Unhold(token); }
    }

    private Task Unhold(CancellationToken token) => recorder.Write(async (write, t) =>
    {
        var due = await write.Db.Set<QueuedTransactionRow>().Include(r => r.OrderKeys).Where(r => r.Status == QueuedStatus.Held && r.HeldUntil != null && r.HeldUntil <= write.Now).ToListAsync(t);
        foreach (var row in due)
        {
            row.Take(row.ToDomain().Unhold(Actor.Console.Name));
            write.Audit(Actor.Console, "transaction.unhold", row.Id, new { what = row.Said, reason = "its time has come" });
            write.Moved(Topics.Queue);
        }
    }, token);

    private static Refusal NotThere(string id) => new(RefusalCode.NotFound, $"There is no transaction {id}.");
}
