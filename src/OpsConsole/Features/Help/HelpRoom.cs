using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Help;

/// <summary>The handbook, in the console.</summary>
public sealed class HelpRoom : Room
{
    public override string Name => "Help";
    public override NavEntry? Nav => new("Help", "/help", Icons.Material.Outlined.HelpOutline, Permissions.HelpRead, 4);
    public override void Register(IServiceCollection services) => services
        .AddSingleton(_ => Handbook.Beside(Path.Combine(AppContext.BaseDirectory, "handbook"))).AddScoped<HelpService>().AddScoped<IPlaces>(s => s.GetRequiredService<HelpService>());

    public static string Route(string slug) => $"help/{slug}";
}
