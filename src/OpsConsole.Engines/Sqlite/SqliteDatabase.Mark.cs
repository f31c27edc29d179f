using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

/*
 * data_version tells of commits by others than the connection that asks, and only that connection: so one is held from mark to mark. The change counter in the file's header would do without, but reading
 * the file past SQLite drops this process's locks on it, and in WAL mode the counter stands still. A held connection that is lost (a restart, a rename, a restore) gives a mark that equals none
 * before: a checkpoint is then taken again, never wrongly believed. The console's own commits move it too: it makes none between the marks of a checkpoint.
 */
public sealed partial class SqliteDatabase
{
    private readonly Lock holding = new();
    private (SqliteConnection Connection, string Path, string Id)? held;

    public Task<WriteMark> ReadWriteMark(CancellationToken token) => Guard(() =>
    {
        lock (holding)
        {
            try
            {
                var path = file.Current;
                if (held?.Path != path)
                {
                    LetGoOfMark();
                    held = (Connect(path, SqliteOpenMode.ReadOnly), path, Guid.NewGuid().ToString("N"));
                }
                return new WriteMark($"{held!.Value.Id}:{Scalar(held.Value.Connection, "pragma data_version")}");
            }
            catch
            {
                LetGoOfMark();
                throw;
            }
        }
    }, token);

    private void LetGoOfMark()
    {
        lock (holding)
        {
            held?.Connection.Dispose();
            held = null;
        }
    }
}
