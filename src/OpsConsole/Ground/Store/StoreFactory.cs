using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Store;

/// <summary>Opens the store, whichever engine keeps it, and brings it to this version's shape.</summary>
public sealed class StoreFactory(StoreProvider provider, string connectionString) : IDbContextFactory<StoreContext>
{
    // Contexts are used again: made anew for each request, with options of its own, one costs more than what it reads.
    private readonly Func<StoreContext> make = provider == StoreProvider.Sqlite
        ? new PooledDbContextFactory<SqliteStoreContext>(new DbContextOptionsBuilder<SqliteStoreContext>().UseSqlite(connectionString).AddInterceptors(SqliteDurability.Instance).Options).CreateDbContext
        : new PooledDbContextFactory<PostgreSqlStoreContext>(new DbContextOptionsBuilder<PostgreSqlStoreContext>().UseNpgsql(connectionString).Options).CreateDbContext;

    public StoreProvider Provider => provider;

    public StoreContext CreateDbContext() => make();

    public Task<StoreContext> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(CreateDbContext());

    /// <summary>Creates and migrates the store, and asserts its durability.</summary>
    /// <exception cref="StoreRefused">the store is newer than this console, or would not keep what it confirms</exception>
    public async Task Prepare(CancellationToken token)
    {
        if (provider == StoreProvider.Sqlite)
        {
            var file = new SqliteConnectionStringBuilder(connectionString).DataSource;
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) { OwnFolder.Make(folder); }
        }
        await using var db = CreateDbContext();
        var known = db.Database.GetMigrations().ToHashSet();
        if (await db.Database.CanConnectAsync(token))
        {
            var newer = (await db.Database.GetAppliedMigrationsAsync(token)).Where(m => !known.Contains(m)).ToList();
            if (newer.Count > 0)
            {
                throw new StoreRefused($"The store was written by a newer console (it has {newer[^1]}). Start that version, or restore the copy made before the upgrade.");
            }
        }
        await db.Database.MigrateAsync(token);
        await AuditTriggers.Put(db, provider, token);
        await RefuseUnsafe(db, token);
    }

    /// <summary>What stands against it, without making or changing anything; null: nothing, or there is none yet.</summary>
    public async Task<string?> Probe(CancellationToken token)
    {
        if (provider == StoreProvider.Sqlite && !File.Exists(new SqliteConnectionStringBuilder(connectionString).DataSource)) { return null; }
        try
        {
            await using var db = CreateDbContext();
            await RefuseUnsafe(db, token);
            return null;
        }
        catch (Exception fault) when (fault is StoreRefused or System.Data.Common.DbException or InvalidOperationException or ArgumentException)
        {
            return (fault.InnerException ?? fault).Message; // EF wraps what may pass by itself.
        }
    }

    private async Task RefuseUnsafe(StoreContext db, CancellationToken token)
    {
        if (provider == StoreProvider.Sqlite)
        {
            await db.Database.OpenConnectionAsync(token);
            var mode = await Scalar(db, "PRAGMA journal_mode", token);
            var sync = await Scalar(db, "PRAGMA synchronous", token);
            if (mode != "wal" || sync != "2")
            {
                throw new StoreRefused($"The store must run with journal_mode=wal and synchronous=FULL; it has {mode} and {sync}. Is it on a network drive?");
            }
        }
        else
        {
            await db.Database.OpenConnectionAsync(token);
            var off = await Scalar(db, "select string_agg(name, ', ') from pg_settings where name in ('fsync','full_page_writes') and setting = 'off'", token);
            var commit = await Scalar(db, "show synchronous_commit", token);
            // A server with fsync off is a test server: the console says so loudly in its log and goes on only when told.
            if (commit == "off" || (off is { Length: > 0 } && Environment.GetEnvironmentVariable("OPSCONSOLE_ALLOW_UNSAFE_STORE") != "1"))
            {
                throw new StoreRefused($"The store's server may lose what it confirmed ({off ?? "synchronous_commit off"}). Set it on, or set OPSCONSOLE_ALLOW_UNSAFE_STORE=1 for a test.");
            }
        }
    }

    private static async Task<string?> Scalar(StoreContext db, string sql, CancellationToken token)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync(token)) is { } v and not DBNull ? Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}

/// <summary>The store cannot be used as it is; the message says why and what helps.</summary>
public sealed class StoreRefused(string message) : Exception(message);
