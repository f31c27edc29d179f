using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Gates;

/// <summary>What a newer client says besides is passed over: a freeze must not wait for a word that nobody here needs.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record AckBody(string? Instance, long? Version, int? SessionsLeft, string? AppVersion);
public sealed record FreezeBody(FreezeDepth? Depth, string? Message, string? Reason, bool IncludeSites = false);
public sealed record ThawBody(int? Share);

public static class GatesApi
{
    private static readonly TimeSpan CommentEvery = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Map(IEndpointRouteBuilder api)
    {
        var sites = api.MapGroup("/api/v1/gates/{site}");
        Site(sites.MapGet("", Ask));
        Site(sites.MapGet("/events", Events));
        Site(sites.MapPost("/acks", async (string site, AckBody body, HttpContext http, GatesService gates, CancellationToken token) =>
            (await gates.Acknowledge(Caller(http), site, InstanceOf(http, body.Instance), body.Version ?? 0, body.SessionsLeft, body.AppVersion, token)).ToResult(_ => Results.NoContent())));
        Site(sites.MapGet("/check", (string site, string? user, string? address, HttpContext http, GatesService gates) => gates.Check(Caller(http), site, user, address).ToResult(letIn =>
        {
            if (letIn) { return Results.NoContent(); }
            http.Response.Headers.RetryAfter = gates.RetryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        })));
        api.MapGet("/api/v1/gates", (int? limit, string? after, HttpContext http, GatesService gates) => gates.List(http.Actor()).ToPage(limit, after)).Needs(Permissions.GateRead);
        sites.MapPost("/freeze", async (string site, FreezeBody body, HttpContext http, GatesService gates, CancellationToken token) =>
            (await gates.Freeze(http.Actor(), site, body.Depth, body.Message, body.Reason, body.IncludeSites, token)).ToResult()).Needs(Permissions.GateFreeze);
        sites.MapPost("/thaw", async (string site, ThawBody body, HttpContext http, GatesService gates, CancellationToken token) =>
            (await gates.Thaw(http.Actor(), site, body.Share, token)).ToResult()).Needs(Permissions.GateThaw);
    }

    // A gate is asked thousands of times a second: the key's own claims say which site asks, and no store is read.
    private static void Site(RouteHandlerBuilder route) => route.WithMetadata(new EndpointRight(Permissions.GateAsk)).RequireAuthorization();

    private static Actor Caller(HttpContext http) => ApiKeyHandler.SiteOf(http.User)
        ?? new Actor(http.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "nobody", http.User.Identity?.Name ?? "somebody", new HashSet<string>(), "none");

    private static string InstanceOf(HttpContext http, string? instance) => string.IsNullOrWhiteSpace(instance) ? http.Connection.RemoteIpAddress?.ToString() ?? "unknown" : instance;

    internal static async Task<IResult> Ask(string site, string? instance, long? after, int? wait, HttpContext http, GatesService gates, CancellationToken token)
    {
        var answer = await gates.Ask(Caller(http), site, InstanceOf(http, instance), after, wait ?? 0, token);
        if (answer.Refusal is { Code: RefusalCode.NotNow }) { http.Response.Headers.RetryAfter = "1"; }
        return answer.ToResult(gate =>
        {
            var tag = $"\"{gate.Version}\"";
            http.Response.Headers.ETag = tag;
            http.Response.Headers.CacheControl = "no-store";
            return IsKnown(http, tag) ? Results.StatusCode(StatusCodes.Status304NotModified)
                : Results.Text(JsonSerializer.SerializeToUtf8Bytes(gate, Json), "application/json; charset=utf-8");
        });
    }

    // Weak or strong is the same here: the tag is a version, and the bytes follow from it.
    private static bool IsKnown(HttpContext http, string tag) => http.Request.Headers.IfNoneMatch is { Count: > 0 } sent
        && sent.Any(line => line is not null && line.Split(',').Any(t => t.AsSpan().Trim() is var one && (one.SequenceEqual("*") || (one.StartsWith("W/") ? one[2..] : one).SequenceEqual(tag))));

    private static async Task<IResult> Events(string site, string? instance, HttpContext http, GatesService gates, CancellationToken token)
    {
        var name = InstanceOf(http, instance);
        var first = await gates.Ask(Caller(http), site, name, null, 0, token);
        if (first.Refused) { return first.ToResult(); }
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            var sent = 0L;
            for (var gate = first.Value; gate is not null; gate = await gates.Next(site, name, sent, Shorter(gate.LeaseSeconds), token))
            {
                await http.Response.WriteAsync(gate.Version > sent ? $"event: gate\nid: {gate.Version}\ndata: {JsonSerializer.Serialize(gate, Json)}\n\n" : ": still here\n\n", token);
                await http.Response.Body.FlushAsync(token);
                sent = gate.Version;
            }
        }
        catch (OperationCanceledException) { /* The site has gone; its lease runs out by itself. */ }
        return Results.Empty;
    }

    private static TimeSpan Shorter(int leaseSeconds) => leaseSeconds / 2.0 is var half && half < CommentEvery.TotalSeconds ? TimeSpan.FromSeconds(half) : CommentEvery;
}
