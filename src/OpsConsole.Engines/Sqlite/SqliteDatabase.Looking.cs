using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    /// <summary>SQLite is a library in each process that uses the file: it cannot tell who that is.</summary>
    public Task<DatabaseFacts> Look(CancellationToken token) => Read(connection =>
    {
        var version = Scalar(connection, "select sqlite_version()")!;
        var pages = Number(connection, "pragma page_count") * Number(connection, "pragma page_size");
        var log = new FileInfo(file.Current + "-wal");
        return new DatabaseFacts(version, pages + (log.Exists ? log.Length : 0), SessionsKnown: false, SiteSessions: null, ActiveSessions: null, OldestTransactionSeconds: null, InDoubt: 0);
    }, token);

    public Task<IReadOnlyList<SessionFacts>> Sessions(CancellationToken token) => Task.FromResult<IReadOnlyList<SessionFacts>>([]);

    public Task<IReadOnlyList<PreparedTransaction>> Prepared(CancellationToken token) => Task.FromResult<IReadOnlyList<PreparedTransaction>>([]);

    public Task SettlePrepared(string gid, bool commit, string installation, long epoch, CancellationToken token) =>
        Task.FromException(new EngineFault("SQLite prepares no transactions, so there is none to settle."));

    public Task<PreparedFate> FateOf(PreparedTransaction prepared, CancellationToken token) => Task.FromResult(PreparedFate.Unknown);

    public Task<bool> EndSession(string id, CancellationToken token) =>
        Task.FromException<bool>(new EngineFault("SQLite cannot tell its sessions, so none can be ended from here; stop the process that uses the file."));

    public Task<ResultRows> Query(string sql, IReadOnlyList<Parameter> parameters, int maxRows, CancellationToken token) => Read(connection =>
    {
        Execute(connection, "begin");
        try
        {
            using var command = Command(connection, sql, parameters);
            using var reader = command.ExecuteReader();
            var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
            var rows = new List<IReadOnlyList<string?>>();
            while (reader.Read())
            {
                if (rows.Count == maxRows) { return new ResultRows(columns, rows, Truncated: true); }
                rows.Add([.. Enumerable.Range(0, columns.Count).Select(i => Text(reader.GetValue(i)))]);
            }
            return new ResultRows(columns, rows, Truncated: false);
        }
        catch (InvalidOperationException e)
        {
            // The driver's words for a parameter that got no value.
            throw new EngineFault(e.Message, inner: e);
        }
        finally
        {
            RollBack(connection);
        }
    }, token);

    /// <summary>What can be proven with locks alone: nobody is in a transaction; who has the file merely open shows when the doors are closed.</summary>
    public Task<IReadOnlyList<string>> WhatHoldsItUp(CancellationToken token) => Guard<IReadOnlyList<string>>(() =>
    {
        var held = new List<string>();
        if (file.State == DoorState.Between) { held.Add(file.Twice().Message); }
        using var connection = ConnectToWrite();
        try
        {
            Execute(connection, "begin exclusive");
            RollBack(connection);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Busy or Locked)
        {
            held.Add($"Another process is in a transaction on {file.Current}; SQLite cannot tell which.");
        }
        return held;
    }, token);
}
