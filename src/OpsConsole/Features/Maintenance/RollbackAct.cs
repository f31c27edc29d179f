using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Features.Maintenance;

/// <summary>Takes one database of the group back to its checkpoint. Repeated until it is there: the group only goes forward to rolled back.</summary>
public sealed class RollbackAct(IManagedDatabase database, CheckpointFacts checkpoint, string installation, long epoch) : Act
{
    public override string Kind => "rollback";
    public override string Subject => database.Name;
    public override string IntentJson => JsonSerializer.Serialize(new { checkpoint.Id });

    public override async Task<string> Touch(CancellationToken token)
    {
        await database.Restore(checkpoint.Id, JsonSerializer.Deserialize<Engines.Shell>(checkpoint.Shell)!, installation, epoch, token);
        return JsonSerializer.Serialize(new { checkpoint.Id });
    }

    public override Task<Inspection> Inspect(CancellationToken token) =>
        database.InspectRestore(checkpoint.Id, JsonSerializer.Deserialize<Fingerprint>(checkpoint.Fingerprint)!, token);
}
