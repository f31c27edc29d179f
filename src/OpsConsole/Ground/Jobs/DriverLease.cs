using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Jobs;

public sealed class LeaseRow
{
    public required string Name { get; init; }
    public required string Owner { get; set; }
    public long Epoch { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>
/// One console drives at a time. The epoch only grows, by the store's own row; the targets enforce it. The holder gives up by its own monotonic clock
/// well before the row expires, so that two clocks that disagree cannot make two drivers.
/// </summary>
public sealed class DriverLease(Recorder recorder, TimeProvider time)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(10), RenewEvery = TimeSpan.FromSeconds(2), GivenUpAfter = TimeSpan.FromSeconds(6);
    public const string Name = "driver";
    private long renewedAt;
    private long epoch;

    public string Node { get; } = $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}";
    /// <summary>0: not held yet.</summary>
    public long Epoch => Volatile.Read(ref epoch);
    public bool Held => Epoch > 0 && time.GetElapsedTime(Volatile.Read(ref renewedAt)) < GivenUpAfter;

    /// <summary>False: another live console holds it.</summary>
    public async Task<bool> Take(CancellationToken token)
    {
        var from = time.GetTimestamp();
        var taken = await recorder.Write(async (write, t) =>
        {
            var row = await write.Db.Leases.SingleOrDefaultAsync(l => l.Name == Name, t);
            if (row is not null && row.Owner != Node && row.ExpiresAt > write.Now) { return 0L; }
            if (row is null)
            {
                row = new LeaseRow { Name = Name, Owner = Node };
                write.Db.Leases.Add(row);
            }
            (row.Owner, row.Epoch, row.ExpiresAt) = (Node, row.Epoch + 1, write.Now + Lasts);
            write.Audit(Actor.Console, "lease.taken", Name, new { node = Node, epoch = row.Epoch });
            return row.Epoch;
        }, token);
        if (taken == 0) { return false; }
        Volatile.Write(ref renewedAt, from);
        Volatile.Write(ref epoch, taken);
        return true;
    }

    /// <summary>False: it was lost to another console.</summary>
    public async Task<bool> Renew(CancellationToken token)
    {
        var from = time.GetTimestamp();
        var kept = await recorder.Write(async (write, t) =>
            await write.Db.Leases.Where(l => l.Name == Name && l.Owner == Node && l.Epoch == Epoch)
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.ExpiresAt, write.Now + Lasts), t) == 1, token);
        if (kept) { Volatile.Write(ref renewedAt, from); } else { Volatile.Write(ref epoch, 0); }
        return kept;
    }

    /// <summary>Given back at an orderly end, so that the next start need not wait.</summary>
    public Task GiveBack(CancellationToken token) => Epoch == 0 ? Task.CompletedTask : recorder.Write(async (write, t) =>
        await write.Db.Leases.Where(l => l.Name == Name && l.Owner == Node).ExecuteUpdateAsync(set => set.SetProperty(l => l.ExpiresAt, write.Now), t), token);

    /// <summary>The installation's id, made once; it names this console in every fence.</summary>
    public static Task<string> Installation(Recorder recorder, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        var row = await write.Db.Facts.SingleOrDefaultAsync(f => f.Name == "installation", t);
        if (row is null)
        {
            row = new FactRow { Name = "installation", Value = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) };
            write.Db.Facts.Add(row);
        }
        return row.Value;
    }, token);
}
