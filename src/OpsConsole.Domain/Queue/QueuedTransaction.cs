// pending --approve--> approved --begin--> committing --> committed --rolled back with the group--> pending
// pending --begin (below the limit: approval and commit in one)--> committing
// committing --outcome not known--> inDoubt --marker there--> committed; marker not there--> approved (again under the same key)
// committing --target refused, nothing changed--> pending
// approved --withdraw, by the approver--> pending
// pending, approved --hold--> held --unhold--> pending; pending, approved, held --reject--> rejected
// What may be trusted: committed means that the marker was seen or written in the target. committing and inDoubt mean nothing until the marker is read.

namespace OpsConsole.Domain.Queue;

public enum QueuedStatus { Pending, Held, Approved, Committing, Committed, Rejected, InDoubt }

/// <param name="PayloadSha256">what was approved; another payload makes it void</param>
public sealed record QueuedApproval(string By, DateTimeOffset At, string PayloadSha256);

/// <summary>What a verb needs to know beyond the transaction itself. Read in the same store transaction.</summary>
/// <param name="DeskOpen">no window is open, or it is in review or rolled back</param>
/// <param name="EarlierUndecided">id of an earlier transaction with one of the same order keys that is neither committed nor rejected; null: none</param>
/// <param name="WaitsForFinalize">it has legs outside the window's group and the window is not finalized</param>
public sealed record QueueFacts(bool DeskOpen = true, string? EarlierUndecided = null, bool WaitsForFinalize = false);

