namespace OpsConsole.Ground.Controls;

/// <summary>A lease that runs out at a moment. The tone says whether anybody waits for that.</summary>
public sealed record LeaseFacts(DateTimeOffset EndsAt, TimeSpan Length, Mark? Tone = null);

/// <summary>A step's time against the rehearsed one. Took is null until it begins.</summary>
public sealed record BulletFacts(TimeSpan? Rehearsed, TimeSpan? Took, Mark State);

/// <summary>The time left to the window's end: time to decide, and the time that a rollback needs.</summary>
public sealed record GaugeFacts(TimeSpan ToDecide, TimeSpan Needed)
{
    public bool TooLate => ToDecide <= TimeSpan.Zero;
}

/// <summary>A short series, oldest first; the mark is the index at which something happened.</summary>
public sealed record SparkFacts(IReadOnlyList<double> Values, string Says, int? MarkAt = null);

/// <summary>What a stretch of the runway is: solid has happened, hatched is expected.</summary>
public enum RunwayPart
{
    Done,
    Running,
    Failed,
    Expected,
}

/// <summary>The two lines that a window is steered by.</summary>
public enum RunwayLineKind
{
    Finalize,
    TurnBack,
}

public sealed record RunwaySpan(DateTimeOffset From, DateTimeOffset To, RunwayPart Part, string? Label = null);

public sealed record RunwayLine(DateTimeOffset At, RunwayLineKind Kind, string Label);

/// <summary>A window as a bar from opening to end: its steps, how long the sites are frozen, how long the way back is open.</summary>
public sealed record RunwayFacts(
    DateTimeOffset Opens,
    DateTimeOffset Closes,
    DateTimeOffset Now,
    IReadOnlyList<RunwaySpan> Steps,
    IReadOnlyList<RunwaySpan> Frozen,
    IReadOnlyList<RunwaySpan> WayBack,
    IReadOnlyList<RunwayLine> Lines);

/// <summary>The same drawing in three sizes.</summary>
public enum RunwaySize
{
    Strip,
    Page,
    Board,
}

/// <summary>A database's version in one state of a plan; Step and Took belong to the release that leads to it.</summary>
public sealed record PlanVersion(string Version, bool Changed, string? Step = null, string? Took = null);

/// <summary>What leads back from a state.</summary>
public sealed record PlanWayBack(Mark Mark, string Word, string? Detail = null, string? Proven = null);

/// <summary>One column of the plan: the versions of all databases after a step, in the order of the plan's databases.</summary>
public sealed record PlanState(string Title, IReadOnlyList<PlanVersion> Versions, bool Together, bool Frozen, PlanWayBack? WayBack, bool AfterFinalize = false)
{
    /// <summary>Wanted, and no step leads there.</summary>
    public bool Unreachable { get; init; }
}

public sealed record PlanDatabase(string Name, string Engine);

/// <summary>A plan as states and databases; FrozenText says how long the sites are closed.</summary>
public sealed record PlanGridFacts(IReadOnlyList<PlanDatabase> Databases, IReadOnlyList<PlanState> States, string? FrozenText = null);

/// <summary>One combination of two versions: allowed, on the planned path, or forbidden by a contract's letter.</summary>
public sealed record MatrixCell(bool Allowed, bool OnPath, string? ForbiddenBy = null);

/// <summary>Which versions of two databases may live together; rows run from the newest version down.</summary>
public sealed record StateMatrixFacts(string Across, IReadOnlyList<string> AcrossVersions, string Down, IReadOnlyList<string> DownVersions, IReadOnlyList<IReadOnlyList<MatrixCell>> Rows);
