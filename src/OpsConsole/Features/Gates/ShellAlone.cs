using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Gates;

/// <summary>
/// The part of a console that freezes, for as long as one command takes, where no console lives. It takes the lease like any other: a console that starts
/// meanwhile waits, and one that was only asleep finds itself shut out by the epoch.
/// </summary>
internal sealed class ShellAlone(CommandHouse house, Actor actor)
{
    public async Task<ShellAnswer> Do(ShellOrder order, CancellationToken token)
    {
        await using var services = Build();
        if (order.Verb == "status") { return await Look(services, token); }
        var lease = services.GetRequiredService<DriverLease>();
        services.GetRequiredService<Readiness>().Installation = await DriverLease.Installation(house.Recorder, token);
        if (!await lease.Take(token)) { return new ShellAnswer(1, "Another console has taken the lease this moment. Ask again: it will answer."); }
        using var working = CancellationTokenSource.CreateLinkedTokenSource(token);
        var keeping = Keep(lease, working.Token);
        try
        {
            await house.Recorder.Write((write, _) =>
            {
                write.Audit(actor, "shell.alone", order.Site!, new { order.Verb, lease.Node, lease.Epoch });
                return Task.CompletedTask;
            }, token);
            // As at any start: what was cut off is looked at first, so that an older order does not come back after this one.
            await ActivatorUtilities.CreateInstance<FreezeStart>(services).Run(token);
            return await services.GetRequiredService<ShellOrders>().Do(order, actor, true, token);
        }
        catch (Engines.FenceRefused fault)
        {
            return new ShellAnswer(1, $"{fault.Message} Nothing more was done.");
        }
        finally
        {
            await working.CancelAsync();
            await keeping;
            await lease.GiveBack(CancellationToken.None);
        }
    }

    private async Task<ShellAnswer> Look(ServiceProvider services, CancellationToken token)
    {
        await services.GetRequiredService<GateBook>().Load(token);
        var watch = services.GetRequiredService<DatabaseWatch>();
        await Task.WhenAll(services.GetRequiredService<EstateDatabases>().All.Select(d => watch.Look(d, token)));
        return services.GetRequiredService<ShellOrders>().Status(actor, true);
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(house.Settings).AddSingleton(house.Store).AddSingleton(house.Recorder).AddSingleton(TimeProvider.System).AddSingleton<ChangeFeed>().AddSingleton<Readiness>();
        services.AddSingleton<DriverLease>().AddSingleton<EstateDatabases>().AddSingleton<ActRunner>().AddSingleton<DatabaseWatch>();
        services.AddFreezing().AddSingleton<GatesService>().AddSingleton<ShellOrders>();
        return services.BuildServiceProvider();
    }

    private static async Task Keep(DriverLease lease, CancellationToken token)
    {
        using var timer = new PeriodicTimer(DriverLease.RenewEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(token) && await lease.Renew(token)) { }
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
    }
}
