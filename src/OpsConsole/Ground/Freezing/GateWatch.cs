using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Ground.Freezing;

/// <summary>Notes when a freeze becomes certain and when it stops being so, and looks whether doors that were shut still are.</summary>
public sealed class GateWatch(GateBook gates, DoorBook doors, FreezeService freezing, EstateDatabases databases, Recorder recorder, TimeProvider time, ILogger<GateWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private const int DoorsEachPasses = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        for (var pass = 1; await timer.WaitForNextTickAsync(stoppingToken); pass++)
        {
            try
            {
                await Look(stoppingToken);
                if (pass % DoorsEachPasses == 0) { await LookAtDoors(stoppingToken); }
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The store failed for a moment: the next pass looks again.
            {
                log.LogWarning("The gates could not be looked at: {Fault}", fault.Message);
            }
        }
    }

    public async Task Look(CancellationToken token)
    {
        if (!gates.Loaded) { return; }
        foreach (var (gate, certainty) in gates.NoteCertainties())
        {
            if (gate.Depth is null) { continue; }
            await recorder.Write((write, _) =>
            {
                write.Audit(Actor.Console, certainty.Is ? "gate.certain" : "gate.notCertain", gate.Site, new { gate.Version, certainty.Because, certainty.WaitingFor });
                return Task.CompletedTask;
            }, token);
        }
    }

    private async Task LookAtDoors(CancellationToken token)
    {
        var moved = false;
        foreach (var row in (await doors.All(token)).Where(d => d.ClosedAt is not null))
        {
            if (databases.Find(row.Database) is not { } database) { continue; }
            try
            {
                if (await database.InspectDoors(new DoorRecord(row.RecordJson), token) == DoorState.Closed) { continue; }
                log.LogWarning("The doors of {Database} are no longer shut, and this console did not open them.", row.Database);
                await doors.Closed(row.Database, false, token);
                moved = true;
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // It does not answer, so it lets nobody in either; the estate says so.
            {
                log.LogDebug("The doors of {Database} could not be looked at: {Fault}", row.Database, fault.Message);
            }
        }
        if (moved) { await freezing.TellGates(Actor.Console, token); }
    }
}
