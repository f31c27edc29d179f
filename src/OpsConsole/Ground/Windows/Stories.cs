namespace OpsConsole.Ground.Windows;

/// <summary>One line of what happened.</summary>
public sealed record StoryLine(DateTimeOffset At, string By, string What);

public sealed record StoryStep(int Number, string Kind, string Subject, string Status, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Detail);

public sealed record StoryCheck(string Name, string Text);

/// <param name="Digest">of the content, as it was when the copy was proven to be of one moment</param>
public sealed record StoryCheckpoint(string Database, string Id, DateTimeOffset At, string Digest);

/// <param name="Chosen">retry, rollback, abandon, or seen done; null: open still</param>
public sealed record StoryDecision(int Step, DateTimeOffset At, string Observed, string Because, string? Chosen, string? By, DateTimeOffset? ChosenAt);

/// <summary>A window told from its events alone.</summary>
public sealed record WindowStory(
    string Id, string Name, string Status, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, string Digest,
    DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? ApprovedBy, string? FinalizedBy, string? RolledBackBy,
    IReadOnlyList<StoryStep> Steps, IReadOnlyList<StoryLine> Timeline, IReadOnlyList<StoryCheck> Checks, IReadOnlyList<StoryCheckpoint> Checkpoints,
    IReadOnlyList<StoryDecision> Decisions);

/// <summary>Maintenance tells of a window.</summary>
public interface IWindowStory
{
    /// <summary>Null: there is no such window.</summary>
    Task<WindowStory?> Tell(string id, CancellationToken token);
}

/// <summary>Counts and sums of one kind in one currency.</summary>
/// <param name="Currency">null where the kind moves no money</param>
public sealed record StoryKind(
    string Kind, string? Currency, int Started, decimal StartedSum, int Committed, decimal CommittedSum, int Rejected, decimal RejectedSum, int Held, int InDoubt, int Left);

/// <summary>What one person decided, in one word, how often, and from when to when.</summary>
/// <param name="Outcome">approvedAboveLimit, committed, rejected</param>
public sealed record StoryHand(string By, string Outcome, int Count, DateTimeOffset From, DateTimeOffset To)
{
    public const string SecondPerson = "approvedAboveLimit";
}

/// <summary>One that was rejected or held, as the morning has to know it.</summary>
/// <param name="About">its order keys, such as account=42</param>
/// <param name="Status">rejected or held</param>
/// <param name="By">null: not written with the row</param>
public sealed record StoryException(long Number, string Kind, decimal? Amount, string? Currency, IReadOnlyList<string> About, string Site, string Key, string Status, string? By, DateTimeOffset? At, string? Reason);

/// <param name="Outcome">caughtUp, failed, missed, unknown</param>
public sealed record StoryOccurrence(string Schedule, DateTimeOffset DueAt, string Outcome, string? By, DateTimeOffset? At);

/// <summary>The rooms of the queue and of the schedules tell what a window did to theirs.</summary>
public interface IQueueStory
{
    Task<IReadOnlyList<StoryKind>> Transactions(OpenWindow window, CancellationToken token);
    Task<IReadOnlyList<StoryHand>> Hands(OpenWindow window, CancellationToken token);
    Task<IReadOnlyList<StoryOccurrence>> Schedules(OpenWindow window, CancellationToken token);
    /// <summary>Those that were neither committed nor simply left, each with its reason.</summary>
    Task<IReadOnlyList<StoryException>> Exceptions(OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StoryException>>([]);
}
