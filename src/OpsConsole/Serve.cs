using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;
using OpsConsole.Shell;

namespace OpsConsole;

/// <summary>Builds and runs the web console.</summary>
public static class Serve
{
    public static async Task<int> Run(string[] args)
    {
        if (ReadSettings(args) is not { Settings: { } settings } found) { return 1; }
        var store = new StoreFactory(settings.Store.Provider, settings.Store.ConnectionString);
        try
        {
            await store.Prepare(CancellationToken.None);
        }
        catch (StoreRefused refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
        var app = Build(args, found, store);
        await app.RunAsync();
        return 0;
    }

    /// <summary>Null: every fault was printed.</summary>
    public static SettingsSource.Found? ReadSettings(string[] args)
    {
        var found = SettingsSource.Read(args);
        foreach (var fault in found.Faults) { Console.Error.WriteLine($"{fault.Path}: {fault.What} {fault.Remedy}"); }
        return found.Faults.Count > 0 ? null : found;
    }

    public static WebApplication Build(string[] args, SettingsSource.Found found, StoreFactory store)
    {
        var settings = found.Settings!;
        // Static assets are found beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
        if (builder.Configuration["urls"] is null) { builder.WebHost.UseUrls("http://localhost:5080"); }
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
        });
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        var services = builder.Services;
        services.AddSingleton(settings).AddSingleton(found).AddSingleton(store).AddSingleton(TimeProvider.System).AddSingleton<ChangeFeed>().AddSingleton<StepUps>().AddSingleton<Readiness>();
        services.AddSingleton<Recorder>().AddHostedService(s => s.GetRequiredService<Recorder>());
        services.AddSingleton(new AuditSeal(settings)).AddSingleton<AuditSealer>().AddHostedService(s => s.GetRequiredService<AuditSealer>()).AddSingleton<IStartStep, AuditTail>();
        services.AddSingleton<DriverLease>().AddSingleton<EstateDatabases>().AddSingleton<ActRunner>();
        services.AddSingleton<DatabaseWatch>().AddHostedService(s => s.GetRequiredService<DatabaseWatch>());
        services.AddHostedService<Startup>();
        if (found.Sample) { services.AddHostedService<SampleSites>(); }
        Doors(services, settings, store);
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddShell(settings.Estate.Name, [.. from room in House.Rooms where room.Nav is not null let n = room.Nav
            select new Ground.Controls.NavItem(n.Title, n.Route, n.Icon, n.Needs.Name, n.Group) { GoKey = n.Key?.ToString() }]);
        services.AddApiDescription();
        services.AddFigures();
        services.ConfigureHttpJsonOptions(json => ApiJson.Strict(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        foreach (var room in House.Rooms)
        {
            room.Register(services);
            if (room.Tile is { } tile) { services.AddSingleton(new BoardTile(tile.Component, tile.Order)); }
        }

        var app = builder.Build();
        app.UsePathBase(settings.Web.PathBase.TrimEnd('/'));
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseMiddleware<ApiFaults>();
        // A person who asks for a page that is not there is told so; a machine has its status.
        app.UseWhen(http => !http.Request.Path.StartsWithSegments("/api"), pages => pages.UseStatusCodePagesWithReExecute("/not-found"));
        foreach (var room in House.Rooms) { room.Doorstep(app); }
        app.UseMiddleware<HeadAsGet>();
        // Said here and not left to the host, which would choose the endpoint before the doorsteps, that need none.
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseMiddleware<EndpointGuard>();
        app.MapStaticAssets().ForAnyone();
        foreach (var room in House.Rooms) { room.Map(app); }
        app.MapGet("/health/live", () => "live").ForAnyone();
        app.MapGet("/health/ready", (Readiness ready) => ready.WaitsFor is { } what
            ? Results.Text($"waits for {what}", statusCode: 503) : Results.Text("ready")).ForAnyone();
        app.MapFigures();
        app.MapOpenApi().ForAnyone();
        app.MapApiDocs();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    /// <summary>Who gets in: cookies for people, keys for machines, nobody by default.</summary>
    private static void Doors(IServiceCollection services, ConsoleSettings settings, StoreFactory store)
    {
        services.AddScoped<StoreContext>(_ => store.CreateDbContext());
        services.AddIdentityCore<Person>(identity =>
        {
            identity.Password.RequiredLength = 12;
            identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
            identity.Lockout.MaxFailedAccessAttempts = 8;
        }).AddRoles<IdentityRole>().AddEntityFrameworkStores<StoreContext>().AddSignInManager().AddDefaultTokenProviders();
        services.Configure<SecurityStampValidatorOptions>(o => o.ValidationInterval = TimeSpan.Zero);
        services.AddAuthentication(o => (o.DefaultScheme, o.DefaultChallengeScheme) = ("Console", "Console"))
            .AddPolicyScheme("Console", null, o => o.ForwardDefaultSelector = http =>
                http.Request.Headers.ContainsKey("Authorization") || http.Request.Path.StartsWithSegments("/api") && !http.Request.Headers.ContainsKey("Cookie")
                    ? ApiKeyHandler.SchemeName : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddIdentityCookies();
        services.ConfigureApplicationCookie(cookie =>
        {
            cookie.LoginPath = "/account/sign-in";
            cookie.AccessDeniedPath = "/account/refused";
            cookie.Cookie.Name = "opsconsole";
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
        });
        services.AddAuthorization(o =>
        {
            o.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
            foreach (var permission in Permissions.All)
            {
                o.AddPolicy(permission.Name, policy => policy.RequireAuthenticatedUser().RequireAssertion(c =>
                    permission.Roles.Contains(Roles.Viewer) || permission.Roles.Any(c.User.IsInRole)));
            }
        });
        services.AddCascadingAuthenticationState().AddHttpContextAccessor().AddScoped<ActorSource>();
        services.AddScoped<AuthenticationStateProvider, CircuitGuard>();
        OwnFolder.Make(settings.KeyDirectory);
        services.AddDataProtection().SetApplicationName("OpsConsole").PersistKeysToFileSystem(new DirectoryInfo(settings.KeyDirectory));
    }
}
