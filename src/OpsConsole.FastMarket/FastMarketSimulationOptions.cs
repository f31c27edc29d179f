namespace OpsConsole.FastMarket;

/// <summary>What the simulated sites are told.</summary>
public sealed class FastMarketSimulationOptions
{
    /// <summary>Where the console listens.</summary>
    public required Uri ConsoleAddress { get; init; }

    /// <summary>The members' site's key.</summary>
    public required string MembersKey { get; init; }

    /// <summary>The forum's key.</summary>
    public required string ForumKey { get; init; }

    /// <summary>Where the two databases are.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Makes a run repeatable as far as other processes let it.</summary>
    public int Seed { get; init; } = 2005;

    /// <summary>The mean time between two actions of members, over all instances.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(140);

    /// <summary>The mean time between two transactions that are handed to the queue while the members' site is frozen.</summary>
    public TimeSpan QueuePace { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>No more than these are handed over in one freeze.</summary>
    public int QueuedPerFreeze { get; init; } = 60;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Carries the requests, where they do not go over the network.</summary>
    public HttpMessageHandler? Handler { get; init; }
}

/// <summary>What happened so far.</summary>
public sealed record FastMarketActivity(
    long Logins, long Refused, long Posts, long Deposits, long Withdrawals, long Faults, long Queued, long Outcomes, int Sessions);
