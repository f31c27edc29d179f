using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What stands beside a transaction at the desk: how the work goes, its order, what came before, notes, and who has it open.</summary>
public sealed class DeskService(StoreFactory store, Recorder recorder, QueueService queue, QueueFactsReader facts, DeskFlags flags, TimeProvider time)
{
    public const int LongestNote = 2000;
    /// <summary>A claim that is not renewed ends after this: its page has gone.</summary>
    public static readonly TimeSpan ClaimHolds = TimeSpan.FromSeconds(45);
    private static readonly QueuedStatus[] Decided = [QueuedStatus.Committed, QueuedStatus.Rejected];

    public async Task<Answer<QueueStanding>> Standing(Actor actor, CancellationToken token)
    {
        if (Refuse(actor, Permissions.QueueRead) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        var now = time.GetUtcNow();
        var window = await facts.Window(db, token);
        var since = window?.StartedAt ?? now.AddDays(-1);
        // Summed here: SQLite keeps a decimal as text and would sum it as a binary fraction.
        var rows = await db.Set<QueuedTransactionRow>().AsNoTracking().Where(t => !Decided.Contains(t.Status) || t.DecidedAt >= since)
            .Select(t => new { t.Id, t.Sequence, t.StartedAt, t.Status, t.Amount, t.Currency, t.DecidedBy, t.DecidedAt }).ToListAsync(token);
        var sums = rows.GroupBy(r => r.Status).OrderBy(g => g.Key).Select(g => new QueueSum(g.Key, g.Count(),
            [.. g.Where(r => r.Currency is not null).GroupBy(r => r.Currency!).OrderBy(c => c.Key).Select(c => new MoneyView(c.Sum(r => r.Amount ?? 0).ToString(CultureInfo.InvariantCulture), c.Key))]));
        var claims = await db.Set<DeskClaimRow>().AsNoTracking().Where(c => c.Until > now).ToListAsync(token);
        var decided = rows.Where(r => r.DecidedBy is not null && Decided.Contains(r.Status)).ToList();
        var team = decided.Select(r => r.DecidedBy!).Concat(claims.Select(c => c.By)).Distinct(StringComparer.Ordinal)
            .Select(name => new DeskMate(name, decided.Count(r => r.DecidedBy == name), rows.FirstOrDefault(r => claims.Any(c => c.By == name && c.TransactionId == r.Id))?.Sequence))
            .OrderByDescending(m => m.Decided).ThenBy(m => m.Name, StringComparer.Ordinal);
        return new QueueStanding([.. sums], [.. team], window, QueuePace.SecondsEach([.. decided.Where(r => r.DecidedAt > now - QueuePace.Over).Select(r => r.DecidedAt!.Value)]))
        {
            Oldest = rows.Where(r => !Decided.Contains(r.Status)).Select(r => (DateTimeOffset?)r.StartedAt).Min(),
        };
    }

    /// <summary>One transaction with all that stands beside it.</summary>
    public async Task<Answer<DeskView>> Look(Actor actor, string id, CancellationToken token)
    {
        if (Refuse(actor, Permissions.QueueRead) is { } no) { return no; }
        var it = await queue.Get(actor, id, token);
        await using var db = store.CreateDbContext();
        if (it.Refusal is { } refusal || await QueueService.Load(db, id, token) is not { } row) { return it.Refusal ?? new Refusal(RefusalCode.NotFound, $"There is no transaction {id}."); }
        var now = time.GetUtcNow();
        var (values, together) = (row.OrderKeys.Select(k => k.Value).ToList(), facts.Together(row.Kind));
        var same = db.Set<QueuedTransactionRow>().AsNoTracking().Where(t => together.Contains(t.Kind) && t.OrderKeys.Any(k => values.Contains(k.Value)));
        var open = await same.Where(t => !Decided.Contains(t.Status) || t.Id == id).OrderBy(t => t.Sequence).Take(50).ToListAsync(token);
        var last = await same.Where(t => Decided.Contains(t.Status) && t.Id != id && t.Sequence < row.Sequence).OrderByDescending(t => t.Sequence).Take(10).ToListAsync(token);
        var ids = open.Select(t => t.Id).Append(id).ToList();
        var claims = await db.Set<DeskClaimRow>().AsNoTracking().Where(c => ids.Contains(c.TransactionId) && c.Until > now).ToListAsync(token);
        string? OpenAt(string of) => claims.FirstOrDefault(c => c.TransactionId == of && c.By != actor.Name)?.By;
        DeskNeighbour Near(QueuedTransactionRow t) => new(t.Id, t.Sequence, t.Kind, QueueService.Money(t), t.Status, t.DecidedBy, t.DecidedAt, t.ReceivedAt, OpenAt(t.Id));
        var order = values.Count == 0 ? [] : open.Select(Near).ToList();
        var notes = await db.Set<DeskNoteRow>().AsNoTracking().Where(n => n.TransactionId == id).OrderByDescending(n => n.At).Take(50).ToListAsync(token);
        var claim = claims.FirstOrDefault(c => c.TransactionId == id && c.By != actor.Name);
        return new DeskView(it.Value!, order, [.. last.Select(Near)], [.. notes.Select(n => new DeskNote(n.By, n.At, n.Text))], claim is null ? null : new DeskClaim(claim.By, claim.Since),
            await flags.Of(db, row, order, await facts.Window(db, token), token))
        { OnlyTheyCommit = row.AboveLimit && actor.Is(Roles.Reviewer) && !await HasAnotherReviewer(db, actor, token) };
    }

    private static Task<bool> HasAnotherReviewer(StoreContext db, Actor actor, CancellationToken token) =>
        (from p in db.Users join u in db.UserRoles on p.Id equals u.UserId join r in db.Roles on u.RoleId equals r.Id where r.Name == Roles.Reviewer && !p.Disabled && p.Id != actor.Id select p.Id).AnyAsync(token);

    /// <summary>What others have open: not to be offered to somebody who asks for the next one.</summary>
    public async Task<Answer<IReadOnlySet<string>>> OpenElsewhere(Actor actor, CancellationToken token)
    {
        if (Refuse(actor, Permissions.QueueRead) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        var now = time.GetUtcNow();
        var ids = await db.Set<DeskClaimRow>().AsNoTracking().Where(c => c.Until > now && c.By != actor.Name).Select(c => c.TransactionId).ToListAsync(token);
        return new Answer<IReadOnlySet<string>>(ids.ToHashSet(StringComparer.Ordinal), null);
    }

    /// <summary>This person has it open from now on, and no other one. Where somebody else has it open already, theirs stands.</summary>
    /// <param name="id">null: none any more</param>
    public Task<Refusal?> Claim(Actor actor, string? id, CancellationToken token)
    {
        if (Refuse(actor, Permissions.QueueReview) is { } no) { return Task.FromResult<Refusal?>(no); }
        return recorder.Write<Refusal?>(async (write, t) =>
        {
            var claims = write.Db.Set<DeskClaimRow>();
            var rows = await claims.Where(c => c.By == actor.Name || c.TransactionId == id).ToListAsync(t);
            var there = rows.FirstOrDefault(c => c.TransactionId == id);
            var gone = rows.Where(c => c.By == actor.Name && c.TransactionId != id).ToList();
            claims.RemoveRange(gone);
            var taken = false;
            if (there is null && id is not null && await write.Db.Set<QueuedTransactionRow>().AnyAsync(q => q.Id == id, t))
            {
                claims.Add(new DeskClaimRow { TransactionId = id, By = actor.Name, Since = write.Now, Until = write.Now + ClaimHolds });
                taken = true;
            }
            else if (there is not null && there.By != actor.Name && there.Until <= write.Now)
            {
                (there.By, there.Since, there.Until, taken) = (actor.Name, write.Now, write.Now + ClaimHolds, true);
            }
            else if (there?.By == actor.Name) { there.Until = write.Now + ClaimHolds; }
            if (taken || gone.Count > 0) { write.Moved(Topics.Queue); }
            return null;
        }, token);
    }

    public async Task<Answer<DeskNote>> Note(Actor actor, string id, string? text, CancellationToken token)
    {
        if (Refuse(actor, Permissions.QueueReview) is { } no) { return no; }
        if (text?.Trim() is not { Length: > 0 and <= LongestNote } said) { return Refusal.Of("text", $"text: 1 to {LongestNote} characters."); }
        return await recorder.Write<Answer<DeskNote>>(async (write, t) =>
        {
            if (await QueueService.Load(write.Db, id, t) is not { } row) { return new Refusal(RefusalCode.NotFound, $"There is no transaction {id}."); }
            write.Db.Add(new DeskNoteRow { Id = Guid.CreateVersion7(write.Now).ToString(), TransactionId = id, At = write.Now, By = actor.Name, Text = said });
            write.Audit(actor, "transaction.note", id, new { what = row.Said, text = said });
            write.Moved(Topics.Queue);
            return new DeskNote(actor.Name, write.Now, said);
        }, token);
    }

    private Refusal? Refuse(Actor actor, Permission permission) =>
        actor.Site is not null ? new Refusal(RefusalCode.NotAllowed, "The desk is for people; a site reads its own transactions.") : permission.Refuse(actor, time.GetUtcNow());
}
