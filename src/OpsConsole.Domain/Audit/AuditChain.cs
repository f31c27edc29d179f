using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Domain.Audit;

/// <summary>One line of the log.</summary>
/// <param name="Sequence">gapless, from 1</param>
/// <param name="Proof">how the actor proved who they are</param>
/// <param name="DetailsJson">canonical JSON</param>
/// <param name="PreviousHash">hex; <see cref="AuditChain.Genesis"/> for the first</param>
/// <param name="Hash">SHA-256 over all fields before it, hex in lower case</param>
public sealed record Entry(
    long Sequence, DateTimeOffset At, string Actor, string Proof, string Action, string Subject, string DetailsJson, string PreviousHash, string Hash);

/// <summary>What was found wrong, and where.</summary>
public sealed record BadEntry(long Sequence, string Because);

/// <summary>
/// Each entry holds the hash of the one before, so that none can be changed, left out, put in or moved without every later hash changing too.
/// A cut-off end is not seen here: the signed head shows it.
/// </summary>
public static class AuditChain
{
    /// <summary>What the first entry has in place of a predecessor.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>The entry that follows <paramref name="previous"/>. Details are put into canonical form.</summary>
    /// <exception cref="System.Text.Json.JsonException">the details are no JSON</exception>
    public static Entry Append(Entry? previous, DateTimeOffset at, string actor, string proof, string action, string subject, string detailsJson)
    {
        var open = new Entry(
            (previous?.Sequence ?? 0) + 1, ToMicroseconds(at), actor, proof, action, subject, CanonicalJson.Of(detailsJson), previous?.Hash ?? Genesis, "");
        return open with { Hash = HashOf(open) };
    }

    /// <summary>SHA-256 over every field but the hash itself, each with its length before it: no two entries share their bytes by moving a border.</summary>
    public static string HashOf(Entry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var field in new[]
        {
            entry.Sequence.ToString(CultureInfo.InvariantCulture), TimeText(entry.At), entry.Actor, entry.Proof, entry.Action, entry.Subject,
            entry.DetailsJson, entry.PreviousHash,
        })
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The first entry that is not what it was when it was written, or null. The list may begin in the middle of the log.</summary>
    public static BadEntry? Verify(IEnumerable<Entry> entries)
    {
        Entry? before = null;
        foreach (var entry in entries)
        {
            if (entry.Sequence < 1 || (before is not null && entry.Sequence != before.Sequence + 1))
            {
                return new(entry.Sequence, before is null ? $"Entry {entry.Sequence} cannot be the first." : $"Entry {before.Sequence + 1} is missing: {entry.Sequence} follows {before.Sequence}.");
            }
            if (before is null ? entry.Sequence == 1 && entry.PreviousHash != Genesis : entry.PreviousHash != before.Hash)
            {
                return new(entry.Sequence, $"Entry {entry.Sequence} does not continue the one before it.");
            }
            if (HashOf(entry) != entry.Hash)
            {
                return new(entry.Sequence, $"Entry {entry.Sequence} was changed after it was written.");
            }
            before = entry;
        }
        return null;
    }

    // Stores keep microseconds: a finer time would not survive them, and the hash would break.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    private static string TimeText(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
