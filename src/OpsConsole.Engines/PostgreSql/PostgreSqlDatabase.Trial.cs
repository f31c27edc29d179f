using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

/*
 * What others write is counted by triggers, statement by statement and inside the writer's own transaction: a rolled back write is not counted, a committed one is
 * never missed. The statistics would not do: they count what was rolled back, come late, and tell nobody apart. The console's own sessions are left out by their name.
 */
public sealed partial class PostgreSqlDatabase
{
    private const string TrialTriggers = "opsconsole_trial_%";

    // Partitions too: a write to the parent counts there, one to the partition itself counts here.
    private const string Counted = """
        c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not in ('opsconsole', 'information_schema') and n.nspname !~ '^pg_'
        """;

    private const string TrialFunction = """
        create or replace function opsconsole.count_trial() returns trigger language plpgsql security definer set search_path = '' as $count$
        declare many bigint;
        begin
            if current_setting('application_name') like 'opsconsole/%' then return null; end if;
            if tg_op = 'TRUNCATE' then execute format('select count(*) from %I.%I', tg_table_schema, tg_table_name) into many;
            else select count(*) from written_rows into many; end if;
            if many > 0 then insert into opsconsole.trial_rows(written) values (many); end if;
            return null;
        end $count$
        """;

    private static readonly (string Suffix, string When)[] TrialEvents =
    [
        ("ins", "after insert on {0} referencing new table as written_rows"), ("upd", "after update on {0} referencing new table as written_rows"),
        ("del", "after delete on {0} referencing old table as written_rows"), ("tru", "before truncate on {0}"),
    ];

    public Task BeginTrialCount(string id, string installation, long epoch, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenWork("trial", Text(epoch), token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await CheckFence(connection, installation, epoch, token);
        await Execute(connection, "create table if not exists opsconsole.trial(id text not null, counting boolean not null)", token);
        await Execute(connection, "create table if not exists opsconsole.trial_rows(written bigint not null)", token);
        if (await Scalar<string>(connection, "select id from opsconsole.trial", token) != id)
        {
            await Execute(connection, "truncate opsconsole.trial, opsconsole.trial_rows", token);
            await Execute(connection, "insert into opsconsole.trial(id, counting) values ($1, true)", token, id);
        }
        await Execute(connection, "update opsconsole.trial set counting = true", token);
        await Execute(connection, TrialFunction, token);
        foreach (var table in await Rows(connection, $"select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where {Counted}", r => r.GetString(0), token))
        {
            foreach (var (suffix, when) in TrialEvents)
            {
                await Execute(connection, $"drop trigger if exists opsconsole_trial_{suffix} on {table}", token);
                await Execute(connection, $"create trigger opsconsole_trial_{suffix} {string.Format(System.Globalization.CultureInfo.InvariantCulture, when, table)} for each statement execute function opsconsole.count_trial()", token);
                // Also for a session that plays replica, which leaves ordinary triggers out.
                await Execute(connection, $"alter table {table} enable always trigger opsconsole_trial_{suffix}", token);
            }
        }
        await transaction.CommitAsync(token);
    });

    public Task EndTrialCount(bool forget, string installation, long epoch, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenWork("trial", Text(epoch), token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        await CheckFence(connection, installation, epoch, token);
        foreach (var (trigger, table) in await Rows(connection, """
            select format('%I', t.tgname), format('%I.%I', n.nspname, c.relname) from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            where not t.tgisinternal and t.tgname like $1
            """, r => (r.GetString(0), r.GetString(1)), token, TrialTriggers))
        {
            await Execute(connection, $"drop trigger if exists {trigger} on {table}", token);
        }
        await Execute(connection, "drop function if exists opsconsole.count_trial()", token);
        if (forget) { await Execute(connection, "drop table if exists opsconsole.trial, opsconsole.trial_rows", token); }
        else if (await Scalar<bool>(connection, "select to_regclass('opsconsole.trial') is not null", token)) { await Execute(connection, "update opsconsole.trial set counting = false", token); }
        await transaction.CommitAsync(token);
    });

    public Task<TrialCount> ReadTrialCount(CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        if (!await Scalar<bool>(connection, "select to_regclass('opsconsole.trial') is not null and to_regclass('opsconsole.trial_rows') is not null", token)) { return new TrialCount(null, false, null, "nothing is counted there"); }
        var state = (await Rows(connection, "select id, counting, (select coalesce(sum(written), 0)::bigint from opsconsole.trial_rows) from opsconsole.trial", r => (Id: r.GetString(0), Counting: r.GetBoolean(1), Rows: r.GetInt64(2)), token)).FirstOrDefault();
        if (state.Id is null) { return new TrialCount(null, false, null, "nothing is counted there"); }
        if (!state.Counting) { return new TrialCount(state.Id, false, state.Rows, null); }
        var bare = await Rows(connection, $"""
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where {Counted} and (select count(*) from pg_trigger t where t.tgrelid = c.oid and t.tgname like $1 and t.tgenabled = 'A') < $2 order by 1 limit 1
            """, r => r.GetString(0), token, TrialTriggers, (long)TrialEvents.Length);
        return bare.Count == 0 ? new TrialCount(state.Id, true, state.Rows, null) : new TrialCount(state.Id, true, null, $"the table {bare[0]} is not counted");
    });
}
