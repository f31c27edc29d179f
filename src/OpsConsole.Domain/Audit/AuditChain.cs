using System.Buffers;
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
        Span<char> number = stackalloc char[20];
        Span<char> time = stackalloc char[TimeFormat.Length];
        entry.Sequence.TryFormat(number, out var digits, default, CultureInfo.InvariantCulture);
        entry.At.UtcDateTime.TryFormat(time, out var letters, TimeFormat, CultureInfo.InvariantCulture);
        var most = 8 * sizeof(int) + Encoding.UTF8.GetMaxByteCount(
            digits + letters + entry.Actor.Length + entry.Proof.Length + entry.Action.Length + entry.Subject.Length + entry.DetailsJson.Length + entry.PreviousHash.Length);
        // One piece for the sum: fed in field by field, a long log is verified at a third of the speed.
        var bytes = ArrayPool<byte>.Shared.Rent(most);
        var end = 0;
        Put(bytes, ref end, number[..digits]);
        Put(bytes, ref end, time[..letters]);
        Put(bytes, ref end, entry.Actor);
        Put(bytes, ref end, entry.Proof);
        Put(bytes, ref end, entry.Action);
        Put(bytes, ref end, entry.Subject);
        Put(bytes, ref end, entry.DetailsJson);
        Put(bytes, ref end, entry.PreviousHash);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, end), hash);
        ArrayPool<byte>.Shared.Return(bytes);
        return Convert.ToHexStringLower(hash);
    }

    private static void Put(byte[] bytes, ref int end, ReadOnlySpan<char> field)
    {
        var length = Encoding.UTF8.GetBytes(field, bytes.AsSpan(end + sizeof(int)));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(end), length);
        end += sizeof(int) + length;
    }

    /// <summary>The first entry that is not what it was when it was written, or null. The list may begin in the middle of the log.</summary>
    public static BadEntry? Verify(IEnumerable<Entry> entries)
    {
        Entry? before = null;
        foreach (var entry in entries)
        {
            if (VerifyNext(before, entry) is { } bad) { return bad; }
            before = entry;
        }
        return null;
    }

    /// <summary>Null: the entry is what it was when it was written, and follows the one before, which was looked at already.</summary>
    /// <param name="before">null: the entry is the first that is looked at</param>
    public static BadEntry? VerifyNext(Entry? before, Entry entry) => VerifyNext(before, entry, HashOf(entry) == entry.Hash);

    /// <param name="isSound">whether its hash is the one over its fields: the costly part, which needs no neighbour and may be looked at beforehand</param>
    public static BadEntry? VerifyNext(Entry? before, Entry entry, bool isSound)
    {
        if (entry.Sequence < 1 || (before is not null && entry.Sequence != before.Sequence + 1))
        {
            return new(entry.Sequence, before is null ? $"Entry {entry.Sequence} cannot be the first." : $"Entry {before.Sequence + 1} is missing: {entry.Sequence} follows {before.Sequence}.");
        }
        if (before is null ? entry.Sequence == 1 && entry.PreviousHash != Genesis : entry.PreviousHash != before.Hash)
        {
            return new(entry.Sequence, $"Entry {entry.Sequence} does not continue the one before it.");
        }
        return isSound ? null : new(entry.Sequence, $"Entry {entry.Sequence} was changed after it was written.");
    }

    // Stores keep microseconds: a finer time would not survive them, and the hash would break.
    private static DateTimeOffset ToMicroseconds(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
}
