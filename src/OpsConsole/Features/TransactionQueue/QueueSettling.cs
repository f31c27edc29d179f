using OpsConsole.Engines;
using OpsConsole.Ground;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>At start, before anything is taken: what was being committed is settled by its marker.</summary>
public sealed class QueueSettling(QueueCommits commits) : IStartStep
{
    public int Order => 200;
    public Task Run(CancellationToken token) => commits.SettleAll(token);
}

/// <summary>Every five seconds asks for what is still in doubt.</summary>
public sealed class QueueResolver(QueueCommits commits, Readiness ready, TimeProvider time, ILogger<QueueResolver> log) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (ready.WaitsFor is not null) { continue; }
            try
            {
                await commits.SettleAll(stoppingToken);
                await commits.LetGo(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The loop outlives a database that is away; a fence that refuses is said loudly.
            {
                log.Log(fault is FenceRefused ? LogLevel.Critical : LogLevel.Warning, fault, "What is in doubt could not be settled.");
            }
        }
    }
}
