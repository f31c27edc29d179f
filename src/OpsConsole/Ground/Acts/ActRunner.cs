using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;

namespace OpsConsole.Ground.Acts;

/// <summary>Intent, touch, outcome. What the touch throws is not believed: the database is looked at.</summary>
public sealed class ActRunner(Recorder recorder, DriverLease lease)
{
    public async Task<ActResult> Do(Act act, Actor actor, string? window, int? step, CancellationToken token)
    {
        Failpoint.Hit($"{act.Kind}.beforeIntent");
        var id = await recorder.Write((write, _) =>
        {
            var row = new ActRow
            {
                Id = Guid.CreateVersion7(write.Now).ToString(), Kind = act.Kind, Subject = act.Subject, Window = window, Step = step,
                IntentJson = act.IntentJson, Epoch = lease.Epoch, StartedAt = write.Now,
            };
            write.Db.Acts.Add(row);
            write.Audit(actor, $"{act.Kind}.intended", act.Subject, new Dictionary<string, object?>(act.Told) { ["act"] = row.Id, ["window"] = window, ["step"] = step });
            write.Moved(Topics.Acts);
            return Task.FromResult(row.Id);
        }, token);
        Failpoint.Hit($"{act.Kind}.afterIntent");
        ActResult result;
        try
        {
            result = new ActResult(Observed.Done, await act.Touch(token), id);
        }
        catch (FenceRefused)
        {
            throw; // Another console drives: this one stops and must not write an outcome over the other's.
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !token.IsCancellationRequested)
        {
            result = await Look(act, fault.Message, id, token);
        }
        Failpoint.Hit($"{act.Kind}.afterTouch");
        await End(id, act.Kind, act.Subject, result, actor, token);
        Failpoint.Hit($"{act.Kind}.afterOutcome");
        return result;
    }

    /// <summary>Acts that were cut off, oldest first: found at start, examined by the room that knows their kind.</summary>
    public static Task<List<ActRow>> CutOff(Store.StoreContext db, CancellationToken token) =>
        db.Acts.AsNoTracking().Where(a => a.Outcome == null).OrderBy(a => a.StartedAt).ToListAsync(token);

    /// <summary>Writes what inspect saw of an act that was cut off.</summary>
    public async Task<ActResult> Examine(ActRow row, Act act, CancellationToken token)
    {
        var result = await Look(act, "the console stopped in the middle", row.Id, token);
        await End(row.Id, row.Kind, row.Subject, result, Actor.Console, token);
        return result;
    }

    private static async Task<ActResult> Look(Act act, string fault, string id, CancellationToken token)
    {
        try
        {
            var seen = await act.Inspect(token);
            return new ActResult(seen.Observed, JsonSerializer.Serialize(new { fault, seen = seen.Because }, JsonSerializerOptions.Web), id);
        }
        catch (Exception second) when (second is not OperationCanceledException) // Could not look: unknown is what is known.
        {
            return new ActResult(Observed.Unknown, JsonSerializer.Serialize(new { fault, seen = second.Message }, JsonSerializerOptions.Web), id);
        }
    }

    private Task End(string id, string kind, string subject, ActResult result, Actor actor, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        var row = await write.Db.Acts.SingleAsync(a => a.Id == id, t);
        row.Outcome = JsonNamingPolicy.CamelCase.ConvertName(result.Outcome.ToString());
        row.DetailJson = result.Detail;
        row.EndedAt = write.Now;
        write.Audit(actor, $"{kind}.{row.Outcome}", subject, new { act = id });
        write.Moved(Topics.Acts);
    }, token);
}
