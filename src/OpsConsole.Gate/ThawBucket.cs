using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Gate;

/// <summary>Which share of a site's members a user belongs to: the same on every instance and in the console, and another one on another site.</summary>
public static class ThawBucket
{
    /// <summary>0 to 99: the first four bytes, big-endian, of SHA-256 over site, line feed and user, modulo 100.</summary>
    public static int Of(string site, string user)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(user);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(site + "\n" + user), hash);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(hash) % 100);
    }
}
