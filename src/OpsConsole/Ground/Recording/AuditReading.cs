using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Recording;

/// <summary>Reads the log in parts, so that a long one needs no more memory than a short one.</summary>
public static class AuditReading
{
    private const int Part = 2_000;

    /// <summary>How many entries were looked at, and the first bad one; null: the log is whole.</summary>
    public static async Task<(long Entries, BadEntry? Bad)> Verify(StoreContext db, CancellationToken token)
    {
        long entries = 0;
        List<Entry> last = [];
        while (true)
        {
            var after = last is [var l] ? l.Sequence : 0;
            var part = (await db.Audit.AsNoTracking().Where(a => a.Sequence > after).OrderBy(a => a.Sequence).Take(Part).ToListAsync(token)).ConvertAll(a => a.ToEntry());
            if (part.Count == 0) { return (entries, null); }
            if (entries == 0 && part[0].Sequence != 1) { return (0, new BadEntry(part[0].Sequence, $"Entry 1 is missing: the log begins with {part[0].Sequence}.")); }
            if (AuditChain.Verify(last.Concat(part)) is { } bad) { return (entries, bad); }
            entries += part.Count;
            last = [part[^1]];
        }
    }
}
