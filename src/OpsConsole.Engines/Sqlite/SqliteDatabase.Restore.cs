using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

/*
 * The checkpoint is copied next to the database, made ready there, and replaces it by one rename: at every moment the closed name is either the old content or the finished new one. The old one
 * is held exclusively meanwhile, so that nobody commits into what is about to vanish.
 */
public sealed partial class SqliteDatabase
{
    /// <summary>What the content does not carry; the journal mode belongs to the doors, because a closed database has another one than an open one.</summary>
    private sealed record FileShell(long ApplicationId, long UserVersion, int? Mode, string? Owner);

    public Task<Shell> ReadShell(CancellationToken token) => Read(connection => new Shell(JsonSerializer.Serialize(new FileShell(
        Number(connection, "pragma application_id"), Number(connection, "pragma user_version"),
        OperatingSystem.IsWindows() ? null : (int)File.GetUnixFileMode(file.Current), NativeFile.Owner(file.Current)))), token);

    public Task Restore(string id, Shell shell, string installation, long epoch, CancellationToken token) => Guard(() =>
    {
        var checkpoint = CheckpointFile(id);
        if (!File.Exists(checkpoint)) { throw new EngineFault($"The checkpoint {checkpoint} is not there."); }
        if (!File.Exists(file.Closed) && File.Exists(file.Open)) { throw new EngineFault($"{file.Open} is not closed; a checkpoint only replaces a closed database."); }
        LetGoOfMark();
        using var old = TakeOld(installation, epoch);
        SqliteFile.DeleteWithCompanions(file.Restoring);
        File.Copy(checkpoint, file.Restoring);
        Failpoint.Hit("rollback.copyMade");
        PutFence(installation, epoch);
        Failpoint.Hit("rollback.fenceRaised");
        PutShell(JsonSerializer.Deserialize<FileShell>(shell.Json)!);
        NativeFile.FlushFile(file.Restoring);
        Failpoint.Hit("rollback.shellPut");
        // A journal that a crash left belongs to the content that goes, and would be played into the content that comes.
        foreach (var suffix in (string[])["-journal", "-wal", "-shm"]) { File.Delete(file.Closed + suffix); }
        Failpoint.Hit("rollback.movedAside");
        File.Move(file.Restoring, file.Closed, overwrite: true);
        NativeFile.FlushDirectoryOf(file.Closed);
        Failpoint.Hit("rollback.named");
        if (old is not null) { RollBack(old); }
    }, token);

    public async Task<Inspection> InspectRestore(string id, Fingerprint expected, CancellationToken token)
    {
        if (File.Exists(file.Restoring)) { return new Inspection(Observed.NotDone, $"{file.Restoring} is there: the copy has not taken the database's place."); }
        var difference = expected.DifferenceTo(await ReadFingerprint(token));
        return difference is null ? new Inspection(Observed.Done, $"The content equals that of checkpoint {id}.") : new Inspection(Observed.NotDone, $"Against checkpoint {id}: {difference}.");
    }

    /// <summary>Null where the old content is missing or cannot be read, which is when a way back is needed most.</summary>
    private SqliteConnection? TakeOld(string installation, long epoch)
    {
        if (!File.Exists(file.Closed)) { return null; }
        SqliteConnection? old = null;
        try
        {
            old = Connect(file.Closed, SqliteOpenMode.ReadWrite);
            TakeAlone(old, file.Closed);
            RefuseNewer(FenceOf(old), installation, epoch);
            return old;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NoDatabase)
        {
            old?.Dispose();
            return null;
        }
        catch
        {
            old?.Dispose();
            throw;
        }
    }

    private void PutFence(string installation, long epoch)
    {
        using var copy = Connect(file.Restoring, SqliteOpenMode.ReadWrite);
        InTransaction(copy, () => RaiseFenceIn(copy, installation, epoch));
    }

    private void PutShell(FileShell shell)
    {
        using (var copy = Connect(file.Restoring, SqliteOpenMode.ReadWrite))
        {
            Execute(copy, FormattableString.Invariant($"pragma application_id = {shell.ApplicationId}"));
            Execute(copy, FormattableString.Invariant($"pragma user_version = {shell.UserVersion}"));
        }
        // The owner first: giving a file away takes special bits of its mode.
        if (shell.Owner is not null && NativeFile.Owner(file.Restoring) != shell.Owner) { NativeFile.GiveTo(file.Restoring, shell.Owner); }
        if (shell.Mode is { } mode && !OperatingSystem.IsWindows()) { File.SetUnixFileMode(file.Restoring, (UnixFileMode)mode); }
    }
}
