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
    public async Task<ActResult> Do(Act act, Actor actor, string? window, int? step, CancellationToken token) =>
        (await Do(act, actor, window, step, null, token))!;

    /// <returns>null: <paramref name="beside"/> refused, and nothing was done</returns>
    public async Task<ActResult?> Do(Act act, Actor actor, string? window, int? step, Beside? beside, CancellationToken token)
    {
        Failpoint.Hit($"{act.Kind}.beforeIntent");
        var row = await recorder.Write(async (write, t) => beside is null || await beside.Begin(write, t) ? Intend(write, act, actor, window, step) : null, token);
        if (row is null) { return null; }
        var id = row.Id;
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
        await End(row, result, actor, beside is null ? null : await beside.End(result), token);
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
        await End(row, result, Actor.Console, null, token);
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

    private ActRow Intend(StoreWrite write, Act act, Actor actor, string? window, int? step)
    {
        var row = new ActRow
        {
            Id = Guid.CreateVersion7(write.Now).ToString(),
            Kind = act.Kind,
            Subject = act.Subject,
            Window = window,
            Step = step,
            IntentJson = act.IntentJson,
            Epoch = lease.Epoch,
            StartedAt = write.Now,
        };
        write.Insert(row);
        write.Audit(actor, $"{act.Kind}.intended", act.Subject, new Dictionary<string, object?>(act.Told) { ["act"] = row.Id, ["window"] = window, ["step"] = step });
        write.Moved(Topics.Acts);
        return row;
    }

    /// <param name="row">as it is in the store: only what the outcome changes is written</param>
    private Task End(ActRow row, ActResult result, Actor actor, Func<StoreWrite, CancellationToken, Task>? beside, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        write.Db.Attach(row);
        row.Outcome = JsonNamingPolicy.CamelCase.ConvertName(result.Outcome.ToString());
        row.DetailJson = result.Detail;
        row.EndedAt = write.Now;
        write.Audit(actor, $"{row.Kind}.{row.Outcome}", row.Subject, new { act = row.Id });
        write.Moved(Topics.Acts);
        if (beside is not null) { await beside(write, t); }
    }, token);
}
