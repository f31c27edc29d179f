using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpsConsole.FastMarket;
using OpsConsole.Features.People;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;

namespace OpsConsole;

/// <summary>
/// Plays FastMarket's sites beside the console, over HTTP like strangers. Only on the sample. Their keys are made anew at each start and known to nobody else.
/// </summary>
internal sealed class SampleSites(
    IServer server, IHostApplicationLifetime life, IServiceScopeFactory scopes, Readiness readiness, ConsoleSettings settings, TimeProvider time, ILogger<SampleSites> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var registered = life.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        while (readiness.WaitsFor is not null) { await Task.Delay(TimeSpan.FromMilliseconds(200), time, stoppingToken); }
        var address = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
        using var sites = new FastMarketSimulation(new FastMarketSimulationOptions
        {
            ConsoleAddress = address,
            MembersKey = await Key("members", stoppingToken),
            ForumKey = await Key("forum", stoppingToken),
            DataDirectory = settings.DataDirectory,
            Time = time,
        });
        log.LogInformation("FastMarket's members are at work.");
        await sites.StartAsync(stoppingToken);
        await (sites.ExecuteTask ?? Task.CompletedTask);
    }

    private async Task<string> Key(string site, CancellationToken token)
    {
        using var scope = scopes.CreateScope();
        var keys = scope.ServiceProvider.GetRequiredService<KeyService>();
        foreach (var old in (await keys.List(Actor.Console, token)).Value!.Where(k => k.RevokedAt is null && k.Name.StartsWith($"sample-{site}-", StringComparison.Ordinal)))
        {
            await keys.Revoke(Actor.Console, old.Name, token);
        }
        var made = await keys.Add(Actor.Console, $"sample-{site}-{time.GetUtcNow():yyyyMMddHHmmss}", null, site, false, token);
        return made.Value ?? throw new InvalidOperationException(made.Refusal!.Text);
    }
}
