using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    private const int FenceAt = 0, MarkerAt = 1;

    /// <summary>
    /// Two round trips: BEGIN, fence, marker and legs in the first, COMMIT in the second, after the row counts have been seen.
    /// The fence raises by itself and the marker by its key, so no leg runs after either of them failed.
    /// </summary>
    public async Task<CommitResult> Commit(CommitRequest request, CancellationToken token)
    {
        if (Refused(request.Legs) is { } control) { return new(CommitOutcome.Refused, [], control); }
        NpgsqlConnection connection;
        try { connection = await OpenQueue(Text(request.Epoch), token); }
        catch (NpgsqlException e) { return new(CommitOutcome.Unknown, [], $"No connection was made: {e.Message}", SessionGone: true); }
        await using var open = connection;
        var session = connection.ProcessID;
        var counts = new List<int>();
        var committing = false;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = CommandSeconds(connection) };
            batch.BatchCommands.Add(Command(FenceSql, request.Installation, request.Epoch));
            batch.BatchCommands.Add(Command("insert into opsconsole.applied(key, payload_sha256, epoch) values ($1, $2, $3)", request.Key, request.PayloadSha256, request.Epoch));
            AddLegs(batch, request.Legs, request.Parameters);
            try
            {
                await batch.ExecuteNonQueryAsync(token);
            }
            catch (PostgresException e) when (ReferenceEquals(e.BatchCommand, batch.BatchCommands[FenceAt]) && IsFenceMiss(e))
            {
                throw FenceGone(request.Installation, request.Epoch);
            }
            catch (PostgresException e) when (ReferenceEquals(e.BatchCommand, batch.BatchCommands[MarkerAt]) && e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                await transaction.RollbackAsync(token);
                return await Replayed(connection, request, token);
            }
            counts = CountRows(batch, MarkerAt + 1);
            if (WrongCount(request.Legs, counts) is { } wrong)
            {
                await transaction.RollbackAsync(token);
                return new(CommitOutcome.Refused, counts, wrong);
            }
            Failpoint.Hit("commit.beforeCommit");
            committing = true;
            await transaction.CommitAsync(CancellationToken.None);
            return new(CommitOutcome.Committed, counts, null);
        }
        catch (PostgresException e) when (!IsUnknown(e))
        {
            return new(CommitOutcome.Refused, counts, e.MessageText);
        }
        catch (NpgsqlException e)
        {
            // Before the COMMIT was sent nothing can have been kept, but the caller has to read the marker either way.
            return new(CommitOutcome.Unknown, counts, committing ? $"The connection was lost at the commit: {e.Message}" : $"The connection was lost before the commit: {e.Message}",
                await EndOwn(session, request.Epoch, token));
        }
    }

    /// <summary>Makes sure that this one session is gone, and no other: its neighbours are other people's commits. False: it could not be looked for.</summary>
    private async Task<bool> EndOwn(int session, long epoch, CancellationToken token)
    {
        try
        {
            await using var admin = await OpenAdmin("takeover", "-", token);
            var own = $"pid = $1 and datname = $2 and {OwnSession} and split_part(application_name, '/', 3) = $3 and backend_start < now()";
            await Execute(admin, $"select pg_terminate_backend(pid) from pg_stat_activity where {own}", token, session, database, Text(epoch));
            await WaitUntilGone(admin, own, token, session, database, Text(epoch));
            return true;
        }
        catch (Exception fault) when (fault is NpgsqlException or EngineFault)
        {
            return false;
        }
    }

    private static async Task<CommitResult> Replayed(NpgsqlConnection connection, CommitRequest request, CancellationToken token)
    {
        var hash = await Scalar<string>(connection, "select payload_sha256 from opsconsole.applied where key = $1", token, request.Key);
        return hash == request.PayloadSha256
            ? new(CommitOutcome.AlreadyApplied, [], null)
            : new(CommitOutcome.KeyConflict, [], $"The key {request.Key} was applied with another content.");
    }

    private static void AddLegs(NpgsqlBatch batch, IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters)
    {
        foreach (var leg in legs)
        {
            var (sql, used) = PostgreSqlText.ToPositional(leg.Sql, parameters);
            var command = new NpgsqlBatchCommand(sql);
            foreach (var parameter in used) { command.Parameters.Add(PostgreSqlText.Bind(parameter)); }
            batch.BatchCommands.Add(command);
        }
    }

    private static List<int> CountRows(NpgsqlBatch batch, int from) => [.. Enumerable.Range(from, batch.BatchCommands.Count - from).Select(i => checked((int)batch.BatchCommands[i].Rows))];

    private static string? WrongCount(IReadOnlyList<Leg> legs, List<int> counts)
    {
        var at = Enumerable.Range(0, legs.Count).FirstOrDefault(i => legs[i].Rows != Leg.AnyRows && counts[i] != legs[i].Rows, -1);
        return at < 0 ? null : $"Leg {at + 1} changes {counts[at]} rows; it has to change {legs[at].Rows}.";
    }

    /// <summary>A leg that ends the transaction would keep the marker without the rest.</summary>
    private static string? Refused(IReadOnlyList<Leg> legs)
    {
        for (var i = 0; i < legs.Count; i++)
        {
            var statements = PostgreSqlSplitter.Split(legs[i].Sql);
            if (statements.Count != 1) { return $"Leg {i + 1} is not exactly one statement."; }
            if (statements[0].ControlsTransaction) { return $"Leg {i + 1} begins or ends a transaction."; }
        }
        return null;
    }

    public Task<Marker> ReadMarker(string key, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        if (!await Scalar<bool>(connection, "select to_regclass('opsconsole.applied') is not null", token)) { return new Marker(null); }
        return new Marker(await Scalar<string>(connection, "select payload_sha256 from opsconsole.applied where key = $1", token, key));
    });

    public Task<PreviewResult> Preview(IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, IReadOnlyList<EvidenceQuery> evidence, CancellationToken token) => Guard(async () =>
    {
        if (Refused(legs) is { } control) { return new PreviewResult(false, [], [], control); }
        await using var connection = await OpenQueue("-", token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        var before = await Evidence(connection, parameters, evidence, token);
        // Only asked what it shows: nothing is run that it could show after.
        if (legs.Count == 0) { return new PreviewResult(true, [], [.. before.Select(b => new EvidenceLine(b.Label, b.Text, b.Text))], null); }
        var counts = new List<int>();
        try
        {
            await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = CommandSeconds(connection) };
            AddLegs(batch, legs, parameters);
            await batch.ExecuteNonQueryAsync(token);
            counts = CountRows(batch, 0);
            // A constraint that waits for the commit would never be seen here otherwise.
            await Execute(connection, "set constraints all immediate", token);
        }
        catch (PostgresException e) when (!IsUnknown(e))
        {
            await transaction.RollbackAsync(token);
            return new PreviewResult(false, counts, [.. before.Select(b => new EvidenceLine(b.Label, b.Text, null))], e.MessageText);
        }
        var after = await Evidence(connection, parameters, evidence, token);
        await transaction.RollbackAsync(token);
        var wrong = WrongCount(legs, counts);
        return new PreviewResult(wrong is null, counts, [.. before.Zip(after, (b, a) => new EvidenceLine(b.Label, b.Text, a.Text))], wrong);
    });

    private static async Task<List<(string Label, string? Text)>> Evidence(NpgsqlConnection connection, IReadOnlyList<Parameter> parameters, IReadOnlyList<EvidenceQuery> evidence, CancellationToken token)
    {
        const int shownRows = 20;
        var lines = new List<(string, string?)>();
        foreach (var query in evidence)
        {
            var rows = (await ReadText(connection, query.Sql, parameters, shownRows, token)).Rows;
            lines.Add((query.Label, rows.Count == 0 || (rows is [[null]]) ? null : string.Join('\n', rows.Select(r => string.Join(" | ", r.Select(v => v ?? "null"))))));
        }
        return lines;
    }
}
