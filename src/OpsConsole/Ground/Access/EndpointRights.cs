using OpsConsole.Domain;

namespace OpsConsole.Ground.Access;

/// <summary>On every endpoint: which right it needs, or that it is for anyone. One without either fails a test and answers 403.</summary>
/// <param name="Asked">before its body is read, by <see cref="EndpointGuard"/>; otherwise the service alone asks</param>
public sealed record EndpointRight(Permission? Needs, bool Asked = false);

public static class EndpointRights
{
    /// <summary>
    /// The right is asked for before the endpoint runs; the service asks again with the object at hand. Nothing is taken and nothing is done before all that a crash may have left
    /// has been looked at.
    /// </summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Permission permission) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointRight(permission, Asked: true)).RequireAuthorization();

    public static TBuilder ForAnyone<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointRight(null)).AllowAnonymous();

    /// <summary>The actor that <see cref="EndpointGuard"/> read.</summary>
    public static Actor Actor(this HttpContext http) => (Actor)http.Items[typeof(Actor)]!;
}

/// <summary>Asks for the right of the endpoint before anything of the request is looked at: who may not do a thing hears nothing of how it is asked for.</summary>
internal sealed class EndpointGuard(RequestDelegate next, Readiness readiness, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext http, ActorSource actors)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<EndpointRight>() is not { Asked: true, Needs: { } permission }) { await next(http); return; }
        var actor = await actors.Current(http.RequestAborted);
        var refused = actor is null ? new Refusal(RefusalCode.Unauthorized, "Sign in first.") : permission.Refuse(actor, time.GetUtcNow());
        if (refused is not null) { await Problems.From(refused).ExecuteAsync(http); return; }
        http.Items[typeof(Actor)] = actor;
        if (!HttpMethods.IsGet(http.Request.Method) && readiness.WaitsFor is { } what)
        {
            http.Response.Headers.RetryAfter = "2";
            await Problems.NotReady(what).ExecuteAsync(http);
            return;
        }
        await next(http);
    }
}
