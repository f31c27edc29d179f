using Microsoft.EntityFrameworkCore;
using OpsConsole.Engines;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Freezing;

/// <summary>The records of rights that have to be put back.</summary>
public sealed class DoorBook(StoreFactory store, Recorder recorder)
{
    /// <summary>Null: the doors of this database are not ours to put back.</summary>
    public async Task<DoorRecord?> Find(string database, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        return (await db.Set<DoorRow>().AsNoTracking().SingleOrDefaultAsync(d => d.Database == database, token)) is { } row ? new DoorRecord(row.RecordJson) : null;
    }

    public async Task<IReadOnlyList<DoorRow>> All(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        return await db.Set<DoorRow>().AsNoTracking().ToListAsync(token);
    }

    /// <summary>The record of before the first change; a second close must not record the closed doors as what to put back.</summary>
    public async Task<DoorRecord> Keep(string database, Func<CancellationToken, Task<DoorRecord>> read, CancellationToken token)
    {
        if (await Find(database, token) is { } kept) { return kept; }
        var record = await read(token);
        await recorder.Write(async (write, t) =>
        {
            if (await write.Db.Set<DoorRow>().FindAsync([database], t) is null)
            {
                write.Db.Add(new DoorRow { Database = database, RecordJson = record.Json, RecordedAt = write.Now });
            }
        }, token);
        return (await Find(database, token))!;
    }

    public Task Closed(string database, bool closed, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        if (await write.Db.Set<DoorRow>().FindAsync([database], t) is { } row) { row.ClosedAt = closed ? row.ClosedAt ?? write.Now : null; }
    }, token);

    public Task PutBack(string database, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        if (await write.Db.Set<DoorRow>().FindAsync([database], t) is { } row) { write.Db.Remove(row); }
    }, token);
}
