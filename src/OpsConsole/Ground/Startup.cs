using OpsConsole.Engines;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Ground;

/// <summary>What a room does at start, in this order, before the console takes jobs and writes.</summary>
public interface IStartStep
{
    /// <summary>50 look at the end of the audit log, 100 settle prepared transactions, 200 settle commits, 300 put the freeze back, 310 read its drains, 400 take up windows, 500 list missed occurrences.</summary>
    int Order { get; }
    Task Run(CancellationToken token);
}

/// <summary>Ready is said only when everything that a crash may have left has been looked at.</summary>
public sealed class Readiness
{
    private volatile string? waitsFor = "the store";
    /// <summary>Null: ready.</summary>
    public string? WaitsFor { get => waitsFor; set => waitsFor = value; }
    public string Installation { get; set; } = "";
}

/// <summary>Takes the lease, lets each room settle what was left, then says ready; afterwards keeps the lease.</summary>
public sealed class Startup(
    DriverLease lease, Recorder recorder, IEnumerable<IStartStep> steps, Readiness readiness, EstateDatabases databases, TimeProvider time,
    ILogger<Startup> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        readiness.Installation = await DriverLease.Installation(recorder, stoppingToken);
        readiness.WaitsFor = "the lease of another console";
        while (!await lease.Take(stoppingToken)) { await Task.Delay(DriverLease.RenewEvery, time, stoppingToken); }
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var keep = Keep(renewing.Token);
        foreach (var step in steps.OrderBy(s => s.Order))
        {
            readiness.WaitsFor = step.GetType().Name;
            try
            {
                await step.Run(stoppingToken);
            }
            catch (FenceRefused fault)
            {
                readiness.WaitsFor = fault.Message;
                log.LogCritical("{Step} stopped the start: {Fault}", step.GetType().Name, fault.Message);
                await keep;
                return;
            }
        }
        readiness.WaitsFor = null;
        log.LogInformation("Ready as {Node}, epoch {Epoch}, {Count} databases.", lease.Node, lease.Epoch, databases.All.Count);
        await keep;
    }

    private async Task Keep(CancellationToken token)
    {
        using var timer = new PeriodicTimer(DriverLease.RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(token))
            {
                if (!await lease.Renew(token))
                {
                    readiness.WaitsFor = "the lease, which another console has taken";
                    log.LogCritical("The lease was lost: another console drives. This one starts nothing any more; restart it to stand by.");
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await lease.GiveBack(CancellationToken.None);
        }
    }

    /// <summary>The fence of a database, raised to this console's epoch before the first effect on it.</summary>
    public static Task RaiseFence(IManagedDatabase database, Readiness readiness, DriverLease lease, CancellationToken token) =>
        database.RaiseFence(readiness.Installation, lease.Epoch, token);
}
