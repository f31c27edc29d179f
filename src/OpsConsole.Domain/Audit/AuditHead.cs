using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Domain.Audit;

/// <summary>
/// The newest entry at one moment, signed with a key that is not in the store. The chain shows what was changed in it; only a head outside shows that its end was cut off.
/// </summary>
/// <param name="Key">the first 16 hex digits of the SHA-256 of the public key: which key it was</param>
/// <param name="Signature">ECDSA over P-256 and SHA-256, base64</param>
public sealed record AuditHead(string Installation, long Sequence, string Hash, DateTimeOffset At, string Key, string Signature)
{
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static AuditHead Sign(ECDsa key, string installation, long sequence, string hash, DateTimeOffset at)
    {
        var moment = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        var open = new AuditHead(installation, sequence, hash, moment, NameOf(key), "");
        return open with { Signature = Convert.ToBase64String(key.SignData(open.Signed(), HashAlgorithmName.SHA256)) };
    }

    public bool IsSignedBy(ECDsa key)
    {
        var signature = new byte[Signature.Length];
        return Convert.TryFromBase64String(Signature, signature, out var length) && key.VerifyData(Signed(), signature.AsSpan(0, length), HashAlgorithmName.SHA256);
    }

    public static string NameOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];

    /// <summary>One line of the file of heads.</summary>
    public string ToLine() => JsonSerializer.Serialize(
        new { installation = Installation, sequence = Sequence, hash = Hash, at = At.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture), key = Key, signature = Signature });

    /// <exception cref="FormatException">the line is no head</exception>
    public static AuditHead Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            string Text(string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
            return new AuditHead(Text("installation"), json.GetProperty("sequence").GetInt64(), Text("hash"),
                DateTimeOffset.ParseExact(Text("at"), Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal), Text("key"), Text("signature"));
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"This is no head: {fault.Message}", fault);
        }
    }

    /// <summary>What is wrong with a head and the entry that it names; null: nothing.</summary>
    /// <param name="hash">of the entry with its sequence; null: the log has none</param>
    public BadEntry? Contradicts(string? hash, long entries) => hash == Hash ? null : hash is null
        ? new(entries + 1, string.Create(CultureInfo.InvariantCulture, $"Entry {entries + 1} is missing: the log ends with {entries}, and the head that was signed at {At:yyyy-MM-dd HH:mm:ss} UTC knows {Sequence} entries."))
        : new(Sequence, string.Create(CultureInfo.InvariantCulture, $"Entry {Sequence} is not the one whose head was signed at {At:yyyy-MM-dd HH:mm:ss} UTC."));

    private byte[] Signed() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"opsconsole audit head\n{Installation}\n{Sequence}\n{Hash}\n{At.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture)}\n{Key}"));
}
