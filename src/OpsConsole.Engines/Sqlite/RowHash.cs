using System.Buffers.Binary;
using System.Numerics;

namespace OpsConsole.Engines.Sqlite;

/// <summary>Two 64-bit hashes of one row with different seeds: multiply and rotate over words of eight bytes, then an avalanche. The same on every machine and in every run.</summary>
internal struct RowHash()
{
    private const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9, P4 = 0x85EBCA77C2B2AE63;

    private ulong first = P3;
    private ulong second = P4;

    public void Add(ulong word)
    {
        first = (BitOperations.RotateLeft(first ^ (BitOperations.RotateLeft(word * P2, 31) * P1), 27) * P1) + P4;
        second = (BitOperations.RotateLeft(second ^ (BitOperations.RotateLeft(word * P4, 29) * P3), 25) * P2) + P1;
    }

    /// <summary>The length goes first, so that 'ab', 'c' is not 'a', 'bc'.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..]) { Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes)); }
        if (bytes.Length > 0)
        {
            Span<byte> rest = stackalloc byte[8];
            rest.Clear();
            bytes.CopyTo(rest);
            Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }
    }

    public readonly (ulong First, ulong Second) End() => (Avalanche(first), Avalanche(second));

    private static ulong Avalanche(ulong h)
    {
        h = (h ^ (h >> 33)) * P2;
        h = (h ^ (h >> 29)) * P3;
        return h ^ (h >> 32);
    }
}
