using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Commits;

public enum CommitWord { Applied, Refused, Conflict, InDoubt }

/// <param name="Text">the target's words; null where it is applied</param>
public sealed record CommitVerdict(CommitWord Word, IReadOnlyList<int> Rows, string? Text);

/// <summary>The row of the transaction that is committed, written with the journal's: see <see cref="Beside"/>.</summary>
public sealed record CommitRow(Func<StoreWrite, CancellationToken, Task<bool>> Begin, Func<CommitVerdict, Task<Func<StoreWrite, CancellationToken, Task>>> End);

/// <summary>Commits under a marker, and reads afterwards what became of it. The intent to commit is on disk before the target is touched.</summary>
public sealed class Committer(ActRunner acts, Fences fences, DriverLease lease, Readiness readiness)
{
    /// <summary>0: another console drives, and this one must not begin.</summary>
    public long Epoch => lease.Held ? lease.Epoch : 0;

    /// <summary>The same in every attempt: it names the transaction, never the try.</summary>
    public string KeyOf(string site, string key) => $"{readiness.Installation}/{site}/{key}";

    /// <summary>The caller has written that it begins, and writes the verdict itself.</summary>
    /// <exception cref="FenceRefused">another console drives; nothing was done</exception>
    public async Task<CommitVerdict> Run(IManagedDatabase database, string key, string sha256, IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, Actor actor, string? window) =>
        (await Run(database, key, sha256, legs, parameters, actor, window, null))!;

    /// <returns>null: the row's own Begin refused, and nothing was done</returns>
    /// <exception cref="FenceRefused">another console drives; nothing was done</exception>
    public async Task<CommitVerdict?> Run(
        IManagedDatabase database, string key, string sha256, IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, Actor actor, string? window, CommitRow? row)
    {
        var act = new CommitAct(database, fences, new CommitRequest(key, sha256, readiness.Installation, lease.Epoch, legs, parameters));
        var beside = row is null ? null : new Beside(row.Begin, result => row.End(VerdictOf(result, act.Result)));
        // Begun is begun: the one who asked may have gone, the outcome has to be written all the same.
        return await acts.Do(act, actor, window, null, beside, CancellationToken.None) is { } seen ? VerdictOf(seen, act.Result) : null;
    }

    private static CommitVerdict VerdictOf(ActResult result, CommitResult? answer) => (result.Outcome, answer) switch
    {
        (Observed.Done, _) => new(CommitWord.Applied, answer?.RowsPerLeg ?? [], null),
        (Observed.NotDone, { Outcome: CommitOutcome.KeyConflict }) => new(CommitWord.Conflict, [], answer.Text),
        (Observed.NotDone, _) => new(CommitWord.Refused, answer?.RowsPerLeg ?? [], answer?.Text ?? result.Words),
        _ => new(CommitWord.InDoubt, [], result.Words),
    };

    /// <summary>What the target knows of a commit that was begun, once nobody is left who could still commit it.</summary>
    /// <param name="ended">databases whose old sessions were ended in this round: once is enough for all that were in doubt when it began, and ends what others have under way only once</param>
    public async Task<CommitVerdict> Settle(IManagedDatabase database, string key, string sha256, long epoch, ISet<(string Database, long Epoch)> ended, CancellationToken token)
    {
        await fences.Raise(database, token);
        if (!ended.Contains((database.Name, epoch)))
        {
            await database.EndStaleOwnSessions(epoch + 1, token);
            ended.Add((database.Name, epoch));
        }
        var marker = await database.ReadMarker(key, token);
        return marker.PayloadSha256 is null ? new(CommitWord.Refused, [], "Its marker is not in the database.")
            : marker.PayloadSha256 == sha256 ? new(CommitWord.Applied, [], null)
            : new(CommitWord.Conflict, [], "The marker in the database belongs to another content.");
    }
}

/// <summary>Commits that were cut off in the journal: each is examined by its marker, whichever room began it.</summary>
public sealed class CutOffCommits(StoreFactory store, ActRunner acts, Fences fences, Watching.EstateDatabases databases, ILogger<CutOffCommits> log) : IStartStep
{
    public int Order => 190;

    public async Task Run(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        foreach (var row in (await ActRunner.CutOff(db, token)).Where(r => r.Kind == "commit"))
        {
            if (databases.Find(row.Subject) is not { } database || JsonSerializer.Deserialize<CommitAct.Intent>(row.IntentJson, JsonSerializerOptions.Web) is not { } intent) { continue; }
            try
            {
                await fences.Raise(database, token);
            }
            catch (EngineFault fault) // It cannot be reached: the examination below says unknown, and the resolver goes on asking.
            {
                log.LogWarning("{Database} cannot be asked for {Key}: {Fault}", row.Subject, intent.Key, fault.Message);
            }
            await acts.Examine(row, new CommitAct(database, fences, new CommitRequest(intent.Key, intent.PayloadSha256, intent.Installation, intent.Epoch, [], []), cutOff: true), token);
        }
    }
}
