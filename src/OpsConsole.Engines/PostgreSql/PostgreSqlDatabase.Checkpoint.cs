using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    private const int LongestName = 63;

    private static string Complete(string id) => $"opsconsole checkpoint {id} complete";

    /// <summary>The server cuts names at 63 bytes without a word, and two cut names could be the same.</summary>
    private string CopyName(string id)
    {
        if (id.Length is 0 or > 20 || !id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'))) { throw new ArgumentException($"{id} is no checkpoint id.", nameof(id)); }
        var name = $"{database}_oc_{id}";
        return Encoding.UTF8.GetByteCount(name) + 2 <= LongestName
            ? name
            : $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)))[..24]}_oc_{id}";
    }

    public Task TakeCheckpoint(string id, CancellationToken token) => Guard(async () =>
    {
        var fence = Held;
        var copy = CopyName(id);
        await using var admin = await OpenAdmin("checkpoint", Text(fence.Epoch), token);
        await OneAtATime(admin, token);
        var source = PostgreSqlText.Name(database);
        if (await IsShutToAll(admin, database, token)) { await Execute(admin, $"alter database {source} allow_connections true", token); }
        await CheckFenceOnce("checkpoint", fence, token);
        if (await CopyState(admin, copy, id, token) == true) { return; }
        await RefuseWhatCannotBeCopied(admin, token);
        await Execute(admin, $"drop database if exists {PostgreSqlText.Name(copy)}", token);
        try
        {
            await Execute(admin, $"alter database {source} allow_connections false", token);
            Failpoint.Hit("checkpoint.doorShut");
            ClearPools();
            await EndSessions(admin, database, ownToo: true, token);
            await Execute(admin, $"create database {PostgreSqlText.Name(copy)} template {source} allow_connections false{await FileCopy(admin, token)}", token);
            Failpoint.Hit("checkpoint.copied");
            await Execute(admin, $"comment on database {PostgreSqlText.Name(copy)} is {PostgreSqlText.Literal(Complete(id))}", token);
        }
        finally
        {
            // Also when the copy failed or was called off: the console itself must be able to come in again.
            await Execute(admin, $"alter database {source} allow_connections true", CancellationToken.None);
        }
        Failpoint.Hit("checkpoint.doorPutBack");
    });

    public Task<Inspection> InspectCheckpoint(string id, CancellationToken token) => Guard(async () =>
    {
        await using var admin = await OpenAdmin("look", "-", token);
        return (await CopyState(admin, CopyName(id), id, token), await IsShutToAll(admin, database, token)) switch
        {
            (true, false) => new Inspection(Observed.Done, $"The copy {CopyName(id)} is there and complete."),
            (true, true) => new Inspection(Observed.NotDone, $"The copy {CopyName(id)} is complete, but {database} is still shut to everybody; a repeat opens it to the console."),
            (false, _) => new Inspection(Observed.NotDone, $"The copy {CopyName(id)} is only half made; a repeat makes it again."),
            _ => new Inspection(Observed.NotDone, $"There is no copy {CopyName(id)}."),
        };
    });

    public Task DropCheckpoint(string id, CancellationToken token) => Guard(async () =>
    {
        var fence = Held;
        await CheckFenceOnce("checkpoint", fence, token);
        await using var admin = await OpenAdmin("checkpoint", Text(fence.Epoch), token);
        await OneAtATime(admin, token);
        await Execute(admin, $"drop database if exists {PostgreSqlText.Name(CopyName(id))}", token);
    });

    /// <summary>Null: not there; false: half made; true: complete.</summary>
    private static async Task<bool?> CopyState(NpgsqlConnection admin, string copy, string id, CancellationToken token) =>
        await Scalar<bool?>(admin, "select coalesce(shobj_description(oid, 'pg_database') = $2, false) from pg_database where datname = $1", token, copy, Complete(id));

    private static async Task<bool> IsShutToAll(NpgsqlConnection admin, string name, CancellationToken token) =>
        await Scalar<bool?>(admin, "select not datallowconn from pg_database where datname = $1", token, name) ?? false;

    /// <summary>Held as long as the session lives; a take-over ends the session and so gets the lock.</summary>
    private async Task OneAtATime(NpgsqlConnection admin, CancellationToken token)
    {
        if (!await Scalar<bool>(admin, "select pg_try_advisory_lock(hashtextextended($1, 0))", token, $"opsconsole/{database}"))
        {
            throw new EngineFault($"Another session of the console is copying or renaming {database}.");
        }
    }

    /// <summary>For effects from the administrative database, where the fence cannot stand in the same transaction.</summary>
    private async Task CheckFenceOnce(string step, HeldFence fence, CancellationToken token)
    {
        await using var connection = await OpenWork(step, Text(fence.Epoch), token);
        await CheckFence(connection, fence.Installation, fence.Epoch, token);
    }

    private async Task RefuseWhatCannotBeCopied(NpgsqlConnection admin, CancellationToken token)
    {
        var reasons = await Rows(admin, """
            select 'the prepared transaction ' || gid || ' is open' from pg_prepared_xacts where database = $1
            union all select 'the logical replication slot ' || slot_name || ' belongs to it; take the checkpoint by a command of your own' from pg_replication_slots where database = $1
            union all select 'the subscription ' || s.subname || ' belongs to it; take the checkpoint by a command of your own'
                from pg_subscription s join pg_database d on d.oid = s.subdbid where d.datname = $1
            """, r => r.GetString(0), token, database);
        if (reasons.Count > 0) { throw new EngineFault($"{database} cannot be copied: {string.Join("; ", reasons)}."); }
    }

    /// <summary>From version 15 on the server can copy files instead of writing every page to its log, which is faster for all but tiny databases.</summary>
    private static async Task<string> FileCopy(NpgsqlConnection admin, CancellationToken token) =>
        await Scalar<int>(admin, "select current_setting('server_version_num')::int", token) >= 150000 ? " strategy file_copy" : "";
}
