using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Sessions;

/// <summary>Who is connected, who is logged in, and who holds up whom.</summary>
public sealed class SessionsRoom : Room
{
    public override string Name => "Sessions";
    public override NavEntry? Nav => new("Sessions", "/sessions", Icons.Material.Outlined.PeopleAlt, Permissions.EstateRead, 1, 's');

    public override void Register(IServiceCollection services)
    {
        services.TryAddSingleton<Fences>();
        services.AddScoped<SessionsService>().AddScoped<ISiteSessions, SiteSessionsDoor>().AddSingleton<IStartStep, SessionsStart>();
    }

    public override void Map(IEndpointRouteBuilder api) => SessionsApi.Map(api);

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["endSession.intended"] = "began to end a session on {subject}",
        ["endSession.done"] = "ended a session on {subject}",
        ["endSession.notDone"] = "could not end a session on {subject}",
        ["settle.intended"] = "decided on {decision} for the prepared transaction {gid} on {subject}: {reason}",
        ["settle.done"] = "settled a prepared transaction on {subject}",
        ["settle.notDone"] = "did not settle a prepared transaction on {subject}",
        ["settle.unknown"] = "does not know what became of a prepared transaction on {subject}",
        ["endSession.unknown"] = "does not know whether a session on {subject} ended",
        ["endSession.torn"] = "ended only some sessions on {subject}",
    };
}
