using System.Text.Json;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    /// <param name="Grantee">empty for PUBLIC</param>
    private sealed record Right(string Grantee, string Privilege, bool Grantable);
    private sealed record RoleLogin(string Role, bool CanLogin);
    private sealed record Doors(string Owner, int Limit, IReadOnlyList<Right> Rights, IReadOnlyList<RoleLogin> Roles);

    public Task<DoorRecord> ReadDoors(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        return new DoorRecord(JsonSerializer.Serialize(await ReadDoorsOf(connection, database, token)));
    });

    private async Task<Doors> ReadDoorsOf(NpgsqlConnection connection, string name, CancellationToken token)
    {
        var head = await Rows(connection, "select pg_get_userbyid(datdba)::text, datconnlimit from pg_database where datname = $1", r => (Owner: r.GetString(0), Limit: r.GetInt32(1)), token, name);
        var roles = await Rows(connection, "select rolname::text, rolcanlogin from pg_roles where rolname = any($1) order by 1", r => new RoleLogin(r.GetString(0), r.GetBoolean(1)), token, SiteRoles);
        return new Doors(head[0].Owner, head[0].Limit, await ReadRights(connection, name, token), roles);
    }

    /// <summary>Effective rights: a database whose rights were never touched has none written down, and still lets PUBLIC in.</summary>
    private static Task<List<Right>> ReadRights(NpgsqlConnection connection, string name, CancellationToken token) => Rows(connection, """
        select case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, a.privilege_type, bool_or(a.is_grantable)
        from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = $1 group by 1, 2 order by 1, 2
        """, r => new Right(r.GetString(0), r.GetString(1), r.GetBoolean(2)), token, name);

    public Task<int> CloseDoors(DoorRecord before, CancellationToken token) => Guard(async () =>
    {
        Failpoint.Hit("close.doorsRecorded");
        var fence = Held;
        await using var connection = await OpenWork("close", Text(fence.Epoch), token);
        await RefuseWhatCannotBeClosed(connection, token);
        await using (var transaction = await connection.BeginTransactionAsync(token))
        {
            await CheckFence(connection, fence.Installation, fence.Epoch, token);
            if (Settings.Close == CloseMethod.Connect)
            {
                await ShutOut(connection, database, token);
            }
            else
            {
                foreach (var role in Settings.SiteRoles) { await Execute(connection, $"alter role {PostgreSqlText.Name(role)} nologin", token); }
            }
            if (!await IsShut(connection, database, token))
            {
                throw new EngineFault($"The rights of {Name} could not be taken away; the console's role must own the database or be a superuser.");
            }
            await transaction.CommitAsync(token);
        }
        Failpoint.Hit("close.roleShutOut");
        var ended = await EndSessions(connection, database, ownToo: false, token);
        Failpoint.Hit("close.sessionsEnded");
        return ended;
    });

    /// <summary>CONNECT from PUBLIC, from the site roles, and from every group through which a site role has it.</summary>
    private async Task ShutOut(NpgsqlConnection connection, string name, CancellationToken token)
    {
        var holders = await Rows(connection, """
            select distinct case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end
            from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
            where d.datname = $1 and a.privilege_type = 'CONNECT'
              and (a.grantee = 0 or exists (select 1 from pg_roles s where s.rolname = any($2) and not s.rolsuper and pg_has_role(s.oid, a.grantee, 'usage')))
            """, r => r.GetString(0), token, name, SiteRoles);
        foreach (var holder in holders)
        {
            await Execute(connection, $"revoke connect on database {PostgreSqlText.Name(name)} from {Grantee(holder)} cascade", token);
        }
    }

    private async Task<bool> IsShut(NpgsqlConnection connection, string name, CancellationToken token) => Settings.Close == CloseMethod.NoLogin
        ? await Scalar<bool>(connection, "select not exists (select 1 from pg_roles where rolname = any($1) and rolcanlogin)", token, SiteRoles)
        : await Scalar<bool>(connection, """
            select not exists (select 1 from pg_roles s where s.rolname = any($2) and has_database_privilege(s.oid, d.oid, 'CONNECT'))
               and not exists (select 1 from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where a.grantee = 0 and a.privilege_type = 'CONNECT')
            from pg_database d where d.datname = $1
            """, token, name, SiteRoles);

    private async Task RefuseWhatCannotBeClosed(NpgsqlConnection connection, CancellationToken token)
    {
        var roles = SiteRoles;
        if (await Scalar<string>(connection, "select string_agg(r, ', ') from unnest($1::text[]) r where not exists (select 1 from pg_roles where rolname = r)", token, roles) is { } missing)
        {
            throw new EngineFault($"The server has no role {missing}.");
        }
        if (Settings.Close == CloseMethod.NoLogin)
        {
            if (await Scalar<bool>(connection, "select current_user = any($1::text[])", token, roles))
            {
                throw new EngineFault("The console's own role is a site role: closing would shut the console out.");
            }
            var elsewhere = await Rows(connection, """
                select distinct 'role ' || r.rolname || ' is used in the database ' || d.datname
                from pg_roles r join pg_database d on d.datname <> $1 and not d.datistemplate and d.datallowconn
                where r.rolname = any($2) and (exists (select 1 from pg_shdepend s where s.refobjid = r.oid and s.refclassid = 'pg_authid'::regclass
                          and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid)))
                      or exists (select 1 from pg_stat_activity a where a.datid = d.oid and a.usesysid = r.oid))
                """, r => r.GetString(0), token, database, roles);
            if (elsewhere.Count > 0) { throw new EngineFault($"NOLOGIN holds for the whole server, and {string.Join(", ", elsewhere)}."); }
            return;
        }
        var supers = await Scalar<string>(connection, "select string_agg(rolname, ', ') from pg_roles where rolsuper and rolname = any($1)", token, roles);
        if (supers is not null) { throw new EngineFault($"{supers} is a superuser, whom no right keeps out."); }
        if (await Scalar<bool>(connection, """
            select not c.rolsuper and exists (select 1 from pg_roles s where s.rolname = any($1) and pg_has_role(s.oid, c.oid, 'usage')) from pg_roles c where c.rolname = current_user
            """, token, roles))
        {
            throw new EngineFault("The console's own role is a site role: closing would shut the console out.");
        }
    }

    public Task OpenDoors(DoorRecord before, CancellationToken token) => Guard(async () =>
    {
        var fence = Held;
        var wanted = Parse<Doors>(before.Json);
        await using var connection = await OpenWork("reopen", Text(fence.Epoch), token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await CheckFence(connection, fence.Installation, fence.Epoch, token);
        var now = await ReadDoorsOf(connection, database, token);
        if (now.Limit != wanted.Limit)
        {
            await Execute(connection, $"alter database {PostgreSqlText.Name(database)} connection limit {Text(wanted.Limit)}", token);
        }
        foreach (var role in wanted.Roles.Except(now.Roles).Where(r => now.Roles.Any(n => n.Role == r.Role)))
        {
            await Execute(connection, $"alter role {PostgreSqlText.Name(role.Role)} {(role.CanLogin ? "login" : "nologin")}", token);
            Failpoint.Hit("reopen.roleLetIn");
        }
        await SetRights(connection, database, wanted.Rights, () => Failpoint.Hit("reopen.roleLetIn"), token);
        await transaction.CommitAsync(token);
    });

    private static async Task SetRights(NpgsqlConnection connection, string name, IReadOnlyList<Right> wanted, Action granted, CancellationToken token)
    {
        var on = $"on database {PostgreSqlText.Name(name)}";
        foreach (var right in (await ReadRights(connection, name, token)).Except(wanted))
        {
            await Execute(connection, $"revoke {Privilege(right)} {on} from {Grantee(right.Grantee)} cascade", token);
        }
        // Read again: a cascade may have taken more than what was named.
        foreach (var right in wanted.Except(await ReadRights(connection, name, token)))
        {
            await Execute(connection, $"grant {Privilege(right)} {on} to {Grantee(right.Grantee)}{(right.Grantable ? " with grant option" : "")}", token);
            granted();
        }
    }

    public Task<DoorState> InspectDoors(DoorRecord before, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        var wanted = Parse<Doors>(before.Json);
        var now = await ReadDoorsOf(connection, database, token);
        if (now.Owner == wanted.Owner && now.Limit == wanted.Limit && now.Rights.SequenceEqual(wanted.Rights) && now.Roles.SequenceEqual(wanted.Roles)) { return DoorState.Open; }
        return await IsShut(connection, database, token) ? DoorState.Closed : DoorState.Between;
    });

    private static string Grantee(string name) => name.Length == 0 ? "public" : PostgreSqlText.Name(name);

    private static string Privilege(Right right) => right.Privilege is "CONNECT" or "CREATE" or "TEMPORARY"
        ? right.Privilege
        : throw new EngineFault($"{right.Privilege} is no right on a database.");

    private static T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json) ?? throw new EngineFault("The record of the database's rights is empty.");
}
