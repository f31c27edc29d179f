using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Domain.Audit;

namespace OpsConsole.Features.Audit;

/// <summary>An entry as it leaves the console: details as JSON in JSON. What is read back gives the same hash, because details have one canonical text.</summary>
public sealed record AuditLine(
    long Sequence, string At, string Actor, string Proof, string Action, string Subject, JsonNode? Details, string PreviousHash, string Hash)
{
    private static readonly int Members = typeof(AuditLine).GetProperties().Length;
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static AuditLine Of(Entry e) => new(
        e.Sequence, e.At.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture), e.Actor, e.Proof, e.Action, e.Subject, JsonNode.Parse(e.DetailsJson), e.PreviousHash, e.Hash);

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <exception cref="FormatException">the line is no entry</exception>
    public static Entry Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var e = document.RootElement;
            if (e.EnumerateObject().Count() != Members) { throw new FormatException($"An entry has {Members} members."); }
            string Text(string name) => e.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
            return new Entry(
                e.GetProperty("sequence").GetInt64(), DateTimeOffset.ParseExact(Text("at"), Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                Text("actor"), Text("proof"), Text("action"), Text("subject"), CanonicalJson.Of(e.GetProperty("details")), Text("previousHash"), Text("hash"));
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(fault.Message, fault);
        }
    }
}
