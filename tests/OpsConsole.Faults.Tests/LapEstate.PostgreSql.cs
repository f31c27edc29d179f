using Npgsql;
using OpsConsole.Engines.Tests;

namespace OpsConsole.Faults.Tests;

/// <summary>Odd laps close by CONNECT, even ones by NOLOGIN.</summary>
public sealed class PostgreSqlLapEstate(PostgreSqlServer server, LapPlan plan, string folder) : LapEstate(plan, folder)
{
    private readonly string suffix = Guid.NewGuid().ToString("N")[..8];
    private readonly List<NpgsqlConnection> sessions = [];

    protected override string DepositSql => "update accounts set balance = balance + (@amount * 100)::bigint where id = @account";
    protected override string Concurrently => "concurrently";
    protected override string Markers => "opsconsole.applied";

    private string Real(string database) => $"lap_{database}_{suffix}";
    private string Role(string database) => $"{database}_site_{suffix}";

    protected override async Task MakeDatabase(string database)
    {
        await server.Run("postgres", $"create database {Real(database)}", $"create role {Role(database)} login", $"alter database {Real(database)} connection limit 40",
            $"comment on database {Real(database)} is 'of the {database}'", $"alter role {Role(database)} in database {Real(database)} set work_mem to '2MB'");
        await server.Run(Real(database),
            "create table accounts (id int primary key, balance bigint not null)", "insert into accounts select n, 1000 from generate_series(1, 100) n",
            "create table notes (id serial primary key, word text not null)", "insert into notes (word) values ('first')",
            "create table schema_migrations (version bigint not null primary key, dirty boolean not null)", $"insert into schema_migrations values ({(database == "members" ? 4 : 6)}, false)",
            $"grant select, insert, update on all tables in schema public to {Role(database)}");
    }

    protected override object Connection(string database) => new
    {
        Engine = "PostgreSql",
        ConnectionString = server.ConnectionString(Real(database)),
        AdminDatabase = "postgres",
        SiteRoles = new[] { Role(database) },
        Close = Plan.Number % 2 == 0 ? "NoLogin" : "Connect",
        Releases = new { Path = $"releases/{database}", Layout = "GolangMigrate" },
    };

    public override async Task<string?> Text(string database, string sql)
    {
        try
        {
            return await server.Text(Real(database), sql);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState) // ALLOW_CONNECTIONS is off.
        {
            return null;
        }
    }

    public override async Task<string> Content(string database) => await Text(database, """
        select string_agg(x, ' ' order by x) from (
          select 'column ' || table_name || '.' || column_name || ' ' || data_type from information_schema.columns where table_schema = 'public'
          union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
          union all select 'account ' || a from accounts a union all select 'note ' || n from notes n union all select 'history ' || h from schema_migrations h
          union all select 'sequence ' || sequencename || ' ' || last_value from pg_sequences where schemaname = 'public') t(x)
        """) ?? throw new InvalidOperationException($"{database} lets nobody in.");

    public override async Task<string> Shell(string database) => await server.Text("postgres", $"""
        select string_agg(x, ' ' order by x) from (
          select 'right ' || case a.grantee when 0 then 'public' else a.grantee::regrole::text end || ' ' || a.privilege_type from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = '{Real(database)}'
          union all select 'owner ' || datdba::regrole::text || ' limit ' || datconnlimit || ' lets in ' || datallowconn || ' ' || coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = '{Real(database)}'
          union all select 'login ' || rolcanlogin from pg_roles where rolname = '{Role(database)}'
          union all select 'setting ' || coalesce(s.setrole::regrole::text, '') || s.setconfig::text from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = '{Real(database)}') t(x)
        """) ?? "";

    public override async Task<bool> SiteGetsIn(string database)
    {
        try
        {
            await using var session = await server.Connect(Real(database), Role(database));
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    public override async Task<string?> LeaveSession(string database)
    {
        var session = await server.Connect(Real(database), Role(database));
        sessions.Add(session);
        return session.ProcessID.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public override async Task<string?> LeavePrepared(string database, string note)
    {
        await server.Run(Real(database), $"begin; insert into notes (word) values ('{note}'); prepare transaction 'left-{suffix}'");
        return $"left-{suffix}";
    }

    public override async Task<bool> PreparedWaits(string gid) => await server.Text("postgres", $"select 1 from pg_prepared_xacts where gid = '{gid}'") is not null;

    public override async Task<bool> SessionLives(string database, string id) =>
        await server.Text("postgres", $"select 1 from pg_stat_activity where pid = {id} and datname = '{Real(database)}' and usename = '{Role(database)}'") is not null;

    public override async Task<IReadOnlyList<string>> Strays() => await server.Text("postgres", $"""
        select string_agg(datname, ' ') from pg_database where datname like 'lap\_%{suffix}\_oc\_%' and coalesce(shobj_description(oid, 'pg_database'), '') not like 'opsconsole checkpoint % complete'
        """) is { } strays ? strays.Split(' ') : [];

    public override async ValueTask DisposeAsync()
    {
        foreach (var session in sessions) { await session.DisposeAsync(); }
        await base.DisposeAsync();
    }
}
