using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

/// <summary>
/// A PostgreSQL database under the console's hands. Its own sessions are named opsconsole/node/epoch/step; readers carry "-" for the epoch,
/// because a take-over has nothing to fear from them. Long work has unpooled sessions, so that nothing of it stays behind.
/// </summary>
public sealed partial class PostgreSqlDatabase : IManagedDatabase
{
    private const string FixedFormats = "-c DateStyle=ISO -c IntervalStyle=postgres -c bytea_output=hex -c extra_float_digits=1";
    private const string OwnSession = "application_name like 'opsconsole/%' and usename = current_user";

    private readonly NpgsqlConnectionStringBuilder origin;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, string> pools = new();
    private readonly string database;
    private readonly string shortHash;
    private volatile HeldFence? held;

    private sealed record HeldFence(string Installation, long Epoch);

    public PostgreSqlDatabase(DatabaseSettings settings, TimeProvider? clock = null)
    {
        Settings = settings;
        this.clock = clock ?? TimeProvider.System;
        origin = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Enlist = false };
        database = origin.Database ?? origin.Username ?? throw new ArgumentException($"The connection of {settings.Name} names no database.", nameof(settings));
        origin.Database = database;
        shortHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)))[..8];
    }

    public string Name => Settings.Name;

    public DatabaseSettings Settings { get; }

    public bool CanPrepare => true;

    public ValueTask DisposeAsync()
    {
        ClearPools();
        return ValueTask.CompletedTask;
    }

    // As one value: an array given to params would be taken for the list of values itself.
    private object SiteRoles => Settings.SiteRoles.ToArray();

    private string Node => Settings.Node.Length > 20 ? Settings.Node[..20] : Settings.Node;

    /// <summary>For looking: fixed text formats, bounded time, nothing that a take-over would have to end.</summary>
    private Task<NpgsqlConnection> OpenLook(CancellationToken token) => Open(database, "-", "look", pooled: true,
        $"{FixedFormats} -c statement_timeout={Settings.CommandSeconds}s", utc: true, Settings.CommandSeconds + 5, token);

    /// <summary>For transactions of the queue: the session settings are the team's, only the time-outs are the console's.</summary>
    private Task<NpgsqlConnection> OpenQueue(string epoch, CancellationToken token) => Open(database, epoch, "queue", pooled: true,
        $"-c statement_timeout={Settings.CommandSeconds}s -c lock_timeout={Settings.LockSeconds}s -c idle_in_transaction_session_timeout={Settings.CommandSeconds}s",
        utc: false, Settings.CommandSeconds + 5, token);

    /// <summary>
    /// For releases, which come one behind the other: a session each costs more than most of them. The pool wipes what a release has set before the next one gets it,
    /// and lets the session go before a copy or a rename. One that was ended meanwhile is found out before anything of the release is sent.
    /// </summary>
    private async Task<NpgsqlConnection> OpenRelease(string epoch, CancellationToken token)
    {
        Task<NpgsqlConnection> Pooled() => Open(database, epoch, "release", pooled: true, $"-c lock_timeout={Settings.LockSeconds}s", utc: false, 0, token);
        var connection = await Pooled();
        try
        {
            await Execute(connection, "select 1", token);
            return connection;
        }
        catch (NpgsqlException)
        {
            await connection.DisposeAsync();
            ClearPools();
            return await Pooled();
        }
    }

    /// <summary>For work that may take long: only waiting for locks is bounded.</summary>
    private Task<NpgsqlConnection> OpenWork(string step, string epoch, CancellationToken token) => OpenWork(step, epoch, database, token);

    private Task<NpgsqlConnection> OpenWork(string step, string epoch, string name, CancellationToken token) => Open(name, epoch, step, pooled: false,
        $"-c lock_timeout={Settings.LockSeconds}s", utc: false, 0, token);

    /// <summary>Named after the database too: a take-over of this one must not end work on another of the same server.</summary>
    private Task<NpgsqlConnection> OpenAdmin(string step, string epoch, CancellationToken token) => Open(Settings.AdminDatabase, epoch, $"{step}@{shortHash}", pooled: false,
        $"-c lock_timeout={Settings.LockSeconds}s", utc: false, 0, token);

    private async Task<NpgsqlConnection> Open(string name, string epoch, string step, bool pooled, string options, bool utc, int commandSeconds, CancellationToken token)
    {
        var text = new NpgsqlConnectionStringBuilder(origin.ConnectionString)
        {
            Database = name,
            Pooling = pooled,
            ApplicationName = $"opsconsole/{Node}/{epoch}/{step}",
            Options = string.IsNullOrEmpty(origin.Options) ? options : $"{origin.Options} {options}",
            CommandTimeout = commandSeconds,
            IncludeFailedBatchedCommand = true, // tells the fence's refusal from a leg's
            Timeout = Math.Clamp(Settings.CommandSeconds, 1, 15),
        };
        if (utc) { text.Timezone = "UTC"; }
        if (pooled) { pools.TryAdd(text.ConnectionString, name); }
        var connection = new NpgsqlConnection(text.ConnectionString);
        try
        {
            await connection.OpenAsync(token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private void ClearPools()
    {
        foreach (var text in pools.Keys)
        {
            using var connection = new NpgsqlConnection(text);
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private static async Task<T> Guard<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException e)
        {
            throw Fault(e);
        }
    }

    private static async Task Guard(Func<Task> work) => await Guard(async () => { await work(); return 0; });

    private static EngineFault Fault(NpgsqlException e, int? line = null) => e is PostgresException server
        ? new EngineFault(server.Hint is { Length: > 0 } hint ? $"{server.MessageText} ({hint})" : server.MessageText, server.SqlState, line, IsUnknown(server), e)
        : new EngineFault(e.Message, null, line, unknown: true, e);

    /// <summary>The server said that it ends the session: what it did before that, nobody knows from here.</summary>
    private static bool IsUnknown(PostgresException e) => e.SqlState.StartsWith("57P", StringComparison.Ordinal) || e.SqlState.StartsWith("08", StringComparison.Ordinal);

    /// <summary>A batch of one: Npgsql sends its text untouched, which a plain command does not promise.</summary>
    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken token, params object?[] values)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = CommandSeconds(connection) };
        batch.BatchCommands.Add(Command(sql, values));
        return await batch.ExecuteNonQueryAsync(token);
    }

    private static async Task<T?> Scalar<T>(NpgsqlConnection connection, string sql, CancellationToken token, params object?[] values)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = CommandSeconds(connection) };
        batch.BatchCommands.Add(Command(sql, values));
        var value = await batch.ExecuteScalarAsync(token);
        return value is null or DBNull ? default : (T)value;
    }

    private static async Task<List<T>> Rows<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken token, params object?[] values)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = CommandSeconds(connection) };
        batch.BatchCommands.Add(Command(sql, values));
        await using var reader = await batch.ExecuteReaderAsync(token);
        var rows = new List<T>();
        while (await reader.ReadAsync(token)) { rows.Add(read(reader)); }
        return rows;
    }

    private static int CommandSeconds(NpgsqlConnection connection) => connection.CommandTimeout;

    private static NpgsqlBatchCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) { command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value }); }
        return command;
    }

    private static string? TextOf(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static double? NumberOf(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
