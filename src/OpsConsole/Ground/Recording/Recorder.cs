using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Settings;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Recording;

/// <summary>What one piece of work sees of the store: its context, the chain, and the topics to tell afterwards.</summary>
public sealed class StoreWrite(StoreContext db, DateTimeOffset now)
{
    internal List<(string Actor, string Proof, string Action, string Subject, string Json)> Entries { get; } = [];
    internal List<object> Rows { get; } = [];
    internal HashSet<string> Topics { get; } = [];
    public StoreContext Db => db;
    /// <summary>The time of this write: one clock for row and entry.</summary>
    public DateTimeOffset Now => now;

    /// <summary>An entry in the same transaction as what it tells of.</summary>
    public void Audit(Actor actor, string action, string subject, object? details = null) =>
        Entries.Add((actor.Name, actor.Proof, action, subject, JsonSerializer.Serialize(details ?? new { }, JsonSerializerOptions.Web)));

    /// <summary>A new row, written at the end of this piece of work and without the change tracker: for what comes in crowds. Queries do not see it before that.</summary>
    public void Insert(object row) => Rows.Add(row);

    public void Moved(string topic) => Topics.Add(topic);
}

/// <summary>
/// The one writer. It owns the audit chain, so the sequence has no gaps by construction, and it commits what waits in one transaction,
/// so that a crowd shares one wait for the disk. A piece of work that fails is undone to its savepoint and does not touch its neighbours.
/// When Write returns, the work is on disk.
/// </summary>
public sealed class Recorder(StoreFactory store, ChangeFeed feed, TimeProvider time, ILogger<Recorder> log) : BackgroundService
{
    private const int GroupLimit = 512;
    private const string Savepoint = "work";
    private readonly Channel<Work> waiting = Channel.CreateBounded<Work>(new BoundedChannelOptions(10_000) { SingleReader = true });

    private sealed record Work(Func<StoreWrite, CancellationToken, Task<object?>> Do, TaskCompletionSource<object?> Done, CancellationToken Token);

    public async Task<T> Write<T>(Func<StoreWrite, CancellationToken, Task<T>> work, CancellationToken token)
    {
        var done = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync(new Work(async (w, t) => await work(w, t), done, token), token);
        return (T)(await done.Task)!;
    }

    public Task Write(Func<StoreWrite, CancellationToken, Task> work, CancellationToken token) =>
        Write<object?>(async (w, t) => { await work(w, t); return null; }, token);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<Work>(GroupLimit);
        while (await waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            group.Clear();
            while (group.Count < GroupLimit && waiting.Reader.TryRead(out var work))
            {
                if (work.Token.IsCancellationRequested) { work.Done.TrySetCanceled(work.Token); }
                else { group.Add(work); }
            }
            if (group.Count > 0) { await Commit(group, stoppingToken); }
        }
    }

    private async Task Commit(List<Work> group, CancellationToken token)
    {
        var answers = new List<(Work Work, object? Value, Exception? Fault)>(group.Count);
        var topics = new HashSet<string>();
        try
        {
            await using var db = store.CreateDbContext();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            if (store.Provider == StoreProvider.PostgreSql)
            {
                // Several nodes share one chain: whoever writes holds this lock until its commit.
                await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(7250105)", token);
            }
            // Each piece of work has its own way back, below.
            db.Database.AutoSavepointsEnabled = false;
            await using var rows = new RowWriter(db, store.Provider);
            // Asked anew for each group: other nodes and the shell's commands write to the same chain.
            var last = (await db.Audit.AsNoTracking().OrderByDescending(a => a.Sequence).FirstOrDefaultAsync(token))?.ToEntry();
            foreach (var work in group)
            {
                if (group.Count > 1) { await transaction.CreateSavepointAsync(Savepoint, token); }
                try
                {
                    var write = new StoreWrite(db, time.GetUtcNow());
                    var value = await work.Do(write, token);
                    await db.SaveChangesAsync(token);
                    last = await Keep(write, rows, last, token);
                    topics.UnionWith(write.Topics);
                    answers.Add((work, value, null));
                }
                catch (Exception fault) when (group.Count > 1) // Whatever one piece of work throws is its own caller's; the group goes on.
                {
                    await transaction.RollbackToSavepointAsync(Savepoint, token);
                    answers.Add((work, null, fault));
                }
                catch (Exception fault) // One without neighbours is undone with its transaction.
                {
                    await transaction.RollbackAsync(token);
                    work.Done.TrySetException(fault);
                    return;
                }
                if (group.Count > 1) { await transaction.ReleaseSavepointAsync(Savepoint, token); }
                db.ChangeTracker.Clear();
            }
            await transaction.CommitAsync(token);
        }
        catch (Exception fault) // The store itself failed: nobody in the group may believe that it was written.
        {
            log.LogError(fault, "The store refused a group of {Count} writes.", group.Count);
            foreach (var work in group) { work.Done.TrySetException(fault); }
            return;
        }
        feed.Moved(topics);
        foreach (var (work, value, fault) in answers)
        {
            if (fault is null) { work.Done.TrySetResult(value); } else { work.Done.TrySetException(fault); }
        }
    }

    /// <summary>What was put aside for the end of a piece of work: its new rows, then what the log says of it.</summary>
    /// <returns>the last entry of the chain</returns>
    private static async Task<Entry?> Keep(StoreWrite write, RowWriter rows, Entry? last, CancellationToken token)
    {
        foreach (var e in write.Entries)
        {
            last = AuditChain.Append(last, write.Now, e.Actor, e.Proof, e.Action, e.Subject, e.Json);
            write.Insert(AuditRow.From(last));
        }
        if (write.Entries.Count > 0) { write.Moved(Live.Topics.Audit); }
        await rows.Insert(write.Rows, token);
        return last;
    }
}
