using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>One status of the queue: how many, and how much in each currency.</summary>
public sealed record QueueSum(QueuedStatus Status, int Count, IReadOnlyList<MoneyView> Sums);

/// <summary>One of the team: how many they decided, and which one they have open.</summary>
public sealed record DeskMate(string Name, int Decided, long? Open);

/// <summary>How the work stands: what waits, and what was decided since the window began, or in the last day where none runs.</summary>
/// <param name="SecondsEach">the team's pace over the last half hour; null: too few decisions to tell</param>
public sealed record QueueStanding(IReadOnlyList<QueueSum> Sums, IReadOnlyList<DeskMate> Team, OpenWindow? Window, double? SecondsEach)
{
    /// <summary>When the oldest that is undecided was started; null: nothing waits.</summary>
    public DateTimeOffset? Oldest { get; init; }
    public bool DeskOpen => Window?.IsDeskOpen ?? true;
    public int Total => Sums.Sum(s => s.Count);
    public int Decided => Count(QueuedStatus.Committed) + Count(QueuedStatus.Rejected);
    public int Waiting => Count(QueuedStatus.Pending) + Count(QueuedStatus.Approved);
    public int Count(QueuedStatus status) => Sums.FirstOrDefault(s => s.Status == status)?.Count ?? 0;
    public IReadOnlyList<MoneyView> SumsOf(QueuedStatus status) => Sums.FirstOrDefault(s => s.Status == status)?.Sums ?? [];
}

public sealed record DeskClaim(string By, DateTimeOffset Since);

public sealed record DeskNote(string By, DateTimeOffset At, string Text);

/// <summary>Another transaction of the same order key.</summary>
/// <param name="OpenAt">who has it open now; null: nobody</param>
public sealed record DeskNeighbour(string Id, long Sequence, string Kind, MoneyView? Amount, QueuedStatus Status, string? By, DateTimeOffset? At, DateTimeOffset ReceivedAt, string? OpenAt);

public enum FlagWeight { Plain, Attention, Refused }

/// <summary>Something to know before deciding, with the fact behind it.</summary>
/// <param name="Other">the transaction that the fact is about</param>
public sealed record DeskFlag(FlagWeight Weight, string Title, string Fact, string? Other = null);

/// <summary>One transaction with all that a reviewer needs beside it.</summary>
/// <param name="Order">the undecided ones of its order key, in their order, itself among them</param>
/// <param name="Last">the last ten of its order key that came before it and are decided, newest first</param>
/// <param name="Claim">who else has it open; null: nobody else</param>
public sealed record DeskView(
    TransactionView It, IReadOnlyList<DeskNeighbour> Order, IReadOnlyList<DeskNeighbour> Last, IReadOnlyList<DeskNote> Notes, DeskClaim? Claim, IReadOnlyList<DeskFlag> Flags)
{
    /// <summary>Nobody but this person may commit: were they the one who approves, it could not be committed at all.</summary>
    public bool OnlyTheyCommit { get; init; }
    public int Place => Order.ToList().FindIndex(n => n.Id == It.Id) + 1;
}
