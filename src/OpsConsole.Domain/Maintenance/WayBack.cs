using System.Globalization;

namespace OpsConsole.Domain.Maintenance;

public sealed record WayBackPart(string What, long Milliseconds);

/// <param name="TransactionsReturned">committed ones that a rollback puts back into the queue; none of them is lost</param>
/// <param name="StaffRows">rows written by staff in the trial; these are lost. Null: how many is not known</param>
public sealed record Losses(int TransactionsReturned, long? StaffRows, string Text);

/// <summary>As measured in the rehearsal or in this run.</summary>
public sealed record MeasuredParts(long RestoreMilliseconds, long ProofMilliseconds, long ReopenMilliseconds);

/// <summary>Whether one can still go back, how long that takes, what it costs, and until when it fits into the window.</summary>
/// <param name="How">abandon, scripts or checkpoint; null where there is no way</param>
/// <param name="TurnBackAt">the last moment at which it still ends inside the window; null where the window has no end</param>
/// <param name="ClosedBecause">null while it is possible</param>
public sealed record WayBack(
    bool Possible, string? How, int EstimatedSeconds, IReadOnlyList<WayBackPart> Parts, Losses Loses, DateTimeOffset? TurnBackAt, string? ClosedBecause)
{
    /// <summary>What keeps it from being known whether the way can be gone now; null: nothing is known against it.</summary>
    public string? DoubtedBecause { get; init; }
    /// <summary>The part that is also the way out: what it takes to let the sites in.</summary>
    public const string Reopening = "Reopen the sites";
    private static readonly Losses Nothing = new(0, 0, "Nothing is lost.");

    /// <summary>True: going back now would end after the window.</summary>
    public bool IsLate(DateTimeOffset now) => Possible && TurnBackAt < now;

    /// <param name="committed">transactions committed since the checkpoint</param>
    /// <param name="staffRows">rows that staff wrote in the trial; null: not known</param>
    /// <param name="unknownBecause">why it is not known</param>
    public static WayBack Of(WindowRun run, MeasuredParts measured, int committed, long? staffRows, string? unknownBecause = null)
    {
        if (ClosedBecauseOf(run) is { } closed)
        {
            return new(false, null, 0, [], Nothing, null, closed);
        }
        WayBackPart reopen = new(Reopening, measured.ReopenMilliseconds);
        if (!run.ReleaseBegan)
        {
            return Open(run, "abandon", [reopen], Nothing);
        }
        if (!run.HasCheckpoint)
        {
            return new(false, null, 0, [], Nothing, null, "A release began, and there is no checkpoint.");
        }
        return Open(run, "checkpoint",
            [new("Restore the group", measured.RestoreMilliseconds), new("Prove it", measured.ProofMilliseconds), reopen], new(committed, staffRows, TextOf(committed, staffRows, unknownBecause)));
    }

    private static WayBack Open(WindowRun run, string how, List<WayBackPart> parts, Losses loses)
    {
        var milliseconds = parts.Sum(p => p.Milliseconds);
        return new(true, how, (int)Math.Min(int.MaxValue, (milliseconds + 999) / 1000), parts, loses, run.ClosesAt?.AddMilliseconds(-milliseconds), null);
    }

    private static string? ClosedBecauseOf(WindowRun run) => run switch
    {
        { RolledBackBy: { } back } => $"The rollback was chosen by {back.By} at {Time(back.At)}.",
        { FinalizedBy: { } final } => $"Finalized by {final.By} at {Time(final.At)}.",
        { IsOpen: false } => $"The window is {WindowRun.Name(run.Status)}.",
        _ => null,
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string TextOf(int committed, long? staffRows, string? unknownBecause)
    {
        var lost = staffRows switch
        {
            0 => "Nothing is lost",
            1 => "1 row that staff wrote is lost",
            { } rows => $"{rows} rows that staff wrote are lost",
            null => $"What staff wrote is lost, and how much that is is unknown{(unknownBecause is null ? "" : $" ({unknownBecause})")}",
        };
        return committed == 0 ? $"{lost}." : $"{lost}; {committed} return to the queue.";
    }
}
