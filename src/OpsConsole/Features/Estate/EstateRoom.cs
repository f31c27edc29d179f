using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Measuring;

namespace OpsConsole.Features.Estate;

/// <summary>The databases that belong together, and what is known of each.</summary>
public sealed class EstateRoom : Room
{
    public override string Name => "Estate";
    public override NavEntry? Nav => new("Estate", "/estate", Icons.Material.Outlined.Storage, Permissions.EstateRead, 2);
    public override void Register(IServiceCollection services) => services.AddScoped<EstateService>().AddScoped<INeeds, EstateNeeds>().AddSingleton<IPlaces, EstatePlaces>()
        .AddSingleton<IMeasured, EstateFigures>();
    public override (Type Component, int Order)? Tile => (typeof(EstateTile), 10);
    public override void Map(IEndpointRouteBuilder api) => EstateApi.Map(api);
}
