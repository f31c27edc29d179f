using System.Globalization;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    public Task<IReadOnlyList<SessionFacts>> Sessions(CancellationToken token) => Guard<IReadOnlyList<SessionFacts>>(async () =>
    {
        await using var connection = await OpenLook(token);
        return await Rows(connection, $"""
            select pid::text, usename::text, application_name, coalesce(host(client_addr) || ':' || client_port, 'local'), coalesce(state, 'hidden'), left(query, 4000),
                   backend_start, extract(epoch from clock_timestamp() - xact_start)::float8,
                   case when state = 'active' then extract(epoch from clock_timestamp() - query_start)::float8 end,
                   array(select b::text from unnest(pg_blocking_pids(pid)) b), coalesce({OwnSession}, false)
            from pg_stat_activity where datname = current_database() and backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()
            order by backend_start, pid
            """,
            r => new SessionFacts(r.GetString(0), TextOf(r, 1), TextOf(r, 2), TextOf(r, 3), r.GetString(4), TextOf(r, 5),
                r.IsDBNull(6) ? null : r.GetFieldValue<DateTimeOffset>(6), NumberOf(r, 7), NumberOf(r, 8), r.GetFieldValue<string[]>(9), r.GetBoolean(10)), token);
    });

    public Task<bool> EndSession(string id, CancellationToken token) => Guard(async () =>
    {
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
        {
            throw new EngineFault($"{id} is no session of {Name}.");
        }
        await using var connection = await OpenLook(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        // Outside a window the console may never have raised a fence here; then there is none to check.
        if (held is not null) { await CheckFence(connection, held.Installation, held.Epoch, token); }
        var own = await Scalar<bool?>(connection, $"select coalesce({OwnSession}, false) from pg_stat_activity where pid = $1 and datname = current_database()", token, pid);
        if (own is null) { return false; }
        if (own.Value) { throw new EngineFault("The console does not end its own sessions."); }
        var sent = await Scalar<bool>(connection, "select pg_terminate_backend($1)", token, pid);
        await transaction.CommitAsync(token);
        await WaitUntilGone(connection, "pid = $1 and datname = current_database()", token, pid);
        return sent;
    });

    public Task EndStaleOwnSessions(long epoch, CancellationToken token) => Guard(async () =>
    {
        // From the administrative database: it can be reached where this one's doors are shut.
        await using var connection = await OpenAdmin("takeover", "-", token);
        await EndStale(connection, epoch, token);
    });

    private async Task EndStale(NpgsqlConnection admin, long epoch, CancellationToken token)
    {
        const string stale = """
            usename = current_user and application_name ~ '^opsconsole/[^/]*/[0-9]{1,18}/' and split_part(application_name, '/', 3)::bigint < $1
            and (datname = $2 or application_name like '%@' || $3)
            """;
        // The cast must not run before the pattern has matched; a case expression keeps that order.
        var ordered = stale.Replace("split_part(application_name, '/', 3)::bigint < $1",
            "case when application_name ~ '^opsconsole/[^/]*/[0-9]{1,18}/' then split_part(application_name, '/', 3)::bigint < $1 else false end", StringComparison.Ordinal);
        await Execute(admin, $"select pg_terminate_backend(pid) from pg_stat_activity where {ordered}", token, epoch, database, shortHash);
        await WaitUntilGone(admin, ordered, token, epoch, database, shortHash);
    }

    /// <summary>Ends what is connected to <paramref name="name"/>; with <paramref name="ownToo"/> the console's own as well, for a copy or a rename.</summary>
    private async Task<int> EndSessions(NpgsqlConnection connection, string name, bool ownToo, CancellationToken token)
    {
        var condition = "datname = $1 and backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()" + (ownToo ? "" : $" and not coalesce({OwnSession}, false)");
        var ended = await Scalar<long>(connection, $"select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity where {condition}", token, name);
        await WaitUntilGone(connection, condition, token, name);
        return (int)ended;
    }

    private async Task WaitUntilGone(NpgsqlConnection connection, string condition, CancellationToken token, params object?[] values)
    {
        var began = clock.GetTimestamp();
        while (await Scalar<long>(connection, $"select count(*) from pg_stat_activity where {condition}", token, values) is var left && left > 0)
        {
            if (clock.GetElapsedTime(began) > TimeSpan.FromSeconds(Settings.LockSeconds))
            {
                throw new EngineFault($"{left} sessions of {Name} were told to end and did not within {Settings.LockSeconds} s.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, token);
        }
    }

    public Task<IReadOnlyList<string>> WhatHoldsItUp(CancellationToken token) => Guard<IReadOnlyList<string>>(async () =>
    {
        await using var connection = await OpenLook(token);
        var held = await Rows(connection, $"""
            select 'session ' || pid || ' of ' || coalesce(usename::text, 'an unknown role') || coalesce(' (' || nullif(application_name, '') || ')', '')
                   || case when xact_start is null then ' is connected' else ' has had a transaction open for ' || extract(epoch from clock_timestamp() - xact_start)::int || ' s' end
            from pg_stat_activity where datname = current_database() and backend_type in ('client backend', 'walsender') and not coalesce({OwnSession}, false)
            order by xact_start nulls last, pid
            """, r => r.GetString(0), token);
        held.AddRange(await Rows(connection, """
            select 'prepared transaction ' || gid || ' of ' || owner || ' has been open for ' || extract(epoch from clock_timestamp() - prepared)::int || ' s'
            from pg_prepared_xacts where database = current_database() order by prepared
            """, r => r.GetString(0), token));
        if (Settings.Close == CloseMethod.Connect)
        {
            held.AddRange(await Rows(connection, "select 'role ' || rolname || ' is a superuser, whom no right keeps out' from pg_roles where rolsuper and rolname = any($1) order by rolname",
                r => r.GetString(0), token, SiteRoles));
        }
        return held;
    });
}
