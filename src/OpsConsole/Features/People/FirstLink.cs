using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.People;

/// <summary>While nobody administers, each start logs a link with which somebody can. There is no account and no password to ship.</summary>
public sealed class FirstLink(LinkService links, ConsoleSettings settings, IServer server, IHostApplicationLifetime life, ILogger<FirstLink> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var on = life.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken); // Only then the address is known.
        if (await links.First(stoppingToken) is not { } link) { return; }
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5080";
        log.LogWarning("There is no administrator yet. Make one here, once, within an hour: {Link}", LinkService.Address(settings, bound) + LinkService.Path(link));
    }
}
