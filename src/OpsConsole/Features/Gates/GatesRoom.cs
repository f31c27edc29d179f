using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Measuring;

namespace OpsConsole.Features.Gates;

/// <summary>The doors of the sites: who is let in, and whether closed is really closed.</summary>
public sealed class GatesRoom : Room
{
    public override string Name => "Gates";
    public override NavEntry? Nav => new("Gates", "/gates", Icons.Material.Outlined.Lock, Permissions.GateRead, 1, 'g');
    public override (Type Component, int Order)? Tile => (typeof(GatesTile), 20);

    public override void Register(IServiceCollection services)
    {
        services.AddFreezing();
        services.AddSingleton<GatesService>().AddSingleton<INeeds>(s => s.GetRequiredService<GatesService>());
        services.AddSingleton<GateDrains>().AddSingleton<IStartStep>(s => s.GetRequiredService<GateDrains>()).AddSingleton<GateHistory>();
        services.AddSingleton<ShellOrders>().AddHostedService<ShellDesk>().AddSingleton<IMeasured, GateFigures>();
        services.AddScoped<StepUpProof>();
    }

    public override IReadOnlyList<Command> Commands => ShellCommands.All;
    public override void Doorstep(IApplicationBuilder app) => app.UseMiddleware<GateDoorstep>();

    public override void Map(IEndpointRouteBuilder api) => GatesApi.Map(api);

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["freeze.intended"] = "began to freeze {subject} at depth {depth}: {reason}",
        ["freeze.done"] = "froze {subject}",
        ["freeze.notDone"] = "could not freeze {subject}",
        ["close.intended"] = "began to shut the sites out of {subject}",
        ["close.done"] = "shut the sites out of {subject}",
        ["close.notDone"] = "could not shut the sites out of {subject}",
        ["close.torn"] = "shut the sites out of {subject} only in part",
        ["reopen.intended"] = "began to let the sites into {subject} again",
        ["reopen.done"] = "let the sites into {subject} again",
        ["reopen.notDone"] = "could not let the sites into {subject} again",
        ["reopen.torn"] = "let the sites into {subject} again only in part",
        ["thaw.intended"] = "began to thaw {subject}",
        ["thaw.done"] = "thawed {subject}",
        ["thaw.notDone"] = "could not thaw {subject}",
        ["shell.asked"] = "asked from a shell for {verb} of {subject}: {reason}",
        ["shell.alone"] = "did {verb} of {subject} from a shell, with no console running, under epoch {epoch}",
        ["gate.frozen"] = "wrote the freeze of {subject}, version {version}",
        ["gate.thawed"] = "wrote the thaw of {subject}, version {version}",
        ["gate.opened"] = "opened {subject}, version {version}",
        ["gate.announced"] = "told {subject} of a window",
        ["gate.drain"] = "gave what is open on {subject} {seconds} s to end",
        ["gate.trial"] = "changed the trial of {subject}",
        ["gate.databasesClosed"] = "saw that the databases refuse {subject}",
        ["gate.databasesOpen"] = "saw that the databases no longer refuse {subject}",
        ["gate.certain"] = "saw {subject} frozen for certain, because {because}",
        ["gate.notCertain"] = "saw that the freeze of {subject} is no longer certain",
    };
}
