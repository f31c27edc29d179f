using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    // Raises by itself where the row is missing, so that it can stand first in a batch: what follows it is never run.
    private const string FenceSql = "select 1 / count(*) from (select 1 from opsconsole.fence where installation = $1 and epoch = $2 for share) f";

    private const string OwnTables = """
        create schema if not exists opsconsole;
        create table if not exists opsconsole.fence(only_row boolean primary key default true check (only_row), installation text not null, epoch bigint not null);
        create table if not exists opsconsole.applied(key text primary key, payload_sha256 text not null, epoch bigint not null, at timestamptz not null default clock_timestamp());
        create table if not exists opsconsole.started(version text primary key, sha256 text not null, epoch bigint not null, ended int not null default 0, invalid text[] not null, at timestamptz not null default clock_timestamp());
        create table if not exists opsconsole.plain_history(version text primary key, title text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp())
        """;

    public Task RaiseFence(string installation, long epoch, CancellationToken token) => Guard(async () =>
    {
        await using (var admin = await OpenAdmin("takeover", "-", token))
        {
            await CheckNotNewer(installation, epoch, admin, token);
            await EndStale(admin, epoch, token);
            // A copy or rename that died in its middle leaves the database shut to everybody, the console included.
            if (await Scalar<bool?>(admin, "select datallowconn from pg_database where datname = $1", token, database) == false)
            {
                await Execute(admin, $"alter database {PostgreSqlText.Name(database)} allow_connections true", token);
            }
        }
        await using var connection = await OpenWork("fence", Text(epoch), token);
        await RaiseFenceIn(connection, installation, epoch, token);
        held = new HeldFence(installation, epoch);
    });

    /// <summary>Looked at before any session is ended: a console that is not entitled must do no harm.</summary>
    private async Task CheckNotNewer(string installation, long epoch, NpgsqlConnection admin, CancellationToken token)
    {
        if (await Scalar<bool?>(admin, "select datallowconn from pg_database where datname = $1", token, database) == false) { return; }
        if (await ReadFence(token) is { } fence) { Refuse(fence.Installation, fence.Epoch, installation, epoch); }
    }

    private void Refuse(string carriedInstallation, long carriedEpoch, string installation, long epoch)
    {
        if (carriedInstallation != installation)
        {
            throw new FenceRefused($"{Name} belongs to the installation {carriedInstallation}, not to {installation}.");
        }
        if (carriedEpoch > epoch)
        {
            throw new FenceRefused($"{Name} carries the epoch {carriedEpoch}; this console has only {epoch}.");
        }
    }

    private async Task RaiseFenceIn(NpgsqlConnection connection, string installation, long epoch, CancellationToken token)
    {
        await using var transaction = await connection.BeginTransactionAsync(token);
        // Two consoles that come at once would collide at the creation; the lock lets them come one after the other.
        await Execute(connection, "select pg_advisory_xact_lock(hashtextextended('opsconsole', 0))", token);
        foreach (var statement in PostgreSqlSplitter.Split(OwnTables)) { await Execute(connection, statement.Text, token); }
        var rows = await Rows(connection, "select installation, epoch from opsconsole.fence for update", r => (Installation: r.GetString(0), Epoch: r.GetInt64(1)), token);
        if (rows.Count == 0)
        {
            await Execute(connection, "insert into opsconsole.fence(installation, epoch) values ($1, $2)", token, installation, epoch);
        }
        else
        {
            Refuse(rows[0].Installation, rows[0].Epoch, installation, epoch);
            await Execute(connection, "update opsconsole.fence set epoch = $1 where epoch < $1", token, epoch);
        }
        await transaction.CommitAsync(token);
    }

    public Task<(string Installation, long Epoch)?> ReadFence(CancellationToken token) => Guard<(string, long)?>(async () =>
    {
        await using var connection = await OpenLook(token);
        if (!await Scalar<bool>(connection, "select to_regclass('opsconsole.fence') is not null", token)) { return null; }
        var rows = await Rows(connection, "select installation, epoch from opsconsole.fence", r => (r.GetString(0), r.GetInt64(1)), token);
        return rows.Count == 0 ? null : rows[0];
    });

    /// <summary>First in the transaction of an effect: holds a shared lock on the row until that transaction ends.</summary>
    private async Task CheckFence(NpgsqlConnection connection, string installation, long epoch, CancellationToken token)
    {
        try
        {
            await Execute(connection, FenceSql, token, installation, epoch);
        }
        catch (PostgresException e) when (IsFenceMiss(e))
        {
            throw FenceGone(installation, epoch);
        }
    }

    private static bool IsFenceMiss(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DivisionByZero or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName;

    private FenceRefused FenceGone(string installation, long epoch) => new($"The fence of {Name} does not carry {installation} with the epoch {epoch}; nothing was done.");

    /// <summary>The calls that name no epoch are made in that of the last <see cref="RaiseFence"/>.</summary>
    private HeldFence Held => held ?? throw new FenceRefused($"This console has not raised the fence of {Name} yet.");
}
