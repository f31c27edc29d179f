using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    private const string OwnPrefix = "opsconsole_", OwnHistory = "opsconsole_history";

    // Times are the engine's, in UTC: the console's clock has no part in what the target remembers.
    private static readonly string[] OwnTables =
    [
        "create table if not exists opsconsole_fence (one integer primary key check (one = 1), installation text not null, epoch integer not null)",
        "create table if not exists opsconsole_applied (key text primary key not null, sha256 text not null, epoch integer not null, applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))",
        "create table if not exists opsconsole_started (version text primary key not null, sha256 text not null, epoch integer not null, started_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))",
        "create table if not exists opsconsole_history (version text primary key not null, title text not null, sha256 text not null, epoch integer not null, applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))",
    ];

    public Task RaiseFence(string installation, long epoch, CancellationToken token) => Guard(() =>
    {
        using var connection = ConnectToWrite();
        InTransaction(connection, () => RaiseFenceIn(connection, installation, epoch));
    }, token);

    public Task<(string Installation, long Epoch)?> ReadFence(CancellationToken token) => Read(FenceOf, token);

    /// <summary>
    /// Nothing to end: SQLite has one writer at a time, and each looks at the fence inside its transaction. When the fence has been raised, no older
    /// writer is in the middle of anything, and the next one finds it.
    /// </summary>
    public Task EndStaleOwnSessions(long epoch, CancellationToken token) => Task.CompletedTask;

    private static void RaiseFenceIn(SqliteConnection connection, string installation, long epoch)
    {
        RefuseNewer(FenceOf(connection), installation, epoch);
        foreach (var table in OwnTables) { Execute(connection, table); }
        Execute(connection, """
            insert into opsconsole_fence (one, installation, epoch) values (1, @installation, @epoch)
            on conflict (one) do update set epoch = excluded.epoch
            """, new Parameter("installation", installation), new Parameter("epoch", epoch));
    }

    private static (string Installation, long Epoch)? FenceOf(SqliteConnection connection)
    {
        if (!HasTable(connection, "opsconsole_fence")) { return null; }
        using var command = Command(connection, "select installation, epoch from opsconsole_fence", []);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetInt64(1)) : null;
    }

    private static void RefuseNewer((string Installation, long Epoch)? fence, string installation, long epoch)
    {
        if (fence is null) { return; }
        if (fence.Value.Installation != installation)
        {
            throw new FenceRefused($"The database belongs to the installation {fence.Value.Installation}, not to {installation}.");
        }
        if (fence.Value.Epoch > epoch)
        {
            throw new FenceRefused(string.Create(CultureInfo.InvariantCulture, $"The database's fence stands at {fence.Value.Epoch}; this console has {epoch} and has been taken over."));
        }
    }

    /// <summary>In the transaction of the effect, after begin immediate: nobody can raise the fence before it ends.</summary>
    private static void CheckFence(SqliteConnection connection, string installation, long epoch)
    {
        var fence = FenceOf(connection) ?? throw new FenceRefused("The database has no fence; it is raised before the first effect.");
        RefuseNewer(fence, installation, epoch);
        if (fence.Epoch != epoch)
        {
            throw new FenceRefused(string.Create(CultureInfo.InvariantCulture, $"The database's fence stands at {fence.Epoch} and was not raised to {epoch}."));
        }
    }
}
