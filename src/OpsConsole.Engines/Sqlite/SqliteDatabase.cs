using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpsConsole.Engines.Sqlite;

/// <summary>
/// The hands for SQLite. Every call opens its own connection on the name that the file has at that moment (unpooled: a handle kept open would
/// hold up a close), and runs on the thread pool, because the driver's asynchronous methods block. Writes begin immediate, so that one writer waits for the
/// other at the beginning, where nothing is lost by giving up.
/// </summary>
public sealed partial class SqliteDatabase : IManagedDatabase
{
    private const int Busy = 5, Locked = 6, Interrupted = 9, CannotOpen = 14, Corrupt = 11, NoDatabase = 26;
    private const int ReadOnlyRecovery = 264, ReadOnlyRollback = 776;

    private readonly TimeProvider clock;
    private readonly SqliteFile file;
    private readonly SqliteConnectionStringBuilder template;

    /// <exception cref="EngineFault">the connection string names no file</exception>
    public SqliteDatabase(DatabaseSettings settings, TimeProvider clock)
    {
        Settings = settings;
        this.clock = clock;
        try
        {
            template = new SqliteConnectionStringBuilder(settings.ConnectionString);
        }
        catch (ArgumentException e)
        {
            throw new EngineFault($"{settings.Name}: {e.Message}", inner: e);
        }
        if (template.DataSource.Length == 0 || template.DataSource.StartsWith(':') || template.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw new EngineFault($"{settings.Name}: Data Source has to be the path of a file, not \"{template.DataSource}\".");
        }
        file = new SqliteFile(Path.GetFullPath(template.DataSource));
    }

    public string Name => Settings.Name;
    public DatabaseSettings Settings { get; }

    /// <summary>SQLite has no prepared transactions.</summary>
    public bool CanPrepare => false;

    public ValueTask DisposeAsync()
    {
        LetGoOfMark();
        return ValueTask.CompletedTask;
    }

    private SqliteConnection Connect(string path, SqliteOpenMode mode, bool? foreignKeys = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(template.ConnectionString)
        {
            DataSource = path,
            Mode = mode,
            Cache = SqliteCacheMode.Private,
            Pooling = false,
            DefaultTimeout = Math.Max(1, Settings.LockSeconds),
            ForeignKeys = template.ForeignKeys ?? foreignKeys,
        }.ConnectionString);
        try
        {
            connection.Open();
            Execute(connection, FormattableString.Invariant($"pragma busy_timeout = {Math.Max(1, Settings.LockSeconds) * 1000}"));
            // FULL, and with a rollback journal also its removal on disk: a commit that was reported is not undone by a power cut.
            if (mode != SqliteOpenMode.ReadOnly) { Execute(connection, "pragma synchronous = extra"); }
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteConnection ConnectToWrite(bool foreignKeys = true) => Connect(file.Current, SqliteOpenMode.ReadWrite, foreignKeys);

    private Task<T> Guard<T>(Func<T> work, CancellationToken token) => Task.Run(() =>
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw e.SqliteErrorCode == Interrupted && token.IsCancellationRequested ? new OperationCanceledException(token) : Fault(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineFault(e.Message, inner: e);
        }
    }, token);

    private Task Guard(Action work, CancellationToken token) => Guard(() => { work(); return true; }, token);

    /// <summary>On a connection that the engine itself keeps from writing. A file that needs recovery after its writer's crash gets it first.</summary>
    private Task<T> Read<T>(Func<SqliteConnection, T> work, CancellationToken token, bool bounded = true) => Guard(() =>
    {
        for (var again = false; ; again = true)
        {
            try
            {
                using var connection = Connect(file.Current, SqliteOpenMode.ReadOnly);
                using var interrupt = Interrupt(connection, bounded ? Settings.CommandSeconds : null, token);
                return work(connection);
            }
            catch (SqliteException e) when (!again && e.SqliteExtendedErrorCode is ReadOnlyRecovery or ReadOnlyRollback)
            {
                using var writer = ConnectToWrite();
                Scalar(writer, "select count(*) from sqlite_schema");
            }
            catch (SqliteException e) when (!again && e.SqliteErrorCode == CannotOpen)
            {
                // It was renamed between the look at its name and the opening.
                token.ThrowIfCancellationRequested();
            }
        }
    }, token);

    private Interruption Interrupt(SqliteConnection connection, int? seconds, CancellationToken token) => new(connection, seconds, clock, token);

    /// <summary>Commits where <paramref name="work"/> returns, else rolls back.</summary>
    private static void InTransaction(SqliteConnection connection, Action work)
    {
        Execute(connection, "begin immediate");
        try
        {
            work();
            Execute(connection, "commit");
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    /// <summary>A conflict clause or a trigger may have rolled back already.</summary>
    private static void RollBack(SqliteConnection connection)
    {
        if (InsideTransaction(connection)) { Execute(connection, "rollback"); }
    }

    private static bool InsideTransaction(SqliteConnection connection) => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private EngineFault Fault(SqliteException e, int? line = null, string? where = null, bool unknown = false)
    {
        var (from, to) = (e.Message.IndexOf('\'', StringComparison.Ordinal), e.Message.LastIndexOf('\''));
        var words = to > from ? e.Message[(from + 1)..to] : e.Message;
        var text = e.SqliteErrorCode switch
        {
            Busy or Locked => $"{words}: another connection held the file's lock for longer than {Settings.LockSeconds} s",
            Interrupted => $"it took longer than {Settings.CommandSeconds} s and was ended",
            _ => words,
        };
        return new EngineFault(where is null ? text : $"{where}: {text}", e.SqliteExtendedErrorCode.ToString(System.Globalization.CultureInfo.InvariantCulture),
            line, unknown || e.SqliteErrorCode == Interrupted, e);
    }

    /// <summary>Ends a statement when its time is over or nobody waits for it any more.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource limit;
        private readonly CancellationTokenSource either;
        private readonly CancellationTokenRegistration registration;

        public Interruption(SqliteConnection connection, int? seconds, TimeProvider clock, CancellationToken token)
        {
            limit = seconds is { } s ? new CancellationTokenSource(TimeSpan.FromSeconds(s), clock) : new CancellationTokenSource();
            either = CancellationTokenSource.CreateLinkedTokenSource(token, limit.Token);
            registration = either.Token.Register(() => raw.sqlite3_interrupt(connection.Handle));
        }

        public void Dispose()
        {
            // First of all: it waits for a call that is under way, so that none comes to a connection that is gone.
            registration.Dispose();
            either.Dispose();
            limit.Dispose();
        }
    }
}
