using System.Globalization;
using Npgsql;

namespace OpsConsole.Engines.PostgreSql;

public sealed partial class PostgreSqlDatabase
{
    private sealed record StartedMark(string Sha256, int Ended, string[] Invalid, DateTime At);

    public Task ApplyRelease(ReleaseFolder folder, Release release, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token) => Guard(async () =>
    {
        var statements = Statements(release);
        await using var connection = await OpenRelease(Text(epoch), token);
        if (release.Transactional) { await ApplyAtOnce(connection, folder, release, statements, installation, epoch, progress, token); }
        else { await ApplyInSteps(connection, folder, release, statements, installation, epoch, progress, token); }
    });

    /// <summary>A file's own BEGIN and COMMIT around everything are what the console does anyway; anywhere else they would tear the release in two.</summary>
    private static List<SqlStatement> Statements(Release release)
    {
        var statements = PostgreSqlSplitter.Split(release.UpSql).ToList();
        if (release.Transactional && statements is [{ Words: ["BEGIN" or "START", ..] }, .., { Words: ["COMMIT" or "END", ..] }])
        {
            statements.RemoveAt(statements.Count - 1);
            statements.RemoveAt(0);
        }
        return release.Transactional && statements.Find(s => s.ControlsTransaction) is { } control
            ? throw new EngineFault($"{release.File} begins or ends a transaction in its middle.", line: control.Line)
            : statements;
    }

    private async Task ApplyAtOnce(NpgsqlConnection connection, ReleaseFolder folder, Release release, List<SqlStatement> statements, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token)
    {
        await using var transaction = await connection.BeginTransactionAsync(token);
        await CheckFence(connection, installation, epoch, token);
        if (await IsApplied(connection, folder, release, token)) { return; }
        for (var i = 0; i < statements.Count; i++)
        {
            await Send(connection, release, statements, i, progress, token);
            Failpoint.Hit("release.statement");
        }
        await WriteHistory(connection, folder, release, dirty: false, token);
        Failpoint.Hit("release.beforeCommit");
        await transaction.CommitAsync(token);
    }

    private async Task ApplyInSteps(NpgsqlConnection connection, ReleaseFolder folder, Release release, List<SqlStatement> statements, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token)
    {
        StartedMark mark;
        await using (var transaction = await connection.BeginTransactionAsync(token))
        {
            await CheckFence(connection, installation, epoch, token);
            var before = await ReadStarted(connection, release, token);
            if (before is null && await IsApplied(connection, folder, release, token)) { return; }
            var finished = before is not null && before.Sha256 == release.UpSha256 && before.Ended >= statements.Count;
            if (before is not null && !finished && (!release.Repeatable || before.Sha256 != release.UpSha256))
            {
                throw new EngineFault($"Release {release.Version} began on {before.At:u} and did not end; it does not say that it may be repeated.");
            }
            mark = finished ? before! : new StartedMark(release.UpSha256, 0, before?.Invalid ?? await InvalidIndexes(connection, token), default);
            await Execute(connection, """
                insert into opsconsole.started(version, sha256, epoch, ended, invalid) values ($1, $2, $3, $4, $5)
                on conflict (version) do update set epoch = excluded.epoch, ended = excluded.ended
                """, token, release.Version, release.UpSha256, epoch, mark.Ended, mark.Invalid);
            await WriteHistory(connection, folder, release, dirty: true, token);
            await transaction.CommitAsync(token);
        }
        Failpoint.Hit("release.marked");
        for (var i = mark.Ended; i < statements.Count; i++)
        {
            // Not in one transaction with the statement: it can have none. A take-over ends this session first.
            await CheckFence(connection, installation, epoch, token);
            await Send(connection, release, statements, i, progress, token);
            Failpoint.Hit("release.statement");
            await Execute(connection, "update opsconsole.started set ended = $2 where version = $1", token, release.Version, i + 1);
        }
        if ((await InvalidIndexes(connection, token)).Except(mark.Invalid).ToList() is { Count: > 0 } left)
        {
            throw new EngineFault($"The release ended, but left the index {string.Join(", ", left)} INVALID; drop it and make it again.");
        }
        await using var last = await connection.BeginTransactionAsync(token);
        await CheckFence(connection, installation, epoch, token);
        await WriteHistory(connection, folder, release, dirty: false, token);
        await Execute(connection, "delete from opsconsole.started where version = $1", token, release.Version);
        Failpoint.Hit("release.beforeCommit");
        await last.CommitAsync(token);
    }

