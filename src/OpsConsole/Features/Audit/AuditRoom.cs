using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.Audit;

/// <summary>Who did what, when, and whether the log is whole.</summary>
public sealed class AuditRoom : Room
{
    public override string Name => "Audit";
    public override NavEntry? Nav => new("Audit", "/audit", Icons.Material.Outlined.VerifiedUser, Permissions.AuditRead, 3, 'a');
    public override void Register(IServiceCollection services) => services.AddSingleton<AuditService>();
    public override void Map(IEndpointRouteBuilder api) => AuditApi.Map(api);
    public override IReadOnlyList<Command> Commands => AuditCommands.All;
    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["lease.taken"] = "took the lease as {node}, epoch {epoch}",
        ["store.backup"] = "copied the store to {file}",
        ["audit.broken"] = "found the log broken at {sequence}: {because}",
        ["audit.exported"] = "exported the log",
    };
}
