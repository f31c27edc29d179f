using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using Seen = OpsConsole.Engines.Observed;

namespace OpsConsole.Features.Maintenance;

/// <summary>Doors that a trial opens and closes: what is written through them is counted, from before they open until after they are shut.</summary>
public sealed class TrialWork(WindowDoors doors, TrialCounts counts, ActRunner acts, DriverLease lease, Readiness readiness)
{
    public async Task<StepEnd> Open(WindowRun run, RunStep step, IReadOnlyList<IManagedDatabase> group, CancellationToken token)
    {
        var open = await Count(TrialCounting.Begin, run, step, group, token) ?? await doors.Open(run, step.Number, group, token);
        // Told last: a site that lets staff in can already work.
        if (open.Observed == Seen.Done) { await doors.Trial(run, true, token); }
        return open;
    }

    /// <summary>Shut first, so that the count is the last word.</summary>
    public async Task<StepEnd> Close(WindowRun run, RunStep step, IReadOnlyList<IManagedDatabase> group, CancellationToken token)
    {
        await doors.Trial(run, false, token);
        var shut = await doors.Close(run, step.Number, group, token);
        if (shut.Observed != Seen.Done) { return shut; }
        // Read before the triggers go: they are what says that nothing was missed.
        var staff = await counts.Ask(run, token);
        if (step.Group == StepGroup.Trial && await Count(TrialCounting.End, run, step, group, token) is { } failed) { return failed; }
        return shut with { Detail = $"{shut.Detail}; {Words(staff, step.Group == StepGroup.Rollback)}" };
    }

    /// <summary>The trial is over for good: nothing of the counting stays in the team's tables.</summary>
    public async Task<StepEnd> OpenAfter(WindowRun run, RunStep step, IReadOnlyList<IManagedDatabase> group, CancellationToken token) =>
        run.RolledBackBy is null && await Count(TrialCounting.Forget, run, step, group, token) is { } failed ? failed : await doors.Open(run, step.Number, group, token);

    private async Task<StepEnd?> Count(TrialCounting wanted, WindowRun run, RunStep step, IReadOnlyList<IManagedDatabase> group, CancellationToken token)
    {
        foreach (var database in group)
        {
            var result = await acts.Do(new TrialCountAct(database, run.Id, wanted, readiness.Installation, lease.Epoch), Actor.Console, run.Id, step.Number, token);
            if (result.Outcome != Seen.Done) { return new StepEnd(result.Outcome, $"{database.Name}: {result.Detail}"); }
        }
        return null;
    }

    private static string Words(StaffRows staff, bool lost) => staff switch
    {
        { Rows: null, Because: var because } => $"how many rows staff wrote is unknown ({because})",
        { Rows: 1 } => $"staff wrote 1 row{(lost ? ", which is lost" : "")}",
        { Rows: var rows } => $"staff wrote {rows} rows{(lost && rows > 0 ? ", which are lost" : "")}",
    };
}
