using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Store;

/// <summary>
/// Inserts rows past the change tracker, which costs more than the disk: in the transaction that the context has open, on the connection that it holds.
/// For rows that are only ever added, many at a time.
/// </summary>
internal sealed class RowWriter(StoreContext db, StoreProvider provider) : IAsyncDisposable
{
    private readonly Dictionary<RowInsert, DbCommand> prepared = [];

    /// <param name="rows">of several tables; the tables are written in the order in which each is first named, so that one that is referred to comes before those that refer to it</param>
    public async Task Insert(IReadOnlyList<object> rows, CancellationToken token)
    {
        foreach (var table in rows.GroupBy(r => r.GetType()))
        {
            var insert = RowInsert.Of(db, table.Key);
            if (provider == StoreProvider.PostgreSql) { await Together(insert, [.. table], token); }
            else { OneByOne(insert, table); }
        }
    }

    private async Task Together(RowInsert insert, List<object> rows, CancellationToken token)
    {
        await using var command = Command();
        insert.BindMany(command, rows);
        await command.ExecuteNonQueryAsync(token);
    }

    // In the same process there is no way to save: what costs is to read the statement, and that is done once.
    private void OneByOne(RowInsert insert, IEnumerable<object> rows)
    {
        if (!prepared.TryGetValue(insert, out var command))
        {
            prepared.Add(insert, command = Command());
            insert.Prepare(command);
        }
        foreach (var row in rows)
        {
            insert.Bind(command, row);
            command.ExecuteNonQuery();
        }
    }

    private DbCommand Command()
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in prepared.Values) { await command.DisposeAsync(); }
    }
}
