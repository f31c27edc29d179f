using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.Audit;

/// <param name="FirstBad">null: the log is whole</param>
/// <param name="SignedUpTo">the newest entry whose head was signed; null: none was, so a cut-off end would not show</param>
public sealed record AuditVerdict(bool Whole, long Entries, BadEntry? FirstBad, long? SignedUpTo = null);

/// <summary>The log, read only: nothing here or elsewhere can change it.</summary>
public sealed class AuditService(StoreFactory store, Recorder recorder, AuditSeal seal, TimeProvider time)
{
    private const int ExportPart = 500;
    private const string Escape = "\\";

    /// <summary>Oldest first, after a sequence.</summary>
    public async Task<Answer<IReadOnlyList<AuditLine>>> After(Actor actor, long after, int limit, CancellationToken token)
    {
        if (Permissions.AuditRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        return new Answer<IReadOnlyList<AuditLine>>(await Part(db, after, limit, token), null);
    }

    /// <summary>Newest first, for reading.</summary>
    /// <param name="before">only entries older than this one; null: from the newest</param>
    /// <param name="text">somewhere in actor, action, subject or details; null: all</param>
    public async Task<Answer<IReadOnlyList<Entry>>> Newest(Actor actor, long? before, string? text, int limit, CancellationToken token)
    {
        if (Permissions.AuditRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        var rows = db.Audit.AsNoTracking();
        if (before is { } b) { rows = rows.Where(a => a.Sequence < b); }
        if (!string.IsNullOrWhiteSpace(text))
        {
            var part = $"%{text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            rows = store.Provider == StoreProvider.PostgreSql // SQLite's LIKE takes no notice of case; PostgreSQL has another word for that.
                ? rows.Where(a => EF.Functions.ILike(a.Actor, part, Escape) || EF.Functions.ILike(a.Action, part, Escape) || EF.Functions.ILike(a.Subject, part, Escape) || EF.Functions.ILike(a.DetailsJson, part, Escape))
                : rows.Where(a => EF.Functions.Like(a.Actor, part, Escape) || EF.Functions.Like(a.Action, part, Escape) || EF.Functions.Like(a.Subject, part, Escape) || EF.Functions.Like(a.DetailsJson, part, Escape));
        }
        var page = await rows.OrderByDescending(a => a.Sequence).Take(limit).ToListAsync(token);
        return new Answer<IReadOnlyList<Entry>>(page.ConvertAll(r => r.ToEntry()), null);
    }

    public async Task<Answer<AuditVerdict>> Verify(Actor actor, CancellationToken token)
    {
        if (Permissions.AuditRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        var found = await AuditReading.Verify(store, seal, token);
        return new AuditVerdict(found.Bad is null, found.Entries, found.Bad, found.SignedUpTo);
    }

    /// <summary>All of it, in parts. That somebody took it out is an entry, and the last one of what they take.</summary>
    public async Task<Answer<IAsyncEnumerable<AuditLine>>> Export(Actor actor, CancellationToken token)
    {
        if (Permissions.AuditRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await recorder.Write((write, _) => { write.Audit(actor, "audit.exported", "audit"); return Task.CompletedTask; }, token);
        await using var db = store.CreateDbContext();
        return new Answer<IAsyncEnumerable<AuditLine>>(Lines(await db.Audit.MaxAsync(a => a.Sequence, token), token), null);
    }

    private async IAsyncEnumerable<AuditLine> Lines(long last, [EnumeratorCancellation] CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        for (long after = 0; after < last;)
        {
            foreach (var line in await Part(db, after, ExportPart, token))
            {
                if (line.Sequence > last) { yield break; }
                after = line.Sequence;
                yield return line;
            }
        }
    }

    private static async Task<List<AuditLine>> Part(StoreContext db, long after, int limit, CancellationToken token) =>
        (await db.Audit.AsNoTracking().Where(a => a.Sequence > after).OrderBy(a => a.Sequence).Take(limit).ToListAsync(token)).ConvertAll(a => AuditLine.Of(a.ToEntry()));
}
