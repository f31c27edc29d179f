using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Jobs;

namespace OpsConsole.Features.Gates;

/// <summary>What became of asking the running console.</summary>
/// <param name="Answer">null: it did not answer</param>
/// <param name="Dead">no console holds the lease: nobody drives, and the holder of before has given up by its own clock</param>
internal sealed record ShellReply(ShellAnswer? Answer, bool Dead, string Because);

/// <summary>
/// The command's end of the shell. The lease says whether a console lives: its holder renews it every two seconds and gives up by its own clock
/// before it runs out. So a lease that has run out is a proof, and silence under one that runs is none.
/// </summary>
internal sealed class ShellPost(CommandHouse house, Actor actor, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), ForTheWork = TimeSpan.FromMinutes(2);

    public async Task<ShellReply> Ask(ShellOrder order, TimeSpan patience, CancellationToken token)
    {
        if (await Holder(token) is not { } holder) { return Nobody; }
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        await house.Recorder.Write(async (write, t) =>
        {
            var old = write.Now.AddDays(-1);
            await write.Db.Set<ShellRequestRow>().Where(r => r.ExpiresAt < old).ExecuteDeleteAsync(t);
            write.Db.Add(new ShellRequestRow { Id = id, OrderJson = JsonSerializer.Serialize(order, JsonSerializerOptions.Web), By = actor.Name, AskedAt = write.Now, ExpiresAt = write.Now + patience });
            // A look is no action.
            if (order.Site is { } site) { write.Audit(actor, "shell.asked", site, new { order.Verb, depth = order.Depth?.ToString(), order.IncludeSites, order.Share, order.Reason }); }
        }, token);
        for (var from = time.GetTimestamp(); ; await Task.Delay(Pause, time, token))
        {
            var row = await Read(id, token);
            if (row.Answer is { } text) { return new ShellReply(new ShellAnswer(row.ExitCode ?? 1, text), false, ""); }
            var waited = time.GetElapsedTime(from);
            if (row.TakenAt is not null)
            {
                if (waited > ForTheWork) { return new ShellReply(null, false, $"{row.TakenBy} has taken it and does not say what became of it. Look with status; nothing was done from here."); }
                continue;
            }
            var now = await Holder(token);
            if (now is not null && waited < patience) { holder = now; continue; }
            if (!await Withdraw(id, token)) { continue; }
            return now is null ? Nobody : new ShellReply(null, false,
                $"The console {holder} holds the lease and does not answer. While it lives nothing is done behind its back. Its lease ends 10 s after it stops: end that process if it hangs, and ask again.");
        }
    }

    private static ShellReply Nobody { get; } = new(null, true, "");

    /// <summary>Who holds the lease now; null: nobody.</summary>
    public async Task<string?> Holder(CancellationToken token)
    {
        await using var db = house.Store.CreateDbContext();
        var row = await db.Leases.AsNoTracking().SingleOrDefaultAsync(l => l.Name == DriverLease.Name, token);
        return row is not null && row.ExpiresAt > time.GetUtcNow() ? row.Owner : null;
    }

    private async Task<ShellRequestRow> Read(string id, CancellationToken token)
    {
        await using var db = house.Store.CreateDbContext();
        return await db.Set<ShellRequestRow>().AsNoTracking().SingleAsync(r => r.Id == id, token);
    }

    /// <summary>False: a console took it in the same moment.</summary>
    private Task<bool> Withdraw(string id, CancellationToken token) => house.Recorder.Write(async (write, t) =>
    {
        var row = await write.Db.Set<ShellRequestRow>().SingleAsync(r => r.Id == id, t);
        return row.TakenAt is null && (row.Withdrawn = true);
    }, token);
}
