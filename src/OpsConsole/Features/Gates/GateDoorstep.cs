using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Gates;

/// <summary>
/// The question before each login, answered before sign-in, rights and forms of the rest of the house are gone through, which cost more than the answer.
/// Only for a key that was looked up within the last two seconds, and by the same service, which asks for the right itself; everything else goes the long way.
/// </summary>
internal sealed class GateDoorstep(RequestDelegate next, GatesService gates)
{
    private static readonly PathString Gates = new("/api/v1/gates");

    public Task InvokeAsync(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Request.Path.StartsWithSegments(Gates, StringComparison.Ordinal, out var rest)
            && rest.Value is ['/', _, ..] site && site.IndexOf('/', 1) < 0 && !http.Request.Query.ContainsKey("wait") && ApiKeyHandler.Remembered(http.Request) is { } user
            ? Answer(http, user, site[1..]) : next(http);

    private async Task Answer(HttpContext http, System.Security.Claims.ClaimsPrincipal user, string site)
    {
        http.User = user;
        await (await GatesApi.Ask(site, http.Request.Query["instance"], null, null, http, gates, http.RequestAborted)).ExecuteAsync(http);
    }
}
