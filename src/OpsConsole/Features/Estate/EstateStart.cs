using System.Text.Json;
using OpsConsole.Ground;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Estate;

/// <summary>After a crash: asks the databases what became of the sessions and prepared transactions that were being ended. It decides none by itself.</summary>
public sealed class EstateStart(StoreFactory store, ActRunner acts, EstateDatabases databases, Readiness readiness, DriverLease lease) : IStartStep
{
    public int Order => 100;

    public async Task Run(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        foreach (var row in await ActRunner.CutOff(db, token))
        {
            if (databases.Find(row.Subject) is not { } database) { continue; }
            Act? act = row.Kind switch
            {
                "settle" when JsonSerializer.Deserialize<SettleIntent>(row.IntentJson, JsonSerializerOptions.Web) is { } intent => new SettleAct(database, readiness, lease, intent),
                "endSession" => EndSessionAct.Remake(database, row.IntentJson),
                _ => null,
            };
            if (act is not null) { await acts.Examine(row, act, token); }
        }
    }
}
