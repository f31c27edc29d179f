using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>The door to the queue: read, preview, and every decision but the commit itself, which is in <see cref="QueueCommits"/>.</summary>
public sealed class QueueService(
    StoreFactory store, Recorder recorder, QueueFactsReader facts, QueueSql sql, QueueCommits commits, ConsoleSettings settings, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Of a reason, in characters: it stands in the log for as long as that is kept.</summary>
    public const int LongestReason = 2000;

    public async Task<Answer<TransactionView>> Get(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.QueueRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        return await Load(db, id, token) is { } row ? await View(db, row, actor, token) : NotThere(id);
    }

    /// <summary>A site's own; what belongs to another site is not there.</summary>
    public async Task<Answer<SiteTransactionView>> GetForSite(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.QueueRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        if (await Load(db, id, token) is not { } row || Permissions.QueueRead.Refuse(actor, time.GetUtcNow(), row.Site) is not null) { return NotThere(id); }
        using var fields = JsonDocument.Parse(row.FieldsJson);
        return new SiteTransactionView(
            row.Id, row.Told ? QueuedTransaction.NameOf(row.Status) : "pending", row.Key, row.Kind, fields.RootElement.Clone(), row.StartedAt, row.ReceivedAt, row.ExternalId,
            row.Told ? row.PublicReason : null, row.Told ? row.DecidedAt : null);
    }

    /// <param name="after">the sequence of the last one seen</param>
    public async Task<Answer<PageOf<TransactionView>>> List(Actor actor, QueuedStatus? status, string? after, int limit, CancellationToken token)
    {
        if (actor.Site is not null) { return new Refusal(RefusalCode.NotAllowed, "The list is for people; a site reads its own transactions one by one, and its outcomes."); }
        if (Permissions.QueueRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (!Paging.IsCursor(after, out var seen)) { return Paging.BadCursor(); }
        await using var db = store.CreateDbContext();
        if (Paging.Refuse(limit) is { } many) { return many; }
        var most = limit;
        var rows = await db.Set<QueuedTransactionRow>().AsNoTracking().Include(t => t.OrderKeys)
            .Where(t => t.Sequence > seen && (status == null || t.Status == status)).OrderBy(t => t.Sequence).Take(most + 1).ToListAsync(token);
        var page = rows.Take(most).ToList();
        var window = await facts.Window(db, token);
        var earlier = await facts.Earlier(db, page, token);
        return new PageOf<TransactionView>([.. page.Select(r => View(r, actor, Facts(r, window, earlier.GetValueOrDefault(r.Id))))], rows.Count > most ? Paging.Cursor(page[^1].Sequence) : null);
    }

    /// <summary>Runs the legs for real and takes them back.</summary>
    public async Task<Answer<PreviewView>> Preview(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.QueuePreview.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        if (await Load(db, id, token) is not { } row) { return NotThere(id); }
        if (row.ToDomain().Refuse("preview", actor.Name, new((await facts.Window(db, token))?.IsDeskOpen ?? true)) is { } wrong) { return await Refused<PreviewView>(db, row, actor, wrong, token); }
        var began = time.GetTimestamp();
        try
        {
            var run = await sql.For(row, token);
            if (run.Refusal is { } refusal) { return refusal; }
            var shown = await run.Value!.Database.Preview(run.Value.Legs, run.Value.Parameters, run.Value.Evidence, token);
            return new PreviewView([.. shown.Evidence.Select(e => new EvidenceView(e.Label, e.Before, e.After))], shown.RowsPerLeg, shown.WouldCommit, shown.Refusal,
                time.GetUtcNow(), time.GetElapsedTime(began).TotalMilliseconds, [.. run.Value.Legs.Select((l, i) => new LegView(l.Sql, l.Rows, i < shown.RowsPerLeg.Count ? shown.RowsPerLeg[i] : null))]);
        }
        catch (EngineFault fault)
        {
            return new Refusal(RefusalCode.NotNow, $"The database does not answer: {fault.Message}");
        }
    }

    public Task<Answer<TransactionView>> Commit(Actor actor, string id, CancellationToken token) =>
        Then(actor, id, commits.Commit(actor, id, token), token);

    public Task<Answer<TransactionView>> Approve(Actor actor, string id, CancellationToken token) => Permissions.QueueApprove.Refuse(actor, time.GetUtcNow()) is { } no
        ? Task.FromResult<Answer<TransactionView>>(no)
        : Decide(actor, id, "approve", null, (row, now) => row.Approve(actor.Name, now), token);

    public Task<Answer<TransactionView>> Reject(Actor actor, string id, string? reason, string? publicReason, CancellationToken token) =>
        Review(actor, id, "reject", reason, (row, now) => row.Reject(actor.Name, reason!, publicReason, now), token);

    public Task<Answer<TransactionView>> Hold(Actor actor, string id, string? reason, DateTimeOffset? until, CancellationToken token) =>
        until <= time.GetUtcNow() ? Task.FromResult<Answer<TransactionView>>(Refusal.Of("until", "until has to be later than now; left out, it is held until somebody puts it back."))
        : Review(actor, id, "hold", reason, (row, _) => row.Hold(actor.Name, reason!, until), token);

    public Task<Answer<TransactionView>> Unhold(Actor actor, string id, CancellationToken token) =>
        Review(actor, id, "unhold", "-", (row, _) => row.Unhold(actor.Name), token);

    public Task<Answer<TransactionView>> Withdraw(Actor actor, string id, CancellationToken token) => Permissions.QueueApprove.Refuse(actor, time.GetUtcNow()) is { } no
        ? Task.FromResult<Answer<TransactionView>>(no)
        : Decide(actor, id, "withdraw", null, (row, _) => row.Withdraw(actor.Name), token);

    /// <param name="site">null: of every site, for people</param>
    public async Task<Answer<PageOf<OutcomeView>>> Outcomes(Actor actor, string? site, string? after, TimeSpan wait, int limit, CancellationToken token)
    {
        if (Permissions.QueueRead.Refuse(actor, time.GetUtcNow(), actor.Site is null ? null : site ?? actor.Site) is { } no) { return no; }
        if (!Paging.IsCursor(after, out var seen)) { return Paging.BadCursor(); }
        if (Paging.Refuse(limit) is { } many) { return many; }
        if (site is not null && settings.Estate.Site(site) is null) { return new Refusal(RefusalCode.NotFound, $"There is no site {site} in the estate."); }
        var (of, most) = (actor.Site is null ? site : settings.Estate.Sites.FirstOrDefault(s => string.Equals(s.Name, actor.Site, StringComparison.OrdinalIgnoreCase))?.Name ?? actor.Site, limit);
        using var moved = feed.Subscribe(Topics.Queue);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            await using (var db = store.CreateDbContext())
            {
                var items = await (from o in db.Set<OutcomeRow>()
                                   join t in db.Set<QueuedTransactionRow>() on o.TransactionId equals t.Id
                                   where o.Sequence > seen && (of == null || o.Site == of)
                                   orderby o.Sequence
                                   select new { o.Sequence, o.Status, o.At, t.Id, t.Site, t.Key, t.ExternalId, t.Kind, t.PublicReason }).Take(most).ToListAsync(token);
                var left = wait - Stopwatch.GetElapsedTime(began);
                if (items.Count > 0 || left <= TimeSpan.Zero)
                {
                    return new PageOf<OutcomeView>([.. items.Select(i => new OutcomeView(i.Id, QueuedTransaction.NameOf(i.Status), i.Site, i.Key, i.ExternalId, i.Kind, i.PublicReason, i.At))],
                        items.Count > 0 ? Paging.Cursor(items[^1].Sequence) : after);
                }
            }
            var rest = wait - Stopwatch.GetElapsedTime(began);
            await moved.Wait(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, token);
        }
    }

    private Task<Answer<TransactionView>> Review(Actor actor, string id, string verb, string? reason, Func<QueuedTransaction, DateTimeOffset, QueuedTransaction> change, CancellationToken token) =>
        Permissions.QueueReview.Refuse(actor, time.GetUtcNow()) is { } no ? Task.FromResult<Answer<TransactionView>>(no)
        : string.IsNullOrWhiteSpace(reason) ? Task.FromResult<Answer<TransactionView>>(Refusal.Of("reason", "A reason is needed."))
        : reason.Length > LongestReason ? Task.FromResult<Answer<TransactionView>>(Refusal.Of("reason", $"A reason has at most {LongestReason} characters."))
        : Decide(actor, id, verb, reason, change, token);

    private Task<Answer<TransactionView>> Decide(Actor actor, string id, string verb, string? reason, Func<QueuedTransaction, DateTimeOffset, QueuedTransaction> change, CancellationToken token) =>
        Then(actor, id, recorder.Write<Refusal?>(async (write, t) =>
        {
            if (await Load(write.Db, id, t, tracked: true) is not { } row) { return NotThere(id); }
            var before = row.ToDomain();
            var window = await facts.Window(write.Db, t);
            if (before.Refuse(verb, actor.Name, new(window?.IsDeskOpen ?? true)) is { } wrong) { return Lost(row, wrong); }
            row.Take(change(before, write.Now));
            if (row.Status == QueuedStatus.Rejected)
            {
                row.DecidedBy = actor.Name;
                await QueueOutcomes.Decided(write, row, QueueFactsReader.HoldsDecisions(window), t);
            }
            write.Audit(actor, $"transaction.{verb}", id, new { what = row.Said, reason, payload = row.PayloadSha256, attempt = row.Attempt });
            write.Moved(Topics.Queue);
            return null;
        }, token), token);

    /// <summary>The transaction as it is now, whether the verb was done or refused.</summary>
    private async Task<Answer<TransactionView>> Then(Actor actor, string id, Task<Refusal?> verb, CancellationToken token)
    {
        var refusal = await verb;
        await using var db = store.CreateDbContext();
        await db.Database.OpenConnectionAsync(token);
        var row = await Load(db, id, token);
        return refusal is null ? await View(db, row!, actor, token)
            : row is null || refusal.Code is RefusalCode.NotAllowed or RefusalCode.StepUpNeeded ? refusal : await Refused<TransactionView>(db, row, actor, refusal, token);
    }

    private async Task<Answer<T>> Refused<T>(StoreContext db, QueuedTransactionRow row, Actor actor, Refusal refusal, CancellationToken token)
    {
        var view = await View(db, row, actor, token);
        return new Answer<T>(default, refusal, new { view.Can, Transaction = view });
    }

    /// <summary>Whoever comes too late is told who was faster.</summary>
    internal static Refusal Lost(QueuedTransactionRow row, Refusal refusal) => refusal.Code == RefusalCode.WrongState && (row.DecidedBy ?? row.CommittedBy ?? row.ApprovedBy) is { } by
        ? refusal with { Text = $"{refusal.Text} By {by}{((row.DecidedAt ?? row.ApprovedAt) is { } at ? $" at {at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} UTC" : "")}." }
        : refusal;

    internal static async Task<QueuedTransactionRow?> Load(StoreContext db, string id, CancellationToken token, bool tracked = false)
    {
        var rows = db.Set<QueuedTransactionRow>().Include(t => t.OrderKeys).Where(t => t.Id == id);
        return await (tracked ? rows : rows.AsNoTracking()).SingleOrDefaultAsync(token);
    }

    private QueueFacts Facts(QueuedTransactionRow row, OpenWindow? window, string? earlier) => new(window?.IsDeskOpen ?? true, earlier, facts.IsOutside(row.Kind, window));

    private async Task<TransactionView> View(StoreContext db, QueuedTransactionRow row, Actor actor, CancellationToken token) =>
        View(row, actor, await facts.For(db, row, await facts.Window(db, token), token));

    private TransactionView View(QueuedTransactionRow row, Actor actor, QueueFacts known) =>
        QueueText.View(row, settings.Estate.Kind(row.Kind)?.Database ?? "", known, verb => QueueCommits.RefuseByRight(verb, row, actor, time.GetUtcNow(), askProof: false), actor.Name);

    internal static MoneyView? Money(QueuedTransactionRow row) => row is { Amount: { } amount, Currency: { } currency } ? new(TransactionKind.Whole(amount, currency).ToString(CultureInfo.InvariantCulture), currency) : null;
    private static Refusal NotThere(string id) => new(RefusalCode.NotFound, $"There is no transaction {id}.");
}
