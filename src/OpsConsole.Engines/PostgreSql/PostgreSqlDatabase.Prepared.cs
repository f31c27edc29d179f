using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    // The view shows the lower half of the number. The upper half is that of the newest transaction, unless the two lie on both sides of a wrap.
    private const string WholeNumber = """
        select gid, owner, prepared, (n + case when n - newest > 2147483648 then -4294967296 when newest - n > 2147483648 then 4294967296 else 0 end)::text as number
        from (select gid, owner::text as owner, prepared, newest, ((newest >> 32) << 32) + transaction::text::bigint as n
              from pg_prepared_xacts, (select txid_snapshot_xmax(txid_current_snapshot()) as newest) s where database = current_database()) p
        """;

    public Task<IReadOnlyList<PreparedTransaction>> Prepared(CancellationToken token) => Guard<IReadOnlyList<PreparedTransaction>>(async () =>
    {
        await using var connection = await OpenLook(token);
        return await Rows(connection, $"select gid, owner, prepared, gid like 'opsconsole:%', number from ({WholeNumber}) w order by prepared, gid",
            r => new PreparedTransaction(r.GetString(0), TextOf(r, 1), r.GetFieldValue<DateTimeOffset>(2), r.GetBoolean(3), r.GetString(4)), token);
    });

    /// <summary>
    /// COMMIT PREPARED runs in no transaction, so the fence cannot be checked in its own: a second session holds it meanwhile, and a take-over, which changes it, waits.
    /// </summary>
    public Task SettlePrepared(string gid, bool commit, string installation, long epoch, CancellationToken token) => Guard(async () =>
    {
        await using var fence = await OpenWork("fence", Text(epoch), token);
        await using var holding = await fence.BeginTransactionAsync(token);
        if (await Scalar<bool>(fence, "select to_regclass('opsconsole.fence') is not null", token))
        {
            var rows = await Rows(fence, "select installation, epoch from opsconsole.fence for share", r => (Installation: r.GetString(0), Epoch: r.GetInt64(1)), token);
            foreach (var row in rows) { Refuse(row.Installation, row.Epoch, installation, epoch); }
        }
        await using var connection = await OpenWork("settle", Text(epoch), token);
        await Execute(connection, $"{(commit ? "commit" : "rollback")} prepared {PostgreSqlText.Literal(gid)}", token);
        await holding.RollbackAsync(CancellationToken.None);
    });

    public Task<PreparedFate> FateOf(PreparedTransaction prepared, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        if (await Scalar<bool>(connection, $"select exists (select from ({WholeNumber}) w where gid = $1 and ($2::text is null or number = $2))", token, prepared.Gid, prepared.Number))
        {
            return PreparedFate.Waiting;
        }
        // Another one may bear the same name by now; the number is given once.
        return prepared.Number is null ? PreparedFate.Unknown : await Scalar<string>(connection, "select txid_status($1::text::bigint)", token, prepared.Number) switch
        {
            "committed" => PreparedFate.Committed,
            "aborted" => PreparedFate.RolledBack,
            _ => PreparedFate.Unknown,
        };
    });
}
