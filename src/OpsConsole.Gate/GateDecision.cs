namespace OpsConsole.Gate;

/// <summary>What somebody wants at the gate.</summary>
public enum GateAsk
{
    /// <summary>To come in: a new login.</summary>
    Login,
    /// <summary>To go on: a request within a session that is there already.</summary>
    Session,
}

/// <summary>Why the gate let somebody in or not.</summary>
public enum GateReason
{
    /// <summary>The gate is open and the lease holds.</summary>
    Open,
    /// <summary>The last word was open; the console has not been heard for longer than the lease, and no freeze is announced for now.</summary>
    OpenUnheard,
    /// <summary>The site is thawing and this is staff.</summary>
    Staff,
    /// <summary>The site is thawing and the user is in the share that is let in.</summary>
    InShare,
    /// <summary>Only logins are refused; this is a session that goes on.</summary>
    SessionGoesOn,
    /// <summary>The gate is shut by the console's last word.</summary>
    Frozen,
    /// <summary>The site is thawing and the user's turn has not come.</summary>
    NotYet,
    /// <summary>The lease ran out in an announced window: a freeze may have been ordered that did not arrive.</summary>
    AnnouncedAndUnheard,
    /// <summary>No word was ever heard, so it is not known whether the site is frozen.</summary>
    NeverHeard,
}

/// <summary>The gate's answer to one person.</summary>
/// <param name="RetryAfterSeconds">0 where the person is let in</param>
/// <param name="Message">what operators want people to read; text, never markup</param>
public readonly record struct GateDecision(bool Allowed, GateReason Reason, int RetryAfterSeconds, string? Message);
