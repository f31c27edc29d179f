using System.Net;
using Microsoft.AspNetCore.Components.Server.Circuits;
using OpenTelemetry.Metrics;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Measuring;

/// <summary>The figures as Prometheus reads them.</summary>
public static class MetricsEndpoint
{
    public static IServiceCollection AddFigures(this IServiceCollection services)
    {
        services.AddSingleton<Figures>().AddSingleton<CircuitCount>().AddSingleton<CircuitHandler>(s => s.GetRequiredService<CircuitCount>()).AddSingleton<IMeasured, GroundFigures>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation()
            .AddPrometheusExporter(prometheus => (prometheus.ScopeInfoEnabled, prometheus.TargetInfoEnabled) = (false, false)));
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddMeter(provider.GetRequiredService<Figures>().Name));
        return services;
    }

    /// <summary>
    /// Names of databases and sites stand in it, so a key of anybody who may look is needed. From the machine itself none is, as long as no proxy stands before the console:
    /// behind one every call seems to come from there.
    /// </summary>
    public static void MapFigures(this IEndpointRouteBuilder api)
    {
        var scrape = api.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        api.MapGet("/metrics", async (HttpContext http, ActorSource actors, ConsoleSettings settings, TimeProvider time) =>
        {
            if (!IsFromHere(http, settings.Web))
            {
                var actor = await actors.Current(http.RequestAborted);
                if (actor is null) { return Problems.From(new Refusal(RefusalCode.Unauthorized, "Send a valid key: Authorization: Bearer KEY.")); }
                if (Permissions.MetricsRead.Refuse(actor, time.GetUtcNow()) is { } no) { return Problems.From(no); }
            }
            http.SetEndpoint(null); // The exporter's own middleware answers only where no endpoint is chosen.
            await scrape(http);
            return Results.Empty;
        }).WithMetadata(new EndpointRight(Permissions.MetricsRead)).AllowAnonymous().ExcludeFromDescription();
    }

    private static bool IsFromHere(HttpContext http, WebSettings web) =>
        web is { PublicUrl: null, KnownProxies.Count: 0 } && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
}
