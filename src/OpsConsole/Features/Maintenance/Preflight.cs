using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Maintenance;

/// <param name="Found">what was seen, in a few words</param>
public sealed record PreflightLamp(Mark Mark, string What, string Found);

/// <param name="Now">the plan as it would be drawn now; null: it could not be drawn</param>
/// <param name="LookedAt">when everything was looked at</param>
public sealed record PreflightView(IReadOnlyList<PreflightLamp> Lamps, DrawnPlan? Now, DateTimeOffset LookedAt)
{
    /// <summary>Nothing stands against it, as far as can be told.</summary>
    public int Good => Lamps.Count(l => l.Mark == Mark.Ok);
}

/// <summary>What is asked about: a window, or a plan that is no window yet.</summary>
/// <param name="Digest">what was planned; null: nothing yet, so there is nothing to compare with</param>
public sealed record PreflightOf(string? Digest, DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt, bool Rehearsed)
{
    public static PreflightOf Window(WindowView view) => new(view.Digest, view.OpensAt, view.ClosesAt, !view.Is("draft"));
}

/// <summary>What has to hold before an approval and a start, each with what was found. What cannot be told is not green.</summary>
public static class Preflight
{
    public static IReadOnlyList<PreflightLamp> Lamps(
        PreflightOf asked, DrawnPlan? plan, Refusal? refusal, IReadOnlyList<Seen> group, Func<string, EngineKind?> engine, ConsoleSettings settings, DateTimeOffset now)
    {
        List<PreflightLamp> lamps =
        [
            settings.Policy.RequireRehearsal
                ? new(asked.Rehearsed ? Mark.Ok : Mark.Attention, "Rehearsal", asked.Rehearsed ? "done" : "not done") : new(Mark.Waits, "Rehearsal", "none, and the policy asks for none"),
            Scripts(asked, plan, refusal),
            Answers(group),
            Histories(group),
            Prepared(group),
            Room(group, engine, settings),
            Length(asked, now),
        ];
        if (plan is not null)
        {
            var blocking = plan.Findings.Count(f => f.Blocking);
            lamps.Insert(2, blocking > 0 ? new(Mark.Danger, "Findings in the scripts", $"{blocking} block it")
                : plan.Findings.Count > 0 ? new(Mark.Attention, "Findings in the scripts", $"{plan.Findings.Count}, none blocks it") : new(Mark.Ok, "Findings in the scripts", "none"));
        }
        return lamps;
    }

    private static PreflightLamp Scripts(PreflightOf asked, DrawnPlan? plan, Refusal? refusal) => plan is null
        ? new(Mark.Unknown, "Versions, scripts, contracts", refusal?.Text ?? "could not be read")
        : asked.Digest is null ? new(Mark.Ok, "Versions, scripts, contracts", $"{plan.Scripts.Count} scripts read")
        : plan.Digest == asked.Digest ? new(Mark.Ok, "Versions, scripts, contracts", $"as planned, {plan.Scripts.Count} scripts by SHA-256")
        : new(Mark.Danger, "Versions, scripts, contracts", "not what was planned: change the window");

    private static PreflightLamp Answers(IReadOnlyList<Seen> group)
    {
        var silent = group.Where(s => !s.Reachable).Select(s => s.Name).ToList();
        return silent.Count == 0 ? new(Mark.Ok, "Databases answer", $"{group.Count} of {group.Count}") : new(Mark.Danger, "Databases answer", $"not {string.Join(" and ", silent)}");
    }

    private static PreflightLamp Histories(IReadOnlyList<Seen> group)
    {
        var bad = group.Select(s => (s.Name, s.History)).SelectMany(s => new[] { s.History?.Failed, s.History?.Lock }.Where(l => l?.State == LampState.Yes).Select(l => $"{s.Name}: {l!.Because}")).ToList();
        if (bad.Count > 0) { return new(Mark.Danger, "No release half done", string.Join("; ", bad)); }
        return group.Any(s => s.History is null || s.History.Failed.State == LampState.CannotTell)
            ? new(Mark.Unknown, "No release half done", "the tool cannot tell") : new(Mark.Ok, "No release half done", string.Join(", ", group.Select(s => $"{s.Name} at {s.History!.Version ?? "empty"}")));
    }

    private static PreflightLamp Prepared(IReadOnlyList<Seen> group)
    {
        if (group.Any(s => s.Facts is null || !s.Reachable)) { return new(Mark.Unknown, "Prepared transactions", "not known"); }
        var count = group.Sum(s => s.Facts!.InDoubt);
        return count == 0 ? new(Mark.Ok, "Prepared transactions", "none") : new(Mark.Danger, "Prepared transactions", $"{count}: no checkpoint while they stand");
    }

    // Files lie beside the console, so that disk can be read; a server's own disk cannot.
    private static PreflightLamp Room(IReadOnlyList<Seen> group, Func<string, EngineKind?> engine, ConsoleSettings settings)
    {
        var files = group.Where(s => engine(s.Name) == EngineKind.Sqlite).ToList();
        if (files.Count < group.Count || files.Any(s => s.Facts is null)) { return new(Mark.Unknown, "Room for the checkpoint", "the server's disk cannot be seen from here"); }
        try
        {
            var (needed, free) = (files.Sum(s => s.Facts!.SizeBytes), new DriveInfo(settings.DataDirectory).AvailableFreeSpace);
            // A rollback works on a copy of the copy.
            return new(free > needed * 2 ? Mark.Ok : Mark.Danger, "Room for the checkpoint", $"{Bytes(needed)} twice, {Bytes(free)} free");
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return new(Mark.Unknown, "Room for the checkpoint", "the disk could not be read");
        }
    }

    private static PreflightLamp Length(PreflightOf asked, DateTimeOffset now) => asked.ClosesAt is not { } closes ? new(Mark.Waits, "Window", "no end is set, so no turn-back time")
        : closes <= now ? new(Mark.Danger, "Window", "its end has passed")
        : new(Mark.Unknown, "Window long enough", $"{Spoken.Sentence(closes - (asked.OpensAt > now ? asked.OpensAt.Value : now))}; nothing was rehearsed to measure by");

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.#} kB"),
        < 1_000_000_000 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000.0:0.#} GB"),
    };
}
