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
    public BadEntry? Next(Entry entry) => Next(entry, AuditChain.HashOf(entry) == entry.Hash);

    /// <param name="isSound">its own hash was looked at already, and is right</param>
    public BadEntry? Next(Entry entry, bool isSound)
    {
        if (AuditChain.VerifyNext(before, entry, isSound) is { } bad) { return bad; }
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

/// <summary>
/// Reads the log in parts, so that a long one needs no more memory than a short one. Each part is read and its hashes are taken by itself, as many at a time as there are processors;
/// how the entries follow one another is looked at in their order.
/// </summary>
public static class AuditReading
{
    private const int Size = 4_000;

    private sealed record Part(List<Entry> Entries, List<bool> Sound);

    public static async Task<AuditFindings> Verify(StoreFactory store, AuditSeal seal, CancellationToken token)
    {
        using var key = seal.PublicKey();
        var walk = new AuditWalk(seal.Heads(), key);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
        var ahead = new Queue<Task<Part>>();
        var next = 0L;
        try
        {
            while (true)
            {
                // The log has no gaps, so where a part begins is known before the one before it was read. Where it has one, the walk ends there.
                for (; ahead.Count < Environment.ProcessorCount + 1; next += Size)
                {
                    var from = next;
                    ahead.Enqueue(Task.Run(() => Read(store, from, enough.Token), enough.Token));
                }
                var part = await ahead.Dequeue();
                if (walk.Entries == 0 && part.Entries is [{ Sequence: not 1 } first, ..]) { return walk.End(new BadEntry(first.Sequence, $"Entry 1 is missing: the log begins with {first.Sequence}.")); }
                for (var i = 0; i < part.Entries.Count; i++)
                {
                    if (walk.Next(part.Entries[i], part.Sound[i]) is { } bad) { return walk.End(bad); }
                }
                if (part.Entries.Count < Size) { return walk.End(null); }
            }
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(ahead.Select(a => a.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
        }
    }

    private static async Task<Part> Read(StoreFactory store, long after, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var entries = await db.Audit.AsNoTracking().Where(a => a.Sequence > after).OrderBy(a => a.Sequence).Take(Size)
            .Select(a => new Entry(a.Sequence, a.At, a.Actor, a.Proof, a.Action, a.Subject, a.DetailsJson, a.PreviousHash, a.Hash)).ToListAsync(token);
        return new Part(entries, entries.ConvertAll(e => AuditChain.HashOf(e) == e.Hash));
    }
}
