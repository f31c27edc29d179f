using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.Gates;

/// <summary>The running console's end of the shell: it takes what was asked for while it drives, once, and never what has grown old.</summary>
public sealed class ShellDesk(
    StoreFactory store, Recorder recorder, ShellOrders orders, DriverLease lease, Readiness readiness, TimeProvider time, ILogger<ShellDesk> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The store failed for a moment: who asked hears nothing, and says so.
            {
                log.LogWarning("What a shell asked for could not be read or done: {Fault}", fault.Message);
            }
        }
    }

    public async Task Look(CancellationToken token)
    {
        if (readiness.WaitsFor is not null || !lease.Held) { return; }
        var now = time.GetUtcNow();
        List<ShellRequestRow> asked;
        await using (var db = store.CreateDbContext())
        {
            asked = await db.Set<ShellRequestRow>().AsNoTracking().Where(r => r.TakenAt == null && !r.Withdrawn && r.ExpiresAt > now).OrderBy(r => r.AskedAt).Take(10).ToListAsync(token);
        }
        foreach (var row in asked)
        {
            if (!await Take(row.Id, token)) { continue; }
            var answer = JsonSerializer.Deserialize<ShellOrder>(row.OrderJson, JsonSerializerOptions.Web) is { } order
                ? await orders.Do(order, Actor.Shell(row.By), false, CancellationToken.None) : new ShellAnswer(1, "The console does not understand what was asked for.");
            await recorder.Write(async (write, t) =>
            {
                if (await write.Db.Set<ShellRequestRow>().FindAsync([row.Id], t) is { } mine) { (mine.ExitCode, mine.Answer) = (answer.Code, answer.Text); }
            }, CancellationToken.None);
        }
    }

    private Task<bool> Take(string id, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        if (await write.Db.Set<ShellRequestRow>().FindAsync([id], t) is not { TakenAt: null, Withdrawn: false } row || row.ExpiresAt <= write.Now) { return false; }
        (row.TakenAt, row.TakenBy) = (write.Now, lease.Node);
        return true;
    }, token);
}
