using System.Text.Json;
using OpsConsole.Ground;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Sessions;

/// <summary>After a crash: asks the databases what became of the sessions and prepared transactions that were being ended. It decides none by itself.</summary>
public sealed class SessionsStart(StoreFactory store, ActRunner acts, EstateDatabases databases, Readiness readiness, DriverLease lease) : IStartStep
{
    public int Order => 100;

    public async Task Run(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        foreach (var row in await ActRunner.CutOff(db, token))
        {
            if (Remake(row) is { } act) { await acts.Examine(row, act, token); }
        }
    }

    private Act? Remake(ActRow row) => row.Kind switch
    {
        "settle" when databases.Find(row.Subject) is { } database && JsonSerializer.Deserialize<SettleIntent>(row.IntentJson, JsonSerializerOptions.Web) is { } intent =>
            new SettleAct(database, readiness, lease, intent),
        // A site may bear a database's name: what was intended tells which of the two was meant.
        "endSession" when OfMembers(row) is { } intent => databases.Find(intent.Database) is { } database ? new EndMembersAct(database, null, intent) : null,
        "endSession" when databases.Find(row.Subject) is { } database => EndSessionAct.Remake(database, row.IntentJson),
        _ => null,
    };

    private static EndMembersIntent? OfMembers(ActRow row) =>
        JsonSerializer.Deserialize<EndMembersIntent>(row.IntentJson, JsonSerializerOptions.Web) is { Site: not null, Hashes: not null } intent ? intent : null;
}
