using OpsConsole.Engines;

namespace OpsConsole.Faults.Tests;

/// <summary>How the lap's releases run: in one transaction, statement by statement, or statement by statement and allowed to be repeated.</summary>
public enum ReleaseWay { AtOnce, InSteps, Repeatable }

/// <summary>One death.</summary>
/// <param name="Pass">at which pass of the place</param>
/// <param name="How">what sets it apart from other deaths at the same place; null: nothing</param>
/// <param name="Because">null: it has to be hit; else why this engine never comes there, which is proven too</param>
public sealed record Death(string Failpoint, string Phase, int Pass = 1, string? How = null, ReleaseWay Way = ReleaseWay.AtOnce, string? Because = null)
{
    public string Armed => $"{Failpoint}:{Pass}";
    public string Name => How is null ? Failpoint : $"{Failpoint}, {How}";
}

/// <summary>One night with at most one death in each of its phases.</summary>
public sealed record LapPlan(EngineKind Engine, int Number, ReleaseWay Way, IReadOnlyDictionary<string, Death> Deaths)
{
    /// <summary>What is torn and must not be repeated goes back, and its transactions are committed afterwards.</summary>
    public bool GoesBackFromRelease => Way == ReleaseWay.InSteps;

    public IReadOnlyList<string> Phases => GoesBackFromRelease
        ? [.. FailpointPlan.Phases.Where(p => p is not ("trialCount" or "commit" or "rollback")).SelectMany(p => p == "reopen" ? new[] { "rollback", "commit", p } : [p])]
        : FailpointPlan.Phases;

    public override string ToString() => $"{Engine} {Number}: {string.Join(", ", Phases.Where(Deaths.ContainsKey).Select(p => Deaths[p].Name))}";
}

/// <summary>Lays every listed failpoint into a night, for each engine. What is not laid anywhere is a failure, not a gap.</summary>
public static class FailpointPlan
{
    private const string NoSessions = "SQLite cannot tell its sessions, so none is offered and none can be ended";
    private const string NothingPrepared = "SQLite prepares no transactions, so none is offered and none can be settled";
    private const string NoDoor = "a SQLite file is closed by its name already and copied as it lies there, so no door is shut and opened around the copy";

    /// <summary>The order in which a lap comes to its effects: first a freeze that a person orders by hand, then a night.</summary>
    public static IReadOnlyList<string> Phases { get; } = ["handFreeze", "handThaw", "settle", "endSession", "freeze", "close", "checkpoint", "release", "trialCount", "commit", "rollback", "reopen", "thaw"];

    public static IReadOnlyList<EngineKind> Engines { get; } = Enum.GetValues<EngineKind>();

    /// <summary>Places to which an engine never comes. Each is armed all the same and has to stay unhit.</summary>
    public static string? NotThere(EngineKind engine, string failpoint) => (engine, failpoint) switch
    {
        (EngineKind.Sqlite, "checkpoint.doorShut" or "checkpoint.doorPutBack") => NoDoor,
        (EngineKind.Sqlite, _) when failpoint.StartsWith("endSession.", StringComparison.Ordinal) => NoSessions,
        (EngineKind.Sqlite, _) when failpoint.StartsWith("settle.", StringComparison.Ordinal) => NothingPrepared,
        _ => null,
    };

    public static IReadOnlyList<LapPlan> Laps(EngineKind engine, IReadOnlyList<string> failpoints)
    {
        var all = failpoints.SelectMany(f => DeathsAt(f).Select(d => d with { Because = NotThere(engine, f) })).ToList();
        var byPhase = Phases.ToDictionary(p => p, p => all.Where(d => d.Phase == p).ToList());
        var laps = Enumerable.Range(0, byPhase.Values.Max(d => d.Count)).Select(_ => new Dictionary<string, Death>()).ToList();
        foreach (var (phase, deaths) in byPhase.OrderBy(p => p.Key == "trialCount"))
        {
            var free = laps.Where(lap => phase != "trialCount" || HasTrial(lap)).Select((lap, i) => (lap, i)).OrderBy(l => l.lap.Count).ThenBy(l => l.i).Select(l => l.lap).ToList();
            for (var i = 0; i < deaths.Count; i++) { free[i][phase] = deaths[i]; }
        }
        return [.. laps.Select((deaths, i) => new LapPlan(engine, i + 1, deaths.GetValueOrDefault("release")?.Way ?? ReleaseWay.AtOnce, deaths))];
    }

    // A night that goes back from its release comes to no trial, and what is armed next must not be among a trial's own effects on the doors.
    private static bool HasTrial(Dictionary<string, Death> lap) => lap.GetValueOrDefault("release")?.Way is not ReleaseWay.InSteps && (lap.ContainsKey("commit") || lap.ContainsKey("rollback"));

    private static IEnumerable<Death> DeathsAt(string failpoint)
    {
        const string byHand = "by hand", inSteps = "in steps", repeatable = "in repeatable steps";
        var effect = failpoint[..failpoint.IndexOf('.', StringComparison.Ordinal)];
        switch (effect, failpoint)
        {
            // At its second pass: the first database of the step is done, the second is torn.
            case (_, "release.marked"):
                yield return new(failpoint, effect, 2, inSteps, ReleaseWay.InSteps);
                break;
            case (_, "release.statement"):
                yield return new(failpoint, effect);
                yield return new(failpoint, effect, 1, inSteps, ReleaseWay.InSteps);
                yield return new(failpoint, effect, 1, repeatable, ReleaseWay.Repeatable);
                break;
            case (_, "release.beforeCommit"):
                yield return new(failpoint, effect);
                yield return new(failpoint, effect, 1, repeatable, ReleaseWay.Repeatable);
                break;
            case ("freeze", _):
                yield return new(failpoint, effect);
                // The neighbour's gate is frozen along first.
                yield return new(failpoint, "handFreeze", 2, byHand);
                break;
            case ("close", _):
                yield return new(failpoint, effect);
                yield return new(failpoint, "handFreeze", 1, byHand);
                break;
            case ("reopen", _):
                yield return new(failpoint, effect);
                yield return new(failpoint, "handThaw", 1, byHand);
                break;
            // Two sites: passes 1 and 2 let staff in, 3 and 4 everybody, 5 and 6 open the gates at the window's close.
            case ("thaw", _):
                yield return new(failpoint, effect, 3);
                yield return new(failpoint, effect, 5, "at the window's close");
                yield return new(failpoint, "handThaw", 1, byHand);
                break;
            default:
                yield return new(failpoint, effect);
                break;
        }
    }
}
