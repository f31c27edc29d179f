using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.TransactionQueue;

public static class QueueApi
{
    public sealed record NoteBody(string? Text);
    public sealed record Reasons(string? Reason, string? PublicReason, DateTimeOffset? Until);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/v1/transactions", (HttpContext http, QueueIngest ingest, CancellationToken token) => Post(http.Actor(), http, ingest, token)).Needs(Permissions.QueuePost);
        api.MapGet("/api/v1/transactions", List).Needs(Permissions.QueueRead);
        api.MapGet("/api/v1/transactions/{id}", async (string id, HttpContext http, QueueService queue, CancellationToken token) => http.Actor().Site is not null
            ? (await queue.GetForSite(http.Actor(), id, token)).ToResult() : (await queue.Get(http.Actor(), id, token)).ToResult()).Needs(Permissions.QueueRead);
        api.MapGet("/api/v1/outcomes", async (string? after, int? wait, int? limit, string? site, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Outcomes(http.Actor(), site, after, TimeSpan.FromSeconds(Math.Clamp(wait ?? 0, 0, 30)), limit ?? Paging.Default, token)).ToResult()).Needs(Permissions.QueueRead);
        api.MapPost("/api/v1/transactions/{id}/preview", async (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Preview(http.Actor(), id, token)).ToResult()).Needs(Permissions.QueuePreview);
        api.MapPost("/api/v1/transactions/{id}/approve", async (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Approve(http.Actor(), id, token)).ToResult()).Needs(Permissions.QueueApprove);
        api.MapPost("/api/v1/transactions/{id}/commit", async (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Commit(http.Actor(), id, token)).ToResult(t => t.Status == QueuedStatus.Committed ? Results.Ok(t) : Results.Json(t, statusCode: 202))).Needs(Permissions.QueueReview);
        api.MapPost("/api/v1/transactions/{id}/unhold", async (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Unhold(http.Actor(), id, token)).ToResult()).Needs(Permissions.QueueReview);
        api.MapPost("/api/v1/transactions/{id}/withdraw", async (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            (await queue.Withdraw(http.Actor(), id, token)).ToResult()).Needs(Permissions.QueueApprove);
        api.MapPost("/api/v1/transactions/{id}/notes", Note).Needs(Permissions.QueueReview);
        api.MapPost("/api/v1/transactions/{id}/reject", (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            WithReason(http, said => queue.Reject(http.Actor(), id, said.Reason, said.PublicReason, token), token)).Needs(Permissions.QueueReview);
        api.MapPost("/api/v1/transactions/{id}/hold", (string id, HttpContext http, QueueService queue, CancellationToken token) =>
            WithReason(http, said => queue.Hold(http.Actor(), id, said.Reason, said.Until, token), token)).Needs(Permissions.QueueReview);
    }

    internal static async Task<IResult> Post(Actor actor, HttpContext http, QueueIngest ingest, CancellationToken token)
    {
        var body = await Body(http, token);
        var answer = body is { } bytes ? await ingest.Take(actor, [.. http.Request.Headers["Idempotency-Key"]], bytes) : QueueIngest.TooLarge();
        if (answer.Refusal?.Code is RefusalCode.InProgress or RefusalCode.TooMany) { http.Response.Headers.RetryAfter = "1"; }
        return answer.ToResult(taken =>
        {
            if (taken.Replayed) { http.Response.Headers["Idempotency-Replayed"] = "true"; }
            return Results.Json(new { taken.Id, taken.Status }, statusCode: 201);
        });
    }

    private static async Task<IResult> List(string? status, string? after, int? limit, HttpContext http, QueueService queue, CancellationToken token)
    {
        QueuedStatus? wanted = null;
        if (status is not null)
        {
            wanted = Enum.GetValues<QueuedStatus>().Cast<QueuedStatus?>().FirstOrDefault(s => QueuedTransaction.NameOf(s!.Value) == status);
            if (wanted is null)
            {
                return Problems.From(Refusal.Of("status", $"There is no status {status}; there are: {string.Join(", ", Enum.GetValues<QueuedStatus>().Select(QueuedTransaction.NameOf))}."));
            }
        }
        return (await queue.List(http.Actor(), wanted, after, limit ?? Paging.Default, token)).ToResult();
    }

    private static Task<IResult> Note(string id, HttpContext http, DeskService desk, CancellationToken token) => WithBody<NoteBody>(http, async said =>
        (await desk.Note(http.Actor(), id, said?.Text, token)).ToResult(note => Results.Json(note, statusCode: 201)), token);

    /// <summary>Null: more than a transaction may have. Never more than that is read.</summary>
    private static async Task<ReadOnlyMemory<byte>?> Body(HttpContext http, CancellationToken token)
    {
        if (http.Request.ContentLength > QueueIngest.MostBytes) { return null; }
        var bytes = new byte[(http.Request.ContentLength ?? QueueIngest.MostBytes) + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, token);
        return length > QueueIngest.MostBytes ? null : bytes.AsMemory(0, length);
    }

    private static Task<IResult> WithReason(HttpContext http, Func<Reasons, Task<Answer<TransactionView>>> verb, CancellationToken token) =>
        WithBody<Reasons>(http, async said => (await verb(said ?? new Reasons(null, null, null))).ToResult(), token);

    private static async Task<IResult> WithBody<T>(HttpContext http, Func<T?, Task<IResult>> act, CancellationToken token)
    {
        if (await Body(http, token) is not { } bytes) { return QueueIngest.TooLarge().ToResult(); }
        try
        {
            return await act(bytes.Length == 0 ? default : JsonSerializer.Deserialize<T>(bytes.Span, ApiJson.Options));
        }
        catch (JsonException fault)
        {
            var wrong = ApiJson.FaultOf(fault);
            return Problems.From(new Refusal(RefusalCode.InvalidField, wrong.Message), new { errors = new[] { wrong } });
        }
    }
}
