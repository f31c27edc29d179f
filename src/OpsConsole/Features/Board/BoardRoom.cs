using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Board;

/// <summary>The first page: every room's tile, and what needs a person.</summary>
public sealed class BoardRoom : Room
{
    public override string Name => "Board";
    public override NavEntry? Nav => new("Board", "/", Icons.Material.Outlined.Dashboard, Permissions.EstateRead, 0, 'b');
    public override void Register(IServiceCollection services) => services.AddScoped<BoardService>();
}
