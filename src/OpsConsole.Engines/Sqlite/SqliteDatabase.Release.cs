using System.Globalization;
using Microsoft.Data.Sqlite;
using OpsConsole.Engines.Releases;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    public Task<ReleaseFolder> ReadReleases(CancellationToken token) => Settings.ReleasePath is { } path
        ? Task.Run(() => ReleaseFolders.Read(path, Settings.Layout, EngineKind.Sqlite), token)
        : Task.FromException<ReleaseFolder>(new EngineFault($"No folder of releases is configured for {Name}."));

    public Task ApplyRelease(ReleaseFolder folder, Release release, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token) => Guard(() =>
    {
        if (release.Findings.FirstOrDefault(f => f.Blocking) is { } finding) { throw new EngineFault($"{finding.File} line {finding.Line}: {finding.Text}", line: finding.Line); }
        var run = new Applying(folder, release, ScriptCutter.Cut(release.UpSql, EngineKind.Sqlite).Statements, installation, epoch, progress, token);
        // Off, unless the connection string says otherwise: with them on, dropping the old table of a rebuild deletes the rows that refer to it.
        using var connection = ConnectToWrite(foreignKeys: false);
        if (release.Transactional) { ApplyAtOnce(connection, run); }
        else { ApplyInSteps(connection, run); }
    }, token);

    private sealed record Applying(ReleaseFolder Folder, Release Release, IReadOnlyList<ScriptStatement> Statements, string Installation, long Epoch, Action<StatementProgress> Progress, CancellationToken Token);

    private void ApplyAtOnce(SqliteConnection connection, Applying run) => InTransaction(connection, () =>
    {
        CheckFence(connection, run.Installation, run.Epoch);
        switch (StandingOf(connection, run.Folder, run.Release))
        {
            case { Observed: Observed.Done }: return;
            case { Observed: Observed.NotDone }: break;
            case var standing: throw new EngineFault(standing.Because);
        }
        var orphans = Orphans(connection);
        for (var i = 0; i < run.Statements.Count; i++)
        {
            RunStatement(connection, run, i);
            if (!InsideTransaction(connection)) { throw new EngineFault($"{run.Release.File} line {run.Statements[i].Line}: the statement ended the release's transaction.", line: run.Statements[i].Line); }
            Failpoint.Hit("release.statement");
        }
        if (orphans is { } before && Orphans(connection) is var after && after is null or > 0 && after != before)
        {
            throw new EngineFault($"The release would leave {after?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} rows that refer to nothing, against {before} before; nothing was changed.");
        }
        WriteHistory(connection, run, begun: false);
        Failpoint.Hit("release.beforeCommit");
    });

    private void ApplyInSteps(SqliteConnection connection, Applying run)
    {
        var done = false;
        InTransaction(connection, () =>
        {
            CheckFence(connection, run.Installation, run.Epoch);
            var standing = StandingOf(connection, run.Folder, run.Release);
            done = standing.Observed == Observed.Done;
            if (done) { return; }
            if (standing.Observed == Observed.Unknown || (standing.Observed == Observed.Torn && !run.Release.Repeatable)) { throw new EngineFault(standing.Because); }
            WriteHistory(connection, run, begun: true);
        });
        if (done) { return; }
        Failpoint.Hit("release.marked");
        for (var i = 0; i < run.Statements.Count; i++)
        {
            // Not in one transaction with the statement, which can have none.
            CheckFence(connection, run.Installation, run.Epoch);
            RunStatement(connection, run, i);
            Failpoint.Hit("release.statement");
        }
        if (InsideTransaction(connection)) { throw new EngineFault($"{run.Release.File} leaves a transaction open."); }
        InTransaction(connection, () =>
        {
            CheckFence(connection, run.Installation, run.Epoch);
            WriteHistory(connection, run, begun: false);
            Failpoint.Hit("release.beforeCommit");
        });
    }

    private void RunStatement(SqliteConnection connection, Applying run, int index)
    {
        var statement = run.Statements[index];
        run.Token.ThrowIfCancellationRequested();
        var began = clock.GetTimestamp();
        run.Progress(new StatementProgress(index + 1, run.Statements.Count, statement.Line, 0, Ended: false));
        try
        {
            using var interrupt = Interrupt(connection, seconds: null, run.Token);
            Execute(connection, statement.Text);
        }
        catch (SqliteException e) when (!(e.SqliteErrorCode == Interrupted && run.Token.IsCancellationRequested))
        {
            throw Fault(e, statement.Line, $"{run.Release.File} line {statement.Line}");
        }
        catch (InvalidOperationException e)
        {
            throw new EngineFault($"{run.Release.File} line {statement.Line}: {e.Message}", line: statement.Line, inner: e);
        }
        run.Progress(new StatementProgress(index + 1, run.Statements.Count, statement.Line, clock.GetElapsedTime(began).TotalMilliseconds, Ended: true));
    }

    /// <summary>Null where they cannot be counted: a foreign key that fits no key of its parent.</summary>
    private static long? Orphans(SqliteConnection connection)
    {
        try
        {
            return Number(connection, "select count(*) from pragma_foreign_key_check");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 1)
        {
            return null;
        }
    }

    public Task<Inspection> InspectRelease(ReleaseFolder folder, Release release, CancellationToken token) => Read(connection => StandingOf(connection, folder, release), token);
}
