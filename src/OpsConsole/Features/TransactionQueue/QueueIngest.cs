using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Audit;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>The first answer, and the same one again for the same content.</summary>
public sealed record Taken(string Id, string Status, bool Replayed);

/// <summary>Takes what sites post. When it answers with an id, the transaction is on disk, once.</summary>
public sealed class QueueIngest(ConsoleSettings settings, QueueKeeping keeping, TimeProvider time)
{
    public const int MostBytes = 64 * 1024;
    private static readonly FieldRule StartedAt = new("startedAt", FieldType.Instant);
    // Outside of this it is a clock that was never set, or a field that was mistaken for another.
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);
    private static readonly string[] Members = ["kind", "fields", "startedAt", "externalId"];
    private readonly ConcurrentDictionary<(string Site, string Key), byte> working = new();
    private readonly ConcurrentDictionary<string, (long Second, int Count)> posts = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="keys">every value of the header; exactly one is right</param>
    public async Task<Answer<Taken>> Take(Actor actor, IReadOnlyList<string?> keys, ReadOnlyMemory<byte> body)
    {
        if (Permissions.QueuePost.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (settings.Estate.Sites.FirstOrDefault(s => string.Equals(s.Name, actor.Site, StringComparison.OrdinalIgnoreCase)) is not { } site)
        {
            return new Refusal(RefusalCode.NotAllowed, $"There is no site {actor.Site} in the estate.");
        }
        if (keys.Count == 0 || keys is [null or ""]) { return new Refusal(RefusalCode.MissingKey, "Send an Idempotency-Key: 1 to 255 printable ASCII characters, the same for each try of one transaction."); }
        if (keys is not [{ Length: <= 255 } key] || key.Any(c => c is < ' ' or > '~'))
        {
            return Invalid([new("Idempotency-Key", "range", "The Idempotency-Key has to be one value of 1 to 255 printable ASCII characters.")]);
        }
        if (body.Length > MostBytes) { return TooLarge(); }
        if (IsTooFast(site)) { return new Answer<Taken>(null, new Refusal(RefusalCode.TooMany, $"Site {site.Name} may post {site.PostsPerSecond} a second."), new { retryAfterSeconds = 1 }); }
        var read = Read(body);
        if (read.Refusal is { } refusal) { return new Answer<Taken>(null, refusal, read.More); }
        return await Keep(new Post(actor, site.Name, key, read.Value!));
    }

    /// <summary>One that its site put aside instead of posting it. The same rules; no limit, because the console reads at its own pace.</summary>
    internal async Task<Answer<Taken>> TakePutAside(Actor actor, string site, string key, ReadOnlyMemory<byte> body)
    {
        if (key.Length > 255 || key.Any(c => c is < ' ' or > '~')) { return Invalid([new("key", "range", "A key has 1 to 255 printable ASCII characters.")]); }
        if (body.Length > MostBytes) { return TooLarge(); }
        var read = Read(body);
        return read.Refusal is { } refusal ? new Answer<Taken>(null, refusal, read.More) : await Keep(new Post(actor, site, key, read.Value!, Pulled: true));
    }

    private async Task<Answer<Taken>> Keep(Post post)
    {
        if (!working.TryAdd((post.Site, post.Key), 0))
        {
            return new Answer<Taken>(null, new Refusal(RefusalCode.InProgress, "A transaction with this key is being taken right now; ask again."), new { retryAfterSeconds = 1 });
        }
        try
        {
            // Begun is begun: were it given up here, the same key could come again while it is still being written.
            return await keeping.Keep(post);
        }
        finally
        {
            working.TryRemove((post.Site, post.Key), out _);
        }
    }

    public static Answer<Taken> TooLarge() => new Refusal(RefusalCode.TooLarge, $"A transaction has at most {MostBytes / 1024} KiB.");

    private bool IsTooFast(SiteSettings site)
    {
        if (site.PostsPerSecond == 0) { return false; }
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        return posts.AddOrUpdate(site.Name, (second, 1), (_, was) => was.Second == second ? (second, was.Count + 1) : (second, 1)).Count > site.PostsPerSecond;
    }

    private Answer<Posted> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // The latter: half a surrogate pair, which is no text.
        {
            return Bad([new("body", "type", $"The body is no JSON: {fault.Message}")]);
        }
    }

    private Answer<Posted> Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) { return Bad([new("body", "type", "The body has to be an object with kind, fields and startedAt.")]); }
        var errors = new List<FieldFault>();
        foreach (var (name, twice) in TransactionKind.MembersOf(json))
        {
            if (!Members.Contains(name)) { errors.Add(new(name, "unknown", $"A transaction has no member {name}; it has {string.Join(", ", Members)}.")); }
            else if (twice) { errors.Add(new(name, "type", $"{name} is there twice.")); }
        }
        var kindName = Text(json, "kind", required: true, 64, errors);
        var externalId = Text(json, "externalId", required: false, 255, errors);
        var startedAt = Instant(json, time.GetUtcNow(), errors);
        var kind = kindName is null ? null : settings.Estate.Kind(kindName);
        if (kindName is not null && kind is null)
        {
            return new Refusal(RefusalCode.UnknownKind, $"There is no kind {kindName}; there are: {string.Join(", ", settings.Estate.TransactionKinds.Select(k => k.Name))}.");
        }
        if (!json.TryGetProperty("fields", out var fields)) { errors.Add(new("fields", "missing", "fields is missing.")); }
        if (kind is null || fields.ValueKind == JsonValueKind.Undefined) { return Bad(errors); }
        var rules = kind.ToKind();
        var read = rules.Read(fields);
        errors.AddRange(read.Errors.Select(e => new FieldFault(e.Field, e.Code, e.Message)));
        if (errors.Count > 0) { return Bad(errors); }
        var canonical = CanonicalJson.Of(fields);
        var payload = TransactionKind.PayloadSha256(kind.Name, canonical);
        var content = ContentSha256(payload, startedAt, externalId);
        var money = kind.Fields.FirstOrDefault(f => f.Type == FieldType.Money && read.Values[f.Name] is decimal)?.Name;
        return new Posted(
            kind.Name, canonical, startedAt, externalId, payload, content, rules.IsAboveLimit(read.Values),
            money is null ? null : (decimal?)read.Values[money], money is null ? null : (string?)read.Values[money + "_currency"], [.. rules.OrderKeysOf(read.Values).Distinct()]);
    }

    /// <summary>In canonical form: what is the same in any spelling has the same sum.</summary>
    internal static string ContentSha256(string payload, DateTimeOffset startedAt, string? externalId) => CanonicalJson.Sha256(
        $"{{\"externalId\":{CanonicalJson.Quote(externalId)},\"payload\":{CanonicalJson.Quote(payload)},\"startedAt\":{CanonicalJson.Quote(startedAt.ToString("O", CultureInfo.InvariantCulture))}}}");

    private static string? Text(JsonElement json, string name, bool required, int most, List<FieldFault> errors)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            if (required) { errors.Add(new(name, "missing", $"{name} is missing.")); }
            return null;
        }
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= most && !text.Contains('\0', StringComparison.Ordinal)) { return text; }
        errors.Add(new(name, "type", $"{name} has to be text of 1 to {most} characters."));
        return null;
    }

    private static DateTimeOffset Instant(JsonElement json, DateTimeOffset now, List<FieldFault> errors)
    {
        if (!json.TryGetProperty(StartedAt.Name, out var value) || value.ValueKind == JsonValueKind.Null) { errors.Add(new(StartedAt.Name, "missing", $"{StartedAt.Name} is missing.")); }
        else if (TransactionKind.ReadOne(StartedAt, value, out var read) is { } wrong) { errors.Add(new(wrong.Field, wrong.Code, wrong.Message)); }
        else if ((DateTimeOffset)read! is var at && (at < Earliest || at > now + ClocksDiffer)) { errors.Add(new(StartedAt.Name, "range", $"{StartedAt.Name} lies before {Earliest.Year} or more than a day ahead.")); }
        else { return at; }
        return default;
    }

    private static Answer<Posted> Bad(IReadOnlyList<FieldFault> errors) => new(null, new Refusal(RefusalCode.InvalidField, Say(errors)), new { errors });
    private static Answer<Taken> Invalid(IReadOnlyList<FieldFault> errors) => new(null, new Refusal(RefusalCode.InvalidField, Say(errors)), new { errors });
    private static string Say(IReadOnlyList<FieldFault> errors) => string.Join(' ', errors.Select(e => e.Message));
}
