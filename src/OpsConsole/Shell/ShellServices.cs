using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Shell;

/// <summary>What the frame needs from the house. The list of rooms and the strip's source come from the rooms.</summary>
public static class ShellServices
{
    public static IServiceCollection AddShell(this IServiceCollection services, string estateName, IReadOnlyList<NavItem> rooms)
    {
        services.AddMudServices();
        services.AddScoped<KeyBook>();
        services.AddSingleton(new ShellFacts(estateName));
        services.AddSingleton(rooms);
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}
