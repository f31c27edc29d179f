using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Estate;

/// <summary>The databases that belong together, and what is known of each.</summary>
public sealed class EstateRoom : Room
{
    public override string Name => "Estate";
    public override NavEntry? Nav => new("Estate", "/estate", Icons.Material.Outlined.Storage, Permissions.EstateRead, 2);
    public override void Register(IServiceCollection services) => services.AddScoped<EstateService>().AddScoped<INeeds, EstateNeeds>().AddSingleton<IStartStep, EstateStart>();
    public override (Type Component, int Order)? Tile => (typeof(EstateTile), 10);
    public override void Map(IEndpointRouteBuilder api) => EstateApi.Map(api);
    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["endSession.intended"] = "began to end a session on {subject}",
        ["endSession.done"] = "ended a session on {subject}",
        ["settle.intended"] = "decided on {decision} for the prepared transaction {gid} on {subject}: {reason}",
        ["settle.done"] = "settled a prepared transaction on {subject}",
        ["settle.notDone"] = "did not settle a prepared transaction on {subject}",
        ["settle.unknown"] = "does not know what became of a prepared transaction on {subject}",
        ["endSession.unknown"] = "does not know whether a session on {subject} has ended",
        ["endSession.notDone"] = "could not end a session on {subject}",
    };
}
