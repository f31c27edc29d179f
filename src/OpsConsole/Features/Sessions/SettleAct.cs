using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;

namespace OpsConsole.Features.Sessions;

/// <param name="Decision">commit or rollback</param>
public sealed record SettleIntent(PreparedTransaction Prepared, string Decision, string? Reason);

/// <summary>Ends one prepared transaction as a person decided. Afterwards the engine is asked what became of it: somebody else may have been there first.</summary>
public sealed class SettleAct(IManagedDatabase database, Readiness readiness, DriverLease lease, SettleIntent intent) : Act
{
    private bool Commits => intent.Decision == "commit";

    public override string Kind => "settle";
    public override string Subject => database.Name;
    public override string IntentJson => JsonSerializer.Serialize(intent, JsonSerializerOptions.Web);
    public override IReadOnlyDictionary<string, object?> Told =>
        new Dictionary<string, object?> { ["gid"] = intent.Prepared.Gid, ["decision"] = intent.Decision, ["reason"] = intent.Reason };

    public override async Task<string> Touch(CancellationToken token)
    {
        await database.SettlePrepared(intent.Prepared.Gid, Commits, readiness.Installation, lease.Epoch, token);
        return JsonSerializer.Serialize(new { intent.Prepared.Gid, intent.Decision }, JsonSerializerOptions.Web);
    }

    public override async Task<Inspection> Inspect(CancellationToken token) => await database.FateOf(intent.Prepared, token) switch
    {
        PreparedFate.Waiting => new(Observed.NotDone, $"{intent.Prepared.Gid} is still prepared in {database.Name}"),
        PreparedFate.Committed => new(Commits ? Observed.Done : Observed.NotDone, $"{intent.Prepared.Gid} was committed in {database.Name}"),
        PreparedFate.RolledBack => new(Commits ? Observed.NotDone : Observed.Done, $"{intent.Prepared.Gid} was rolled back in {database.Name}"),
        _ => new(Observed.Unknown, $"{intent.Prepared.Gid} is gone, and {database.Name} does not say what became of it"),
    };
}
