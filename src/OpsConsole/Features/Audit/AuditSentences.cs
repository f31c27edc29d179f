using System.Text.Json;
using OpsConsole.Domain.Audit;

namespace OpsConsole.Features.Audit;

/// <summary>Entries in words: each room says how its own actions read.</summary>
public static class AuditSentences
{
    private static readonly Lazy<Dictionary<string, string>> Known = new(() =>
        House.Rooms.SelectMany(r => r.Sentences).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.First().Value));

    public static string Of(Entry entry)
    {
        if (!Known.Value.TryGetValue(entry.Action, out var sentence)) { return $"{entry.Action} {entry.Subject}"; }
        using var details = JsonDocument.Parse(entry.DetailsJson);
        sentence = sentence.Replace("{subject}", entry.Subject, StringComparison.Ordinal);
        if (details.RootElement.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in details.RootElement.EnumerateObject())
            {
                sentence = sentence.Replace($"{{{member.Name}}}", Word(member.Value), StringComparison.Ordinal);
            }
        }
        // Entries of before did not say what they were about.
        return sentence.Replace("{what}", $"transaction {entry.Subject}", StringComparison.Ordinal);
    }

    private static string Word(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? string.Join(", ", value.EnumerateArray().Select(Word)) : value.ToString();
}
