using System.Text.Json;
using OpsConsole.Domain.Queue;

namespace OpsConsole.Features.TransactionQueue;

public sealed record MoneyView(string Value, string Currency);

public sealed record ApprovalView(string By, DateTimeOffset At, string PayloadSha256);

public sealed record EvidenceView(string Label, string? Before, string? After);

/// <summary>What the legs did when they ran for real and were undone, or for good.</summary>
/// <param name="Rows">per leg</param>
/// <param name="Refusal">the target's words; null: it would commit</param>
public sealed record PreviewView(
    IReadOnlyList<EvidenceView> Evidence, IReadOnlyList<int> Rows, bool WouldCommit, string? Refusal, DateTimeOffset At, double Milliseconds, IReadOnlyList<LegView> Legs);

/// <summary>One statement, how many rows it has to change, and how many it did; null: it was not reached.</summary>
public sealed record LegView(string Sql, int Declared, int? Rows);

/// <summary>Kept with a committed transaction.</summary>
public sealed record ResultView(IReadOnlyList<int> Rows, IReadOnlyList<EvidenceView> ReadBack);

/// <summary>A transaction as a person sees it.</summary>
/// <param name="Can">verbs that are open to who asked</param>
/// <param name="Cannot">the other verbs, each with the rule that closes it</param>
/// <param name="WaitsFor">an earlier one that has to be decided first</param>
public sealed record TransactionView(
    string Id, long Sequence, string Site, string Key, string Kind, JsonElement Fields, string Database, DateTimeOffset StartedAt, DateTimeOffset ReceivedAt,
    string? ExternalId, string PostedBy, QueuedStatus Status, MoneyView? Amount, bool AboveLimit, string PayloadSha256, IReadOnlyList<string> OrderKeys,
    string? WaitsFor, ApprovalView? Approval, string? CommittedBy, string? DecidedBy, DateTimeOffset? DecidedAt, string? Reason, string? PublicReason,
    DateTimeOffset? HeldUntil, int Attempt, string? Window, ResultView? Result, IReadOnlyList<string> Can, IReadOnlyDictionary<string, string> Cannot);

/// <summary>A transaction as its site sees it: pending until no rollback can take the decision back.</summary>
public sealed record SiteTransactionView(
    string Id, string Status, string Key, string Kind, JsonElement Fields, DateTimeOffset StartedAt, DateTimeOffset ReceivedAt, string? ExternalId,
    string? Reason, DateTimeOffset? DecidedAt);

public sealed record OutcomeView(string Id, string Status, string Site, string Key, string? ExternalId, string Kind, string? Reason, DateTimeOffset At);
