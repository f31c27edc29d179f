using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Maintenance;

/// <summary>Checkpoints, releases, rollbacks and countings that were cut off: what is seen of each is written down before a driver goes on, so that no intent stays without its outcome.</summary>
public sealed class CutOffSteps(
    StoreFactory store, ActRunner acts, EstateDatabases databases, WindowBook book, Readiness readiness, DriverLease lease, ILogger<CutOffSteps> log) : IStartStep
{
    /// <summary>Before the windows are taken up.</summary>
    public int Order => 390;

    public async Task Run(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        foreach (var row in await ActRunner.CutOff(db, token))
        {
            Func<CancellationToken, Task<Inspection>>? look = row.Kind switch
            {
                "checkpoint" => new CheckpointAct([], "").Inspect,
                "release" => t => LookAtRelease(row, t),
                "rollback" => t => LookAtRollback(row, t),
                "trialCount" => t => LookAtTrialCount(row, t),
                _ => null,
            };
            if (look is null) { continue; }
            var seen = await acts.Examine(row, new CutOffAct(row, look), token);
            log.LogWarning("{Kind} of {Subject} was cut off; seen: {Outcome}", row.Kind, row.Subject, seen.Outcome);
        }
    }

    private async Task<Inspection> LookAtRelease(ActRow row, CancellationToken token)
    {
        var database = await Come(row, token);
        var folder = await database.ReadReleases(token);
        using var intent = JsonDocument.Parse(row.IntentJson);
        var version = intent.RootElement.GetProperty("Version").GetString();
        return folder.Releases.SingleOrDefault(r => r.Version == version) is { } release
            ? await database.InspectRelease(folder, release, token)
            : new Inspection(Engines.Observed.Unknown, $"release {version} is not in the folder any more");
    }

    private async Task<Inspection> LookAtRollback(ActRow row, CancellationToken token)
    {
        var database = await Come(row, token);
        return row.Window is { } id && await book.Load(id, token) is { } window && window.Run.Checkpoint.SingleOrDefault(c => c.Database == row.Subject) is { } checkpoint
            ? await new RollbackAct(database, checkpoint, readiness.Installation, lease.Epoch).Inspect(token)
            : new Inspection(Engines.Observed.Unknown, "its window has no checkpoint of it");
    }

    private async Task<Inspection> LookAtTrialCount(ActRow row, CancellationToken token)
    {
        var database = await Come(row, token);
        using var intent = JsonDocument.Parse(row.IntentJson);
        var (window, wanted) = (intent.RootElement.GetProperty("window").GetString()!, Enum.Parse<TrialCounting>(intent.RootElement.GetProperty("wanted").GetString()!));
        return await new TrialCountAct(database, window, wanted, readiness.Installation, lease.Epoch).Inspect(token);
    }

    /// <summary>A copy or rename that died in its middle leaves the database shut to everybody; the raised fence lets the console in again.</summary>
    private async Task<IManagedDatabase> Come(ActRow row, CancellationToken token)
    {
        var database = databases.Find(row.Subject) ?? throw new EngineFault($"There is no database {row.Subject} in the estate any more.");
        await Startup.RaiseFence(database, readiness, lease, token);
        return database;
    }
}
