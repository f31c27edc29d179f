using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OpsConsole.Gate;

/// <summary>How a site's requests are read at the gate.</summary>
public sealed class GateMiddlewareOptions
{
    /// <summary>Requests under these paths are logins.</summary>
    public IReadOnlyList<string> LoginPaths { get; set; } = ["/login", "/signin", "/account/login"];

    /// <summary>Requests under these paths are always let through: health, style sheets.</summary>
    public IReadOnlyList<string> FreePaths { get; set; } = ["/health", "/favicon.ico"];

    /// <summary>Who asks; by default the signed-in user's name.</summary>
    public Func<HttpContext, string?> User { get; set; } = c => c.User.Identity is { IsAuthenticated: true, Name: var name } ? name : null;
}

/// <summary>
/// Refuses with a 503 page and <c>Retry-After</c> whom the gate refuses. It stands after authentication. While a site thaws the name is known only once somebody
/// has signed in: the login pages are let through then, and the site's sign-in asks <see cref="GateClient.Ask"/> with the name.
/// </summary>
public sealed class GateMiddleware(RequestDelegate next, GateClient gate, GateMiddlewareOptions options)
{
    /// <summary>Lets the request through or answers it.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Under(context, options.FreePaths))
        {
            await next(context);
            return;
        }
        var user = options.User(context);
        var login = Under(context, options.LoginPaths);
        var decision = gate.Ask(user, context.Connection.RemoteIpAddress, login ? GateAsk.Login : GateAsk.Session);
        if (decision.Allowed || (login && user is null && decision.Reason == GateReason.NotYet))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = decision.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        var text = WebUtility.HtmlEncode(string.IsNullOrWhiteSpace(decision.Message) ? "We are at work on this site and will be back." : decision.Message);
        await context.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Closed for maintenance</title></head>
            <body style="font-family:system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;line-height:1.5">
            <main><h1>Closed for maintenance</h1><p>{text}</p><p>Please try again in {Wait(decision.RetryAfterSeconds)}.</p></main></body></html>
            """,
            context.RequestAborted);
    }

    private static bool Under(HttpContext context, IReadOnlyList<string> paths) =>
        paths.Any(p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));

    private static string Wait(int seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 59) / 60} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 3599) / 3600} hours"),
    };
}

/// <summary>Puts the gate into an ASP.NET Core site.</summary>
public static class GateRegistration
{
    /// <summary>Registers the <see cref="GateClient"/> and follows the console from the site's start to its end.</summary>
    public static IServiceCollection AddOpsConsoleGate(this IServiceCollection services, GateClientOptions options, Action<GateMiddlewareOptions>? requests = null)
    {
        var read = new GateMiddlewareOptions();
        requests?.Invoke(read);
        return services.AddSingleton(read).AddSingleton(_ => new GateClient(options)).AddHostedService<Starter>();
    }

    /// <summary>Asks the gate for every request from here on.</summary>
    public static IApplicationBuilder UseOpsConsoleGate(this IApplicationBuilder app) => app.UseMiddleware<GateMiddleware>();

    private sealed class Starter(GateClient gate) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            gate.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
