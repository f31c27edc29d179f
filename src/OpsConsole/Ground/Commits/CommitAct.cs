using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Ground.Commits;

/// <summary>
/// Marker and legs in one transaction of the target. What is not known afterwards is read from the marker, once no session is left that could still write it.
/// </summary>
/// <param name="cutOff">it was begun by a process that is gone: whether it reached the target is not known</param>
public sealed class CommitAct(IManagedDatabase database, Fences fences, CommitRequest request, bool cutOff = false) : Act
{
    internal sealed record Intent(string Key, string PayloadSha256, string Installation, long Epoch);

    private bool sent = cutOff;

    public override string Kind => "commit";
    public override string Subject => database.Name;
    public override string IntentJson =>
        JsonSerializer.Serialize(new Intent(request.Key, request.PayloadSha256, request.Installation, request.Epoch), JsonSerializerOptions.Web);

    /// <summary>What the target answered; null: it did not.</summary>
    public CommitResult? Result { get; private set; }

    public override async Task<string> Touch(CancellationToken token)
    {
        await fences.Raise(database, token);
        sent = true;
        Result = await database.Commit(request, token);
        return Result.Outcome switch
        {
            CommitOutcome.Committed or CommitOutcome.AlreadyApplied => JsonSerializer.Serialize(new { Result.Outcome, Result.RowsPerLeg }, JsonSerializerOptions.Web),
            CommitOutcome.Unknown => throw new EngineFault(Result.Text ?? "the outcome is not known", unknown: true),
            _ => throw new EngineFault(Result.Text ?? "the target refused"),
        };
    }

    public override async Task<Inspection> Inspect(CancellationToken token)
    {
        if (!sent) { return new Inspection(Observed.NotDone, "nothing was sent to the database"); }
        if (Result is { Outcome: CommitOutcome.Refused or CommitOutcome.KeyConflict }) { return new Inspection(Observed.NotDone, Result.Text ?? "the database refused"); }
        // Only where its own session could not be found: this ends what others have under way too.
        if (Result is not { SessionGone: true }) { await database.EndStaleOwnSessions(request.Epoch + 1, token); }
        var marker = await database.ReadMarker(request.Key, token);
        if (marker.PayloadSha256 is null) { return new Inspection(Observed.NotDone, "its marker is not in the database"); }
        if (marker.PayloadSha256 == request.PayloadSha256) { return new Inspection(Observed.Done, "its marker is in the database"); }
        Result = new CommitResult(CommitOutcome.KeyConflict, [], "The marker in the database belongs to another content.");
        return new Inspection(Observed.NotDone, Result.Text!);
    }
}
