using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

/*
 * Closing. SQLite has no roles, so the file gets a name under which the site does not look. A rename alone shuts nobody out who has the file open. Three things together do:
 *   1. journal_mode = delete needs the file alone while it is in WAL mode, and so proves that no connection uses it;
 *   2. begin exclusive, held during the rename, waits for every transaction and lets none begin;
 *   3. a handle that was idle all the while and holds no lock (it can exist where the database was not in WAL mode) is refused by SQLite itself at its first write,
 *      because the file under it has moved (SQLITE_READONLY_DBMOVED, which needs the rollback journal of 1).
 * A closed database stays in mode delete, so its fate hangs on one file.
 */
public sealed partial class SqliteDatabase
{
    private sealed record Doors(string File, string JournalMode);

    public Task<DoorRecord> ReadDoors(CancellationToken token) => Read(connection => file.State == DoorState.Open
        ? new DoorRecord(JsonSerializer.Serialize(new Doors(file.Open, JournalMode(connection))))
        : throw new EngineFault($"{file.Closed} is closed already; it is opened with the record from before its close."), token);

    /// <summary>The journal mode counts only where it has to come back: a site may switch to WAL itself as soon as it is in.</summary>
    public Task<DoorState> InspectDoors(DoorRecord before, CancellationToken token) => Read(connection =>
        file.State == DoorState.Open && Parse(before).JournalMode == "wal" && JournalMode(connection) != "wal" ? DoorState.Between : file.State, token);

    public Task<int> CloseDoors(DoorRecord before, CancellationToken token) => Guard(() =>
    {
        LetGoOfMark();
        Failpoint.Hit("close.doorsRecorded");
        switch (file.State)
        {
            case DoorState.Closed: return 0;
            case DoorState.Between: throw file.Twice();
            default: Rename(file.Open, file.Closed, () => Failpoint.Hit("close.sessionsEnded")); break;
        }
        Failpoint.Hit("close.roleShutOut");
        return 0;
    }, token);

    public Task OpenDoors(DoorRecord before, CancellationToken token) => Guard(() =>
    {
        LetGoOfMark();
        switch (file.State)
        {
            case DoorState.Between: throw file.Twice();
            case DoorState.Closed: Rename(file.Closed, file.Open, () => { }); break;
            default: break;
        }
        Failpoint.Hit("reopen.roleLetIn");
        // Only now: under the closed name it stays one file. The site may be in already, then this waits for a moment without a transaction.
        if (Parse(before).JournalMode == "wal")
        {
            using var connection = Connect(file.Open, SqliteOpenMode.ReadWrite);
            Switch(connection, "wal");
        }
    }, token);

    private void Rename(string from, string to, Action alone)
    {
        using var connection = Connect(from, SqliteOpenMode.ReadWrite);
        TakeAlone(connection, from);
        alone();
        NativeFile.RenameToFreeName(from, to);
        NativeFile.FlushDirectoryOf(to);
        RollBack(connection);
    }

    /// <summary>Leaves the connection in an exclusive transaction that has written nothing, and so has no journal that would keep the old name.</summary>
    private void TakeAlone(SqliteConnection connection, string path)
    {
        try
        {
            Execute(connection, "pragma wal_checkpoint(truncate)");
            Switch(connection, "delete");
            Execute(connection, "begin exclusive");
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Busy or Locked)
        {
            throw new EngineFault($"Another process holds the file {path}: it did not let go within {Settings.LockSeconds} s. SQLite cannot tell which it is; stop what uses the file.", "5", inner: e);
        }
    }

    private void Switch(SqliteConnection connection, string mode)
    {
        if (Scalar(connection, $"pragma journal_mode = {mode}") is var now && now != mode)
        {
            throw new EngineFault($"The journal mode stays {now} and does not become {mode}; another process holds the file, or the file system cannot do it.");
        }
    }

    private static string JournalMode(SqliteConnection connection) => Scalar(connection, "pragma journal_mode") ?? "";

    private Doors Parse(DoorRecord record) => JsonSerializer.Deserialize<Doors>(record.Json) is { } doors && doors.File == file.Open ? doors
        : throw new EngineFault($"The record of the doors is not of {file.Open}.");
}
