using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Recording;

/// <param name="Entries">how many were looked at</param>
/// <param name="Bad">the first that is not as it was written; null: the log is whole</param>
/// <param name="SignedUpTo">the newest entry whose head was signed; null: none was, so a cut-off end would not show</param>
public sealed record AuditFindings(long Entries, BadEntry? Bad, long? SignedUpTo);

/// <summary>The chain and its signed heads, entry by entry: from the store or from a file.</summary>
/// <param name="key">the public key of the heads; null only where there are none</param>
public sealed class AuditWalk(IReadOnlyList<AuditHead> heads, ECDsa? key)
{
    private readonly ILookup<long, AuditHead> bySequence = heads.ToLookup(h => h.Sequence);
    private Entry? before;

    public long Entries { get; private set; }

    /// <summary>Null: it continues the one before it, and no head contradicts it.</summary>
    public BadEntry? Next(Entry entry)
    {
        if (AuditChain.VerifyNext(before, entry) is { } bad) { return bad; }
        before = entry;
        Entries++;
        return bySequence[entry.Sequence].Select(h => Signed(h) ?? h.Contradicts(entry.Hash, entry.Sequence)).FirstOrDefault(b => b is not null);
    }

    /// <summary>After the last entry: whether heads know of more.</summary>
    public AuditFindings End(BadEntry? bad)
    {
        var last = before?.Sequence ?? 0;
        bad ??= heads.Where(h => h.Sequence > last).Select(h => Signed(h) ?? h.Contradicts(null, last)).FirstOrDefault();
        return new AuditFindings(Entries, bad, heads.Count == 0 ? null : heads.Max(h => h.Sequence));
    }

    private BadEntry? Signed(AuditHead head) => key is not null && head.IsSignedBy(key) ? null : new(head.Sequence, $"The head of entry {head.Sequence} does not bear the signature of the key {(key is null ? "that is missing" : AuditHead.NameOf(key))}.");
}

/// <summary>Reads the log in parts, so that a long one needs no more memory than a short one; while one part is verified, the next is read.</summary>
public static class AuditReading
{
    private const int Part = 4_000;

    public static async Task<AuditFindings> Verify(StoreContext db, AuditSeal seal, CancellationToken token)
    {
        using var key = seal.PublicKey();
        var walk = new AuditWalk(seal.Heads(), key);
        var part = await After(db, 0, token);
        if (part is [{ Sequence: not 1 } first, ..]) { return walk.End(new BadEntry(first.Sequence, $"Entry 1 is missing: the log begins with {first.Sequence}.")); }
        while (part.Count > 0)
        {
            var now = part;
            var walked = Task.Run(() => now.Select(walk.Next).FirstOrDefault(b => b is not null), token);
            part = await After(db, now[^1].Sequence, token);
            if (await walked is { } bad) { return walk.End(bad); }
        }
        return walk.End(null);
    }

    private static Task<List<Entry>> After(StoreContext db, long sequence, CancellationToken token) =>
        db.Audit.AsNoTracking().Where(a => a.Sequence > sequence).OrderBy(a => a.Sequence).Take(Part)
            .Select(a => new Entry(a.Sequence, a.At, a.Actor, a.Proof, a.Action, a.Subject, a.DetailsJson, a.PreviousHash, a.Hash)).ToListAsync(token);
}
