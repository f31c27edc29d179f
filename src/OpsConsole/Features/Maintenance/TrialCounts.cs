using System.Collections.Concurrent;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Maintenance;

/// <param name="Rows">null: it cannot be known, because</param>
public sealed record StaffRows(long? Rows, string? Because = null);

/// <summary>How many rows staff wrote in the trial, asked of the databases themselves; what cannot be asked is unknown and never 0.</summary>
public sealed class TrialCounts(EstateDatabases databases, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (long At, Task<StaffRows> Answer)> asked = new();

    /// <summary>Staff were let in: a step that only began may have opened a door.</summary>
    public static bool WasTried(WindowRun run) => run.Steps.Any(s => s is { Group: StepGroup.Trial, Kind: StepKind.OpenDatabases } && s.Status != StepStatus.Pending);

    /// <summary>At most two seconds old: every screen of a running window shows it.</summary>
    public async Task<StaffRows> Of(WindowRun run)
    {
        if (!WasTried(run) || run.RolledBackBy is not null || run.FinalizedBy is not null) { return new StaffRows(0); }
        if (!asked.TryGetValue(run.Id, out var known) || (known.Answer.IsCompleted && time.GetElapsedTime(known.At) > Holds))
        {
            asked[run.Id] = known = (time.GetTimestamp(), Ask(run, CancellationToken.None));
        }
        return await known.Answer;
    }

    /// <summary>Asked now.</summary>
    public async Task<StaffRows> Ask(WindowRun run, CancellationToken token)
    {
        var sum = 0L;
        foreach (var name in run.Content!.From.Keys.Order(StringComparer.Ordinal))
        {
            TrialCount? count = null;
            string? because = null;
            try
            {
                count = databases.Find(name) is { } database ? await database.ReadTrialCount(token) : null;
                because = count is null ? "it is not configured any more" : count.Because;
            }
            catch (EngineFault fault) // It does not answer: then nobody knows.
            {
                because = fault.Message;
            }
            if (count?.Rows is not { } rows || count.Id != run.Id) { return new StaffRows(null, $"{name}: {because ?? "the count there belongs to another window"}"); }
            sum += rows;
        }
        return new StaffRows(sum);
    }
}