/// <summary>A transaction that a site started and a person decides. Immutable.</summary>
/// <param name="Sequence">the order of capture</param>
/// <param name="PostedBy">the person behind the key, or the site's key itself</param>
/// <param name="AboveLimit">it needs a second person</param>
/// <param name="Attempt">how often a commit was begun; the marker's key stays the same</param>
public sealed record QueuedTransaction(
    string Id, string Site, string Key, string Kind, long Sequence, string PostedBy, string PayloadSha256, IReadOnlyList<string> OrderKeys, bool AboveLimit,
    QueuedStatus Status = QueuedStatus.Pending, QueuedApproval? Approval = null, string? CommittedBy = null, int Attempt = 0, string? Reason = null,
    string? PublicReason = null, DateTimeOffset? HeldUntil = null, DateTimeOffset? DecidedAt = null)
{
    public static IReadOnlyList<string> Verbs { get; } = ["preview", "approve", "commit", "reject", "hold", "unhold", "withdraw"];

    /// <summary>It locks those behind it that share an order key.</summary>
    public bool IsUndecided => Status is not (QueuedStatus.Committed or QueuedStatus.Rejected);

    /// <summary>Null where the verb is open to this actor. Commit on a committed one is open: the answer is what was done, and nothing is run.</summary>
    public Refusal? Refuse(string verb, string actor, QueueFacts facts)
    {
        var wrong = verb switch
        {
            "preview" => IsOneOf(QueuedStatus.Pending, QueuedStatus.Held, QueuedStatus.Approved),
            "approve" => IsOneOf(QueuedStatus.Pending),
            "commit" => IsOneOf(QueuedStatus.Pending, QueuedStatus.Approved, QueuedStatus.Committed),
            "reject" => IsOneOf(QueuedStatus.Pending, QueuedStatus.Held, QueuedStatus.Approved),
            "hold" => IsOneOf(QueuedStatus.Pending, QueuedStatus.Approved),
            "unhold" => IsOneOf(QueuedStatus.Held),
            "withdraw" => IsOneOf(QueuedStatus.Approved),
            _ => new Refusal(RefusalCode.NotFound, $"A transaction has no verb '{verb}'."),
        };
        if (wrong is not null || (verb == "commit" && Status == QueuedStatus.Committed))
        {
            return wrong;
        }
        if (!facts.DeskOpen && verb is ("preview" or "approve" or "commit" or "reject")) { return DeskClosed; }
        return verb switch
        {
            "approve" => RefuseApproval(actor),
            "commit" => RefuseCommit(actor, facts),
            "withdraw" when Approval is { } given && !Same(actor, given.By) => new(RefusalCode.NotAllowed, $"{given.By} has approved it; only they withdraw that. Anybody may hold it."),
            _ => null,
        };
    }

    private static Refusal DeskClosed { get; } = new(RefusalCode.NotNow, "The desk is closed: the window is neither in review nor rolled back.");

    private Refusal? IsOneOf(params ReadOnlySpan<QueuedStatus> wanted) =>
        wanted.Contains(Status) ? null : new(RefusalCode.WrongState, $"The transaction is {NameOf(Status)}.");

    /// <summary>The status as the API writes it.</summary>
    public static string NameOf(QueuedStatus status) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(status.ToString());

    private Refusal? RefuseApproval(string actor) => Same(actor, PostedBy)
        ? new(RefusalCode.SecondPersonNeeded, "Nobody approves what their own key has posted.")
        : null;

    private Refusal? RefuseCommit(string actor, QueueFacts facts)
    {
        if (facts.WaitsForFinalize)
        {
            return new(RefusalCode.NotNow, "It also changes a database outside the group, which a rollback would not take back; it waits for finalize.");
        }
        if (facts.EarlierUndecided is { } earlier)
        {
            return new(RefusalCode.NotNow, $"Transaction {earlier} was captured before it for the same account and is not decided.");
        }
        if (Approval is null)
        {
            return AboveLimit ? new(RefusalCode.SecondPersonNeeded, "It is above the limit; somebody else has to approve it first.") : RefuseApproval(actor);
        }
        if (Approval.PayloadSha256 != PayloadSha256)
        {
            return new(RefusalCode.SecondPersonNeeded, "It is not what was approved; it has to be approved again.");
        }
        return AboveLimit && Same(actor, Approval.By) ? new(RefusalCode.SecondPersonNeeded, $"{actor} has approved it; above the limit somebody else commits.") : null;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    public QueuedTransaction Approve(string by, DateTimeOffset at) =>
        Checked(Refuse("approve", by, new())) with { Status = QueuedStatus.Approved, Approval = new(by, at, PayloadSha256) };

    /// <summary>The approver takes the word back, as long as nobody has begun to commit.</summary>
    public QueuedTransaction Withdraw(string by) => Checked(Refuse("withdraw", by, new())) with { Status = QueuedStatus.Pending, Approval = null };

    /// <summary>Written before the target is touched. Below the limit it is the approval too.</summary>
    public QueuedTransaction BeginCommit(string by, DateTimeOffset at, QueueFacts facts) =>
        Checked(Status == QueuedStatus.Committed ? new(RefusalCode.WrongState, "The transaction is committed.") : Refuse("commit", by, facts)) with
        {
            Status = QueuedStatus.Committing,
            CommittedBy = by,
            Attempt = Attempt + 1,
            Approval = Approval ?? new(by, at, PayloadSha256),
            Reason = null,
        };

    /// <summary>The marker is in the target: written by this attempt or found there.</summary>
    public QueuedTransaction MarkCommitted(DateTimeOffset at) => From(QueuedStatus.Committing, QueuedStatus.InDoubt) with { Status = QueuedStatus.Committed, DecidedAt = at, Reason = null };

    /// <summary>The target refused and nothing was changed there. Approval falls: whoever approved did not know of this.</summary>
    public QueuedTransaction MarkRefused(string because) => From(QueuedStatus.Committing) with { Status = QueuedStatus.Pending, Approval = null, CommittedBy = null, Reason = because };

    public QueuedTransaction MarkInDoubt(string because) => From(QueuedStatus.Committing) with { Status = QueuedStatus.InDoubt, Reason = because };

    /// <summary>The old session is gone and the marker is not there: it may run again, under the same key.</summary>
    public QueuedTransaction MarkNotApplied() => From(QueuedStatus.Committing, QueuedStatus.InDoubt) with { Status = QueuedStatus.Approved, CommittedBy = null, Reason = null };

    public QueuedTransaction Reject(string by, string reason, string? publicReason, DateTimeOffset at) =>
        Checked(Refuse("reject", by, new()) ?? Blank(reason)) with { Status = QueuedStatus.Rejected, Reason = reason, PublicReason = publicReason, DecidedAt = at };

    public QueuedTransaction Hold(string by, string reason, DateTimeOffset? until) =>
        Checked(Refuse("hold", by, new()) ?? Blank(reason)) with { Status = QueuedStatus.Held, Approval = null, Reason = reason, HeldUntil = until };

    public QueuedTransaction Unhold(string by) => Checked(Refuse("unhold", by, new())) with { Status = QueuedStatus.Pending, Reason = null, HeldUntil = null };

    public const string TakenBack = "It was committed and taken back with the group; it has to be decided again.";

    /// <summary>The group went back and took marker and effect along. What was not committed stays as it is.</summary>
    public QueuedTransaction RollBackWithGroup() => Status == QueuedStatus.Committed
        ? this with { Status = QueuedStatus.Pending, Approval = null, CommittedBy = null, DecidedAt = null, Reason = TakenBack }
        : this;

    private static Refusal? Blank(string reason) => string.IsNullOrWhiteSpace(reason) ? Refusal.Of("reason", "A reason is needed.") : null;

    // The service has asked Refuse and shown the answer; to come here all the same is a fault of the console.
    private QueuedTransaction Checked(Refusal? refusal) => refusal is null ? this : throw new InvalidOperationException(refusal.Text);
    private QueuedTransaction From(params ReadOnlySpan<QueuedStatus> wanted) => Checked(IsOneOf(wanted));
}
