using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    [GeneratedRegex(@"\A[a-z0-9]{1,20}\z")]
    private static partial Regex CheckpointId();

    /// <summary>The online backup copies one state, whoever writes; it is whole when it has its name, because it gets that last.</summary>
    public Task TakeCheckpoint(string id, CancellationToken token) => Guard(() =>
    {
        var whole = CheckpointFile(id);
        if (File.Exists(whole)) { return; }
        MakeDirectory(Settings.CheckpointDirectory);
        var part = whole + ".part";
        SqliteFile.DeleteWithCompanions(part);
        using (var source = Connect(file.Current, SqliteOpenMode.ReadOnly))
        using (var copy = Connect(part, SqliteOpenMode.ReadWriteCreate))
        {
            source.BackupDatabase(copy);
            // The copy inherits WAL from an open database; a checkpoint is one file.
            Switch(copy, "delete");
        }
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        NativeFile.FlushFile(part);
        Failpoint.Hit("checkpoint.copied");
        NativeFile.RenameToFreeName(part, whole);
        NativeFile.FlushDirectoryOf(whole);
    }, token);

    public Task<Inspection> InspectCheckpoint(string id, CancellationToken token) => Guard(() =>
    {
        var whole = CheckpointFile(id);
        if (!File.Exists(whole))
        {
            return new Inspection(Observed.NotDone, File.Exists(whole + ".part") ? $"{whole}.part is half-made; it is made again." : $"{whole} is not there.");
        }
        try
        {
            using var connection = Connect(whole, SqliteOpenMode.ReadOnly);
            return new Inspection(Observed.Done, $"{whole} is there and holds {Number(connection, "select count(*) from sqlite_schema where type = 'table'")} tables.");
        }
        catch (SqliteException e)
        {
            return new Inspection(Observed.Torn, $"{whole} is there and cannot be read: {Fault(e).Message}.");
        }
    }, token);

    public Task DropCheckpoint(string id, CancellationToken token) => Guard(() =>
    {
        if (!Directory.Exists(Settings.CheckpointDirectory)) { return; }
        SqliteFile.DeleteWithCompanions(CheckpointFile(id));
        SqliteFile.DeleteWithCompanions(CheckpointFile(id) + ".part");
    }, token);

    /// <summary>The id has no hyphen, so no two databases share a name.</summary>
    private string CheckpointFile(string id) =>
        !CheckpointId().IsMatch(id) ? throw new ArgumentException($"{id} is no checkpoint id.", nameof(id))
        : Name.Length == 0 || Name.Any(c => c is '/' or '\\' or '\0') ? throw new EngineFault($"The name {Name} cannot be part of a file's name.")
        : Path.Combine(Settings.CheckpointDirectory, $"{Name}-{id}.db");

    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
        else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }
}
