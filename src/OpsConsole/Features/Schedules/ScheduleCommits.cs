using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Schedules;

/// <summary>Commits one occurrence under its own name, by the protocol of a transaction: it cannot be run twice.</summary>
public sealed class ScheduleCommits(
    StoreFactory store, Recorder recorder, Committer committer, ConsoleSettings settings, EstateDatabases databases, DatabaseWatch watch, IEnumerable<IWindowFacts> windows)
{
    private readonly UnderWay underWay = new();

    private static string KeyOf(Committer committer, string name) => committer.KeyOf("schedule", name["schedule/".Length..]);
    private static string HashOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>Null: it is done.</summary>
    public async Task<Refusal?> Commit(Actor actor, ScheduleSettings schedule, string name, CancellationToken token)
    {
        if (databases.Find(schedule.Database) is not { } database) { return new Refusal(RefusalCode.NotNow, $"The database {schedule.Database} is not configured any more."); }
        var epoch = committer.Epoch;
        if (epoch == 0) { return new Refusal(RefusalCode.NotNow, "Another console drives; catch up there."); }
        using var stay = underWay.Enter(name);
        try
        {
            var version = (await database.ReadHistory(token)).Version;
            IVersionOrder order = watch.Of(schedule.Database).Releases is { } folder ? new VersionOrder(folder.Releases.Select(r => r.Version)) : VersionOrder.Dotted;
            if (schedule.Sql.For(version, order) is not { } sql) { return new Refusal(RefusalCode.NotNow, $"{schedule.Name} has no SQL for version {version ?? "none"} of {schedule.Database}."); }
            var (refusal, row) = await Begin(actor, schedule, name, epoch, token);
            if (refusal is not null) { return refusal; }
            var verdict = await committer.Run(database, KeyOf(committer, name), HashOf(name), [new Leg(sql, Leg.AnyRows)], [new Parameter("due", row!.Due)], actor, row.Window);
            await Settle(name, row.Version, verdict, actor, CancellationToken.None);
            return verdict.Word switch
            {
                CommitWord.Applied => null,
                CommitWord.InDoubt => new Refusal(RefusalCode.InProgress, $"Whether {name} was committed is not known yet; its marker is being read."),
                _ => new Refusal(RefusalCode.NotNow, $"The database refused {name} and nothing was changed: {verdict.Text}"),
            };
        }
        catch (EngineFault fault)
        {
            return new Refusal(RefusalCode.NotNow, $"The database does not answer: {fault.Message}");
        }
        catch (FenceRefused)
        {
            return new Refusal(RefusalCode.NotNow, "Another console has taken over.");
        }
    }

    private Task<(Refusal? Refusal, OccurrenceRow? Row)> Begin(Actor actor, ScheduleSettings schedule, string name, long epoch, CancellationToken token) =>
        recorder.Write<(Refusal?, OccurrenceRow?)>(async (write, t) =>
        {
            var row = await write.Db.Set<OccurrenceRow>().SingleAsync(o => o.Name == name, t);
            if (row.Status is OccurrenceStatus.Committing or OccurrenceStatus.InDoubt) { return (new Refusal(RefusalCode.InProgress, $"{name} is being committed."), null); }
            var window = windows.FirstOrDefault() is { } facts ? await facts.Running(write.Db, t) : null;
            if (window is { IsDeskOpen: false }) { return (new Refusal(RefusalCode.NotNow, "Catching up is closed."), null); }
            var reviewing = window is { Status: WindowStatus.Reviewing };
            if (reviewing && !window!.Databases.Contains(schedule.Database, StringComparer.OrdinalIgnoreCase))
            {
                return (new Refusal(RefusalCode.NotNow, $"{schedule.Database} is outside the group, and a rollback would not take it back; it waits for finalize."), null);
            }
            if (row.Status == OccurrenceStatus.Done) { return (new Refusal(RefusalCode.WrongState, $"{name} is done."), null); }
            (row.Status, row.Epoch, row.By, row.Window, row.Because) = (OccurrenceStatus.Committing, epoch, actor.Name, reviewing ? window!.Id : null, null);
            (row.Attempt, row.Version) = (row.Attempt + 1, row.Version + 1);
            write.Audit(actor, "schedule.committing", schedule.Name, new { name, attempt = row.Attempt, epoch });
            write.Moved(Topics.Schedules);
            return (null, row);
        }, token);

    private Task Settle(string name, int version, CommitVerdict verdict, Actor actor, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        var row = await write.Db.Set<OccurrenceRow>().SingleAsync(o => o.Name == name, t);
        if (row.Version != version) { return; }
        row.Status = verdict.Word switch
        {
            CommitWord.Applied => OccurrenceStatus.Done,
            CommitWord.InDoubt => OccurrenceStatus.InDoubt,
            // Settled by its marker, and it is not there: nobody has refused it, it only never ran.
            _ => actor == Actor.Console && verdict.Word == CommitWord.Refused ? OccurrenceStatus.Missed : OccurrenceStatus.Failed,
        };
        (row.Because, row.Version, row.At) = (row.Status is OccurrenceStatus.Done or OccurrenceStatus.Missed ? null : verdict.Text, row.Version + 1, write.Now);
        if (row.Status is OccurrenceStatus.Missed or OccurrenceStatus.Failed) { row.Window = null; }
        write.Audit(actor, $"schedule.{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(row.Status.ToString())}", row.Schedule, new { name, text = verdict.Text });
        write.Moved(Topics.Schedules);
    }, token);

    /// <summary>Reads the markers of those whose outcome is not known: in doubt, or begun by a console which is gone, or here and never brought to an end.</summary>
    public async Task SettleAll(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var epoch = committer.Epoch;
        if (epoch == 0) { return; }
        var rows = await db.Set<OccurrenceRow>().AsNoTracking()
            .Where(o => o.Status == OccurrenceStatus.InDoubt || (o.Status == OccurrenceStatus.Committing && o.Epoch <= epoch)).OrderBy(o => o.Due).ToListAsync(token);
        var ended = new HashSet<(string, long)>();
        foreach (var row in rows)
        {
            if (row.Status == OccurrenceStatus.Committing && row.Epoch == epoch && await IsUnderWay(row, db, token)) { continue; }
            if (settings.Estate.Schedule(row.Schedule) is not { } schedule || databases.Find(schedule.Database) is not { } database) { continue; }
            CommitVerdict verdict;
            try
            {
                verdict = await committer.Settle(database, KeyOf(committer, row.Name), HashOf(row.Name), row.Epoch, ended, token);
            }
            catch (EngineFault fault)
            {
                verdict = new CommitVerdict(CommitWord.InDoubt, [], fault.Message);
            }
            if (verdict.Word == CommitWord.InDoubt && row.Status == OccurrenceStatus.InDoubt) { continue; }
            await Settle(row.Name, row.Version, verdict, Actor.Console, token);
        }
    }

    // Asked in this order: whoever is not under way now and has not moved the row either will not do so any more.
    private async Task<bool> IsUnderWay(OccurrenceRow row, StoreContext db, CancellationToken token) =>
        underWay.Has(row.Name) || !await db.Set<OccurrenceRow>().AnyAsync(o => o.Name == row.Name && o.Version == row.Version, token);
}

/// <summary>At start: what was being committed is settled, then what was missed is listed.</summary>
public sealed class ScheduleSettling(ScheduleCommits commits) : IStartStep
{
    public int Order => 210;
    public Task Run(CancellationToken token) => commits.SettleAll(token);
}

/// <summary>As the last step of the start, and then every five seconds.</summary>
public sealed class ScheduleCollector(ScheduleService schedules, ScheduleCommits commits, Readiness ready, TimeProvider time, ILogger<ScheduleCollector> log) : BackgroundService, IStartStep
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    public int Order => 500;
    public Task Run(CancellationToken token) => schedules.Collect(token);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (ready.WaitsFor is not null) { continue; }
            try
            {
                await commits.SettleAll(stoppingToken);
                await schedules.Collect(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The loop outlives a database that is away.
            {
                log.Log(fault is FenceRefused ? LogLevel.Critical : LogLevel.Warning, fault, "Occurrences could not be settled or listed.");
            }
        }
    }
}
