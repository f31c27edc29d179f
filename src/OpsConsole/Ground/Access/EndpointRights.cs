using OpsConsole.Domain;

namespace OpsConsole.Ground.Access;

/// <summary>On every endpoint: which right it needs, or that it is for anyone. One without either fails a test and answers 403.</summary>
public sealed record EndpointRight(Permission? Needs);

public static class EndpointRights
{
    /// <summary>
    /// The right is asked for before the endpoint runs; the service asks again with the object at hand. Nothing is taken and nothing is done before all that a crash may have left
    /// has been looked at.
    /// </summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Permission permission) where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new EndpointRight(permission)).RequireAuthorization();
        if (builder is RouteHandlerBuilder route)
        {
            route.AddEndpointFilter(async (context, next) =>
            {
                var http = context.HttpContext;
                var actor = await http.RequestServices.GetRequiredService<ActorSource>().Current(http.RequestAborted);
                if (actor is null) { return Problems.From(new Refusal(RefusalCode.Unauthorized, "Sign in first.")); }
                if (permission.Refuse(actor, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()) is { } refusal) { return Problems.From(refusal); }
                http.Items[typeof(Actor)] = actor;
                if (!HttpMethods.IsGet(http.Request.Method) && http.RequestServices.GetRequiredService<Readiness>().WaitsFor is { } what)
                {
                    http.Response.Headers.RetryAfter = "2";
                    return Problems.NotReady(what);
                }
                return await next(context);
            });
        }
        return builder;
    }

    public static TBuilder ForAnyone<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointRight(null)).AllowAnonymous();

    /// <summary>The actor that the filter of <see cref="Needs"/> read.</summary>
    public static Actor Actor(this HttpContext http) => (Actor)http.Items[typeof(Actor)]!;
}
