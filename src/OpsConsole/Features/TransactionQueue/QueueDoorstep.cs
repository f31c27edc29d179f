using OpsConsole.Ground;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>
/// A site's post, taken before sign-in, rights and forms of the rest of the house are gone through, which cost more than to keep it. Only for a site's key that was looked up
/// within the last two seconds, and by the same service: it asks for the right itself, and whether the key still stands is asked in the transaction that keeps the post.
/// </summary>
internal sealed class QueueDoorstep(RequestDelegate next, QueueIngest ingest, Readiness readiness)
{
    private static readonly PathString Posts = new("/api/v1/transactions");

    public Task InvokeAsync(HttpContext http) =>
        readiness.WaitsFor is null && HttpMethods.IsPost(http.Request.Method) && http.Request.Path.Equals(Posts, StringComparison.Ordinal)
            && ApiKeyHandler.Remembered(http.Request) is { } user && ApiKeyHandler.SiteOf(user) is { } site ? Answer(http, site) : next(http);

    private async Task Answer(HttpContext http, Actor site) => await (await QueueApi.Post(site, http, ingest, http.RequestAborted)).ExecuteAsync(http);
}
