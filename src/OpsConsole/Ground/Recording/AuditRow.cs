using OpsConsole.Domain.Audit;

namespace OpsConsole.Ground.Recording;

/// <summary>One entry of the chain as the store keeps it; the store refuses update and delete by trigger.</summary>
public sealed class AuditRow
{
    public long Sequence { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Proof { get; init; }
    public required string Action { get; init; }
    public required string Subject { get; init; }
    public required string DetailsJson { get; init; }
    public required string PreviousHash { get; init; }
    public required string Hash { get; init; }

    public Entry ToEntry() => new(Sequence, At, Actor, Proof, Action, Subject, DetailsJson, PreviousHash, Hash);

    public static AuditRow From(Entry e) => new()
    {
        Sequence = e.Sequence,
        At = e.At,
        Actor = e.Actor,
        Proof = e.Proof,
        Action = e.Action,
        Subject = e.Subject,
        DetailsJson = e.DetailsJson,
        PreviousHash = e.PreviousHash,
        Hash = e.Hash,
    };
}
