using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpsConsole.Domain.Audit;

/// <summary>
/// One text for one value: members sorted by name (ordinal), no spaces, strings escaped one way. Two texts that mean the same have the same hash,
/// whoever wrote them. Numbers keep their digits: 1.0 and 1 differ, as they do for money.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = false, Encoder = JavaScriptEncoder.Default };

    /// <exception cref="JsonException">the text is no JSON, or names a member twice in one object</exception>
    public static string Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    /// <exception cref="JsonException">a member is named twice in one object</exception>
    public static string Of(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, value);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A text, or null, in canonical form.</summary>
    public static string Quote(string? text) => text is null ? "null" : $"\"{JsonEncodedText.Encode(text, Options.Encoder)}\"";

    /// <summary>SHA-256 of the canonical text, hex in lower case.</summary>
    public static string Sha256(JsonElement value) => Sha256(Of(value));

    /// <param name="canonical">already in canonical form; it is not looked at</param>
    public static string Sha256(string canonical) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                string? last = null;
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    // Two members of one name mean one thing to one reader and another to the next: no hash may cover both.
                    if (member.Name == last)
                    {
                        throw new JsonException($"The member '{member.Name}' is there twice.");
                    }
                    writer.WritePropertyName(last = member.Name);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                writer.WriteRawValue(value.GetRawText());
                break;
        }
    }
}
