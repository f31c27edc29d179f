using System.Globalization;
using System.Text.Json;
using OpsConsole.Domain.Queue;
using OpsConsole.Engines;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>A row of a site's own table, written the way in which a site would have posted it, so that the same rules judge both.</summary>
/// <param name="Body">JSON as it is posted</param>
public sealed record PutAside(string Key, byte[] Body)
{
    /// <summary>Every value is the engine's text; a field that is null in the row is left out.</summary>
    /// <returns>null and the reason where the query does not give what a transaction needs</returns>
    public static (PutAside? Row, string? Fault) Of(KindSettings kind, IReadOnlyList<string> columns, IReadOnlyList<string?> values)
    {
        string? Value(string name)
        {
            for (var i = 0; i < columns.Count; i++) { if (string.Equals(columns[i], name, StringComparison.OrdinalIgnoreCase)) { return values[i]; } }
            return null;
        }
        if (Value("key") is not { Length: > 0 } key) { return (null, "The query gives no key."); }
        if (Value("started_at") is not { } started || Instant(started) is not { } at) { return (null, $"The query gives no started_at for {key}, with which an instant can be told."); }
        var fields = new Dictionary<string, object?>();
        foreach (var field in kind.Fields)
        {
            if (Value(field.Name) is { } text) { fields[field.Name] = Read(field, text, Value(field.Name + "_currency")); }
        }
        var body = new Dictionary<string, object?> { ["kind"] = kind.Name, ["fields"] = fields, ["startedAt"] = at };
        if (Value("external_id") is { Length: > 0 } external) { body["externalId"] = external; }
        return (new PutAside(key, JsonSerializer.SerializeToUtf8Bytes(body)), null);
    }

    // What is no value of its type stays text: the kind's own rule then says what is wrong with it.
    private static object? Read(FieldRule field, string text, string? currency) => field.Type switch
    {
        FieldType.Money => new { value = text, currency },
        FieldType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        FieldType.Boolean when text is "t" or "true" or "1" => true,
        FieldType.Boolean when text is "f" or "false" or "0" => false,
        FieldType.Instant => Instant(text) ?? text,
        _ => text,
    };

    /// <summary>Text without an offset is UTC: that is how both engines are asked.</summary>
    private static string? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : null;
}