    private async Task Send(NpgsqlConnection connection, Release release, List<SqlStatement> statements, int index, Action<StatementProgress> progress, CancellationToken token)
    {
        var statement = statements[index];
        var began = clock.GetTimestamp();
        progress(new StatementProgress(index + 1, statements.Count, statement.Line, 0, Ended: false));
        try
        {
            await Execute(connection, statement.Text, token);
        }
        catch (PostgresException e)
        {
            var line = statement.Line + (e.Position > 0 ? statement.Text.AsSpan(0, Math.Min(e.Position - 1, statement.Text.Length)).Count('\n') : 0);
            var fault = Fault(e, line);
            var holders = e.SqlState == PostgresErrorCodes.LockNotAvailable ? string.Join("; ", await WhatHoldsItUp(token)) : "";
            throw new EngineFault($"{release.File} line {line}: {fault.Message}{(holders.Length > 0 ? $" (held by: {holders})" : "")}", e.SqlState, line, fault.Unknown, e);
        }
        progress(new StatementProgress(index + 1, statements.Count, statement.Line, clock.GetElapsedTime(began).TotalMilliseconds, Ended: true));
    }

    private static async Task<bool> IsApplied(NpgsqlConnection connection, ReleaseFolder folder, Release release, CancellationToken token)
    {
        if (folder.Layout == ReleaseLayout.Plain)
        {
            return await Scalar<bool>(connection, "select exists (select 1 from opsconsole.plain_history where version = $1)", token, release.Version);
        }
        if (!await Scalar<bool>(connection, "select to_regclass($1) is not null", token, folder.HistoryTable)) { return false; }
        var now = await Rows(connection, $"select version, dirty from {folder.HistoryTable}", r => (Version: r.GetInt64(0), Dirty: r.GetBoolean(1)), token);
        if (now.Count > 0 && now[0].Dirty)
        {
            throw new EngineFault($"The history says that version {now[0].Version} began and did not end.");
        }
        // The tool keeps only the newest version, so everything up to it counts as applied.
        return now.Count > 0 && now[0].Version >= Number(release);
    }

    private static async Task WriteHistory(NpgsqlConnection connection, ReleaseFolder folder, Release release, bool dirty, CancellationToken token)
    {
        if (folder.Layout == ReleaseLayout.Plain)
        {
            if (!dirty)
            {
                await Execute(connection, "insert into opsconsole.plain_history(version, title, sha256) values ($1, $2, $3)", token, release.Version, release.Title, release.UpSha256);
            }
            return;
        }
        await using var batch = new NpgsqlBatch(connection) { Timeout = CommandSeconds(connection) };
        batch.BatchCommands.Add(Command($"create table if not exists {folder.HistoryTable} (version bigint not null primary key, dirty boolean not null)"));
        batch.BatchCommands.Add(Command($"delete from {folder.HistoryTable}"));
        batch.BatchCommands.Add(Command($"insert into {folder.HistoryTable} (version, dirty) values ($1, $2)", Number(release), dirty));
        await batch.ExecuteNonQueryAsync(token);
    }

    private static long Number(Release release) => long.Parse(release.Version, CultureInfo.InvariantCulture);

    private static async Task<StartedMark?> ReadStarted(NpgsqlConnection connection, Release release, CancellationToken token) =>
        !await Scalar<bool>(connection, "select to_regclass('opsconsole.started') is not null", token) ? null
        : (await Rows(connection, "select sha256, ended, invalid, at from opsconsole.started where version = $1",
            r => new StartedMark(r.GetString(0), r.GetInt32(1), r.GetFieldValue<string[]>(2), r.GetDateTime(3)), token, release.Version)).FirstOrDefault();

    private static async Task<string[]> InvalidIndexes(NpgsqlConnection connection, CancellationToken token) =>
        [.. await Rows(connection, "select indexrelid::regclass::text from pg_index where not indisvalid order by 1", r => r.GetString(0), token)];

    public Task<Inspection> InspectRelease(ReleaseFolder folder, Release release, CancellationToken token) => Guard(async () =>
    {
        await using var connection = await OpenLook(token);
        if (await ReadStarted(connection, release, token) is { } mark)
        {
            var total = Statements(release).Count;
            var invalid = (await InvalidIndexes(connection, token)).Except(mark.Invalid).ToList();
            return invalid.Count > 0 ? new Inspection(Observed.Torn, $"It began on {mark.At:u} and left the index {string.Join(", ", invalid)} INVALID.")
                : mark.Sha256 == release.UpSha256 && mark.Ended >= total ? new Inspection(Observed.NotDone, "All its statements have ended; only its row in the history is missing, which a repeat writes.")
                : new Inspection(Observed.Torn, $"It began on {mark.At:u}; {mark.Ended} of {total} statements are known to have ended, the next one may have.");
        }
        try
        {
            if (folder.Layout == ReleaseLayout.Plain && !await Scalar<bool>(connection, "select to_regclass('opsconsole.plain_history') is not null", token))
            {
                return new Inspection(Observed.NotDone, "Nothing was ever applied by the console here.");
            }
            return await IsApplied(connection, folder, release, token)
                ? new Inspection(Observed.Done, $"The history has version {release.Version}.")
                : new Inspection(Observed.NotDone, $"The history does not have version {release.Version}, and no mark says that it began.");
        }
        catch (EngineFault dirty)
        {
            return new Inspection(Observed.Torn, dirty.Message);
        }
    });
}
