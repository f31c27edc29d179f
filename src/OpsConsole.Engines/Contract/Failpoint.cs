using System.Diagnostics;

namespace OpsConsole.Engines;

/// <summary>
/// A named place between two effects at which a test kills the process. Off unless the environment names it:
/// <c>OPSCONSOLE_FAILPOINT=name</c> or <c>name:n</c> (die at the n-th pass, counted from 1).
/// Every failpoint is listed in <see cref="All"/>; the fault tests take their subjects from there.
/// </summary>
public static class Failpoint
{
    private static readonly string? Wanted = Environment.GetEnvironmentVariable("OPSCONSOLE_FAILPOINT")?.Split(':')[0];
    private static readonly int WantedPass =
        Environment.GetEnvironmentVariable("OPSCONSOLE_FAILPOINT")?.Split(':') is [_, var n] ? int.Parse(n, System.Globalization.CultureInfo.InvariantCulture) : 1;
    private static int passes;

    /// <summary>
    /// The effects that have intent, touch and outcome; each has the places of <see cref="Places"/>. Drain is none: it waits and reads, and what it does
    /// not outwait is ended by the close.
    /// </summary>
    public static IReadOnlyList<string> Effects { get; } =
        ["freeze", "close", "checkpoint", "release", "rollback", "reopen", "thaw", "commit", "endSession", "settle", "trialCount"];

    /// <summary>Before the intent is on disk, after it, after the database was touched, after the outcome is on disk.</summary>
    public static IReadOnlyList<string> Places { get; } = ["beforeIntent", "afterIntent", "afterTouch", "afterOutcome"];

    /// <summary>Places inside a touch, between two of its own effects on the database.</summary>
    public static IReadOnlyList<string> Inside { get; } =
    [
        "close.doorsRecorded", "close.roleShutOut", "close.sessionsEnded",
        "checkpoint.doorShut", "checkpoint.copied", "checkpoint.doorPutBack",
        "release.marked", "release.statement", "release.beforeCommit",
        "rollback.copyMade", "rollback.fenceRaised", "rollback.shellPut", "rollback.movedAside", "rollback.named",
        "reopen.roleLetIn",
        "commit.beforeCommit",
    ];

    public static IReadOnlyList<string> All { get; } =
        [.. Effects.SelectMany(e => Places.Select(p => $"{e}.{p}")), .. Inside];

    /// <summary>Dies here with SIGKILL when the environment asks for it; otherwise costs one comparison.</summary>
    /// <exception cref="ArgumentException">The name is not listed, which would leave it without a test.</exception>
    public static void Hit(string name)
    {
        if (Wanted is null)
        {
            return;
        }
        if (!All.Contains(name))
        {
            throw new ArgumentException($"Failpoint {name} is not listed.", nameof(name));
        }
        if (name == Wanted && Interlocked.Increment(ref passes) == WantedPass)
        {
            Process.GetCurrentProcess().Kill();
            Process.GetCurrentProcess().WaitForExit();
        }
    }
}
