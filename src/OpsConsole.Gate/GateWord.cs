namespace OpsConsole.Gate;

/// <summary>How far a gate is shut. A text that is not one of these counts as <see cref="Everyone"/>.</summary>
public enum GateState
{
    /// <summary>Everybody comes in.</summary>
    Open,
    /// <summary>New logins are refused; sessions go on.</summary>
    Logins,
    /// <summary>Nobody is in; sessions are to be ended.</summary>
    Everyone,
    /// <summary>Staff and a share of the members come in.</summary>
    Thawing,
}

/// <summary>A time in which the site has to expect a freeze, by the console's clock.</summary>
public sealed record AnnouncedWindow(DateTimeOffset From, DateTimeOffset To);

/// <summary>A gate's answer as it comes over the wire.</summary>
public sealed record GateAnswer(
    string? Site, string? State, long Version, double LeaseSeconds, DateTimeOffset Now, string? Message = null,
    int? RetryAfterSeconds = null, string? Jobs = null, AnnouncedWindow? Announced = null, int? Share = null);

/// <summary>The last word that was heard of a gate, in the terms the site decides by.</summary>
/// <param name="JobsRun">background work may run</param>
/// <param name="Share">0 to 100; of use only while thawing</param>
public sealed record GateWord(
    GateState State, long Version, string? Message, int? RetryAfterSeconds, bool JobsRun, AnnouncedWindow? Announced, int Share)
{
    /// <summary>Reads an answer. What is not understood shuts the gate, and never opens it.</summary>
    public static GateWord From(GateAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var state = answer.State switch
        {
            "open" => GateState.Open,
            "logins" => GateState.Logins,
            "thawing" => GateState.Thawing,
            _ => GateState.Everyone,
        };
        return new(state, answer.Version, answer.Message, answer.RetryAfterSeconds,
            answer.Jobs == "run" && state != GateState.Everyone,
            answer.Announced, Math.Clamp(answer.Share ?? 0, 0, 100));
    }
}
