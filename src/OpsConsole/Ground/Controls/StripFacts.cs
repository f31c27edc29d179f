namespace OpsConsole.Ground.Controls;

/// <summary>Whether and how one can still go back, in one word and one line.</summary>
public sealed record WayBackFacts(Mark Mark, string Word, string Text);

/// <summary>A chip for a site that is frozen, or that should be and is not yet certain.</summary>
public sealed record StripSite(string Name, Mark Mark, string Word);

/// <summary>
/// What stands under the bar on every screen: phase, runway, way back, turn-back time. With no window running
/// Runway, WayBack and TurnBackAt are null, and Text tells of the next or the last one.
/// </summary>
public sealed record StripFacts(string Window, string Route, Mark Mark, string Phase, string Text)
{
    /// <summary>For example "step 10 of 14".</summary>
    public string? StepText { get; init; }
    public RunwayFacts? Runway { get; init; }
    public WayBackFacts? WayBack { get; init; }
    public DateTimeOffset? TurnBackAt { get; init; }
    public string? TurnBackText { get; init; }
    /// <summary>When the sites are expected to be open again; null with a text means: unknown.</summary>
    public DateTimeOffset? OpensAgainAt { get; init; }
    public string? OpensAgainText { get; init; }
    /// <summary>With no window running: what is counted down to, with its label.</summary>
    public DateTimeOffset? CountdownTo { get; init; }
    public string? CountdownLabel { get; init; }
    public IReadOnlyList<StripSite> Sites { get; init; } = [];
}

/// <summary>Where the strip's facts come from. The room of maintenance answers; the frame only draws.</summary>
public interface IStripSource
{
    /// <summary>The topic of the change feed that moves the strip.</summary>
    string Topic { get; }

    /// <summary>The facts as of now, or null when no window is planned, running or remembered.</summary>
    Task<StripFacts?> Read(CancellationToken cancellationToken);

    /// <summary>Calls back, at most four times a second, when the facts may have moved; disposing ends it.</summary>
    IDisposable Watch(Action moved);
}
