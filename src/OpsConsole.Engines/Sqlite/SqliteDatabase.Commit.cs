using System.Globalization;
using Microsoft.Data.Sqlite;
using OpsConsole.Engines.Releases;
using SQLitePCL;

namespace OpsConsole.Engines.Sqlite;

public sealed partial class SqliteDatabase
{
    private const int DeferredForeignKeys = 10, Constraint = 19;

    /// <summary>
    /// Begin immediate makes every attempt wait for the one before it, so a marker that is not there is not on its way either. A time-out there has done nothing; a fault at the commit
    /// itself is Unknown, until the marker is read.
    /// </summary>
    public Task<CommitResult> Commit(CommitRequest request, CancellationToken token) => Guard(() =>
    {
        using var connection = ConnectToWrite();
        Execute(connection, "begin immediate");
        try
        {
            CheckFence(connection, request.Installation, request.Epoch);
            if (MarkerOf(connection, request.Key) is { } hash)
            {
                return hash == request.PayloadSha256 ? new CommitResult(CommitOutcome.AlreadyApplied, [], null)
                    : new CommitResult(CommitOutcome.KeyConflict, [], "The key was applied with another content.");
            }
            Execute(connection, "insert into opsconsole_applied (key, sha256, epoch) values (@key, @sha256, @epoch)",
                new Parameter("key", request.Key), new Parameter("sha256", request.PayloadSha256), new Parameter("epoch", request.Epoch));
            var rows = new List<int>();
            var counted = TrialRows(connection);
            if (RunLegs(connection, request.Legs, request.Parameters, rows) is { } refusal) { return new CommitResult(CommitOutcome.Refused, rows, refusal); }
            KeepTrialRows(connection, counted);
            Failpoint.Hit("commit.beforeCommit");
            return End(connection, rows);
        }
        finally
        {
            RollBack(connection);
        }
    }, token);

    public Task<Marker> ReadMarker(string key, CancellationToken token) =>
        Read(connection => new Marker(HasTable(connection, "opsconsole_applied") ? MarkerOf(connection, key) : null), token);

    public Task<PreviewResult> Preview(IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, IReadOnlyList<EvidenceQuery> evidence, CancellationToken token) => Guard(() =>
    {
        using var connection = ConnectToWrite();
        using var interrupt = Interrupt(connection, Settings.CommandSeconds, token);
        Execute(connection, "begin immediate");
        try
        {
            var before = Gather(connection, evidence, parameters);
            var rows = new List<int>();
            // Only asked what it shows: nothing is run that it could show after.
            if (legs.Count == 0) { return new PreviewResult(true, rows, [.. evidence.Select((e, i) => new EvidenceLine(e.Label, before[i], before[i]))], null); }
            var refusal = RunLegs(connection, legs, parameters, rows);
            List<string?> after = refusal is null ? Gather(connection, evidence, parameters) : [.. evidence.Select(_ => (string?)null)];
            return new PreviewResult(refusal is null, rows, [.. evidence.Select((e, i) => new EvidenceLine(e.Label, before[i], after[i]))], refusal);
        }
        finally
        {
            interrupt.Dispose();
            RollBack(connection);
        }
    }, token);

    private static string? MarkerOf(SqliteConnection connection, string key) =>
        Scalar(connection, "select sha256 from opsconsole_applied where key = @key", new Parameter("key", key));

    private CommitResult End(SqliteConnection connection, List<int> rows)
    {
        try
        {
            Execute(connection, "commit");
            return new CommitResult(CommitOutcome.Committed, rows, null);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Constraint)
        {
            return new CommitResult(CommitOutcome.Refused, rows, Fault(e).Message);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is not (Busy or Locked))
        {
            return new CommitResult(CommitOutcome.Unknown, rows, Fault(e).Message);
        }
    }

    /// <summary>Null, or why it must not be committed. What is the file's or the machine's fault and not the leg's is thrown.</summary>
    private string? RunLegs(SqliteConnection connection, IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, List<int> rows)
    {
        for (var i = 0; i < legs.Count; i++)
        {
            if (ScriptCutter.Cut(legs[i].Sql, EngineKind.Sqlite).Statements.Any(s => s.ControlsTransaction))
            {
                return string.Create(CultureInfo.InvariantCulture, $"Leg {i + 1} begins or ends a transaction.");
            }
            try
            {
                rows.Add(Execute(connection, legs[i].Sql, parameters));
            }
            catch (SqliteException e) when (e.SqliteErrorCode is 1 or 18 or Constraint or 20 or 25)
            {
                return $"Leg {i + 1}: {Fault(e).Message}";
            }
            catch (InvalidOperationException e)
            {
                return $"Leg {i + 1}: {e.Message}";
            }
            if (!InsideTransaction(connection)) { return $"Leg {i + 1} ended the transaction; nothing of it remains."; }
            if (legs[i].Rows != Leg.AnyRows && rows[i] != legs[i].Rows) { return $"Leg {i + 1} changed {rows[i]} rows and has to change {legs[i].Rows}."; }
        }
        // What is checked only at a commit: a preview never gets there.
        raw.sqlite3_db_status(connection.Handle, DeferredForeignKeys, out var open, out _, 0);
        return open != 0 ? "FOREIGN KEY constraint failed: a row would refer to nothing." : null;
    }

    private static List<string?> Gather(SqliteConnection connection, IReadOnlyList<EvidenceQuery> evidence, IReadOnlyList<Parameter> parameters)
    {
        // Evidence looks; the engine keeps it from writing.
        Execute(connection, "pragma query_only = on");
        try
        {
            return [.. evidence.Select(e => Scalar(connection, e.Sql, parameters))];
        }
        catch (InvalidOperationException e)
        {
            throw new EngineFault(e.Message, inner: e);
        }
        finally
        {
            Execute(connection, "pragma query_only = off");
        }
    }
}
