using System.Text;
using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.Status;

/// <summary>What members may know, without a sign-in.</summary>
public sealed class StatusRoom : Room
{
    public override string Name => "Status";
    public override NavEntry? Nav => new("Status page", "/status", Icons.Material.Outlined.Public, Permissions.EstateRead, 3);
    public override void Register(IServiceCollection services) => services.AddSingleton<StatusService>();

    public override void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/status", (HttpContext http, StatusService status, ConsoleSettings settings) =>
        {
            Cached(http);
            http.Response.Headers.Vary = "Accept-Language";
            http.Response.Headers["Refresh"] = "30";
            return Results.Text(StatusHtml.Write(status.Now, StatusWords.For(http.Request), settings.Estate.Name), "text/html", Encoding.UTF8);
        }).ForAnyone().ExcludeFromDescription();
        api.MapGet("/api/v1/status", (HttpContext http, StatusService status) =>
        {
            Cached(http);
            return Results.Ok(status.Now);
        }).ForAnyone();
    }

    private static void Cached(HttpContext http) => http.Response.Headers.CacheControl = $"public, max-age={StatusService.Keep.TotalSeconds:0}";
}
