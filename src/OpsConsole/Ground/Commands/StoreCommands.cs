using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Commands;

/// <summary>The console's own memory: a copy of it, and whether it is whole.</summary>
internal static class StoreCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("store backup", "FILE [--config FILE]", Backup),
        new("store check", "[--config FILE]", Check),
    ];

    private static async Task<int> Backup(CommandCall call, CancellationToken token)
    {
        var file = Path.GetFullPath(call.Names(1, 1)[0]);
        if (File.Exists(file)) { throw new IOException($"{file} is there already, and is not written over."); }
        var house = await call.Open(token);
        if (house.Settings.Store.Provider != StoreProvider.Sqlite)
        {
            await call.Said.WriteLineAsync("This store is kept by PostgreSQL: copy it with pg_dump, or with the server's own backup.");
            return 2;
        }
        // Written first, so that the copy tells of itself.
        await house.Recorder.Write((write, _) => { write.Audit(call.Actor, "store.backup", Path.GetFileName(file), new { file }); return Task.CompletedTask; }, token);
        var part = file + ".part";
        await using (var from = new SqliteConnection(house.Settings.Store.ConnectionString))
        await using (var to = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = part, Pooling = false }.ConnectionString))
        {
            await from.OpenAsync(token);
            await to.OpenAsync(token);
            from.BackupDatabase(to);
        }
        await using (var written = new FileStream(part, FileMode.Open, FileAccess.ReadWrite)) { written.Flush(flushToDisk: true); }
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        File.Move(part, file);
        await call.Answer.WriteLineAsync(file);
        return 0;
    }

    private static async Task<int> Check(CommandCall call, CancellationToken token)
    {
        call.Names(0, 0);
        var house = await call.Open(token);
        await using var db = house.Store.CreateDbContext();
        if (house.Settings.Store.Provider == StoreProvider.Sqlite)
        {
            var said = await db.Database.SqlQueryRaw<string>("PRAGMA integrity_check").ToListAsync(token);
            if (said is not ["ok"])
            {
                foreach (var line in said) { await call.Answer.WriteLineAsync(line); }
                return 1;
            }
        }
        var found = await AuditReading.Verify(house.Store, new AuditSeal(house.Settings), token);
        await call.Answer.WriteLineAsync(found.Bad is { } bad ? bad.Because : $"whole: {found.Entries} audit entries");
        return found.Bad is null ? 0 : 1;
    }
}
