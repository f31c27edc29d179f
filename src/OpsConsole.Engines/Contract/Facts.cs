namespace OpsConsole.Engines;

/// <summary>What a lamp can say. A tool that keeps no record of failures cannot be shown as green.</summary>
public enum LampState { No, Yes, CannotTell }

public sealed record Lamp(LampState State, string? Because = null)
{
    public static readonly Lamp No = new(LampState.No);
    public static Lamp Yes(string because) => new(LampState.Yes, because);
    public static Lamp CannotTell(string because) => new(LampState.CannotTell, because);
}

/// <summary>What the engine says of one database. Null where the engine cannot tell, never 0 in its stead.</summary>
/// <param name="SiteSessions">sessions that are not the console's own</param>
/// <param name="ActiveSessions">of those, the ones at work</param>
/// <param name="OldestTransactionSeconds">age of the oldest open transaction that is not the console's own; null: none or cannot tell (see <paramref name="SessionsKnown"/>)</param>
public sealed record DatabaseFacts(
    string EngineVersion, long SizeBytes, bool SessionsKnown, int? SiteSessions, int? ActiveSessions,
    double? OldestTransactionSeconds, int InDoubt);

/// <summary>What a migration tool's own history table says.</summary>
/// <param name="Tool">golang-migrate, Flyway, ... or the console's own for plain folders; null where none was found</param>
/// <param name="Version">as the tool writes it; null where nothing was applied yet</param>
/// <param name="Applied">every applied version that the tool still knows, oldest first</param>
public sealed record SchemaHistory(string? Tool, string? Version, IReadOnlyList<string> Applied, Lamp Failed, Lamp Lock);

/// <param name="Id">as the engine names it (a PostgreSQL pid)</param>
/// <param name="Own">it is one of the console's; it is marked and cannot be ended</param>
/// <param name="BlockedBy">ids of the sessions it waits for</param>
public sealed record SessionFacts(
    string Id, string? User, string? Application, string? Client, string State, string? Query,
    DateTimeOffset? StartedAt, double? TransactionSeconds, double? QuerySeconds, IReadOnlyList<string> BlockedBy, bool Own);

/// <summary>A transaction that was prepared (two-phase) and is neither committed nor rolled back.</summary>
/// <param name="Number">the engine's own number, by which its fate can be asked for when it is gone; null: it keeps none</param>
public sealed record PreparedTransaction(string Gid, string? Owner, DateTimeOffset? PreparedAt, bool Own, string? Number = null);

/// <summary>What became of a prepared transaction. Unknown: it is gone, and the engine does not say how.</summary>
public enum PreparedFate { Waiting, Committed, RolledBack, Unknown }

/// <summary>Rights as they really are before a close, so that they can be put back to the letter. Opaque to all but its engine.</summary>
/// <param name="Json">engine's own record</param>
public sealed record DoorRecord(string Json);

public enum DoorState { Open, Closed, Between }

/// <summary>Moves when anybody but the console has written. Only equality has a meaning.</summary>
public sealed record WriteMark(string Value);

/// <summary>What a copy of a database does not carry: owner, rights, limits, settings, comment. Opaque; only equality has a meaning.</summary>
public sealed record Shell(string Json);

/// <summary>What others than the console wrote since the counting began.</summary>
/// <param name="Id">for what it was begun; null: nothing is counted</param>
/// <param name="Rows">inserted, updated and deleted ones that were committed; null: not known, because</param>
public sealed record TrialCount(string? Id, bool Counting, long? Rows, string? Because);

/// <summary>Content as numbers: equal content, equal fingerprint, in any row order.</summary>
/// <param name="SchemaHash">SHA-256 over the catalogue, hex</param>
/// <param name="Tables">sorted by name; two seeded 64-bit sums as decimal text</param>
/// <param name="Sequences">sorted by name</param>
public sealed record Fingerprint(string EngineVersion, string SchemaHash, IReadOnlyList<TablePrint> Tables, IReadOnlyList<SequencePrint> Sequences)
{
    /// <summary>SHA-256 over all of it, hex: the one short word for logs and screens.</summary>
    public string Digest => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { EngineVersion, SchemaHash, Tables, Sequences })));

    /// <summary>The first difference in words, or null where both are the same.</summary>
    public string? DifferenceTo(Fingerprint other)
    {
        if (EngineVersion != other.EngineVersion) { return $"engine version {EngineVersion} against {other.EngineVersion}"; }
        if (SchemaHash != other.SchemaHash) { return "the schema differs"; }
        var theirs = other.Tables.ToDictionary(t => t.Name);
        foreach (var t in Tables)
        {
            if (!theirs.TryGetValue(t.Name, out var o)) { return $"table {t.Name} is on one side only"; }
            if (t != o) { return t.Rows != o.Rows ? $"table {t.Name} has {t.Rows} rows against {o.Rows}" : $"table {t.Name} has other content"; }
        }
        if (Tables.Count != other.Tables.Count) { return "a table is on one side only"; }
        return Sequences.SequenceEqual(other.Sequences) ? null : "a sequence stands elsewhere";
    }
}
public sealed record TablePrint(string Name, long Rows, string Sum1, string Sum2);
public sealed record SequencePrint(string Name, string Value);

/// <summary>One release as the folder has it.</summary>
/// <param name="Version">as the tool's history table writes it</param>
/// <param name="UpSha256">of the file's bytes, hex; fixed at approval</param>
/// <param name="DownSql">null where there is none</param>
/// <param name="Transactional">false: the text holds something that cannot run in a transaction, or says so itself</param>
/// <param name="Repeatable">the script says that it may be run again after a crash in its middle</param>
public sealed record Release(
    string Version, string Title, string File, string UpSql, string UpSha256, string? DownFile, string? DownSql,
    bool Transactional, bool Repeatable, IReadOnlyList<ReleaseFinding> Findings);

/// <param name="Blocking">the plan is refused with it</param>
public sealed record ReleaseFinding(string File, int Line, string Text, bool Blocking);

/// <summary>What inspect saw in the database itself, after a crash or a failure.</summary>
public enum Observed { Done, NotDone, Torn, Unknown }

/// <param name="Because">the fact that decides, in one sentence for a person</param>
public sealed record Inspection(Observed Observed, string Because);

/// <summary>A statement of a release began or ended.</summary>
public sealed record StatementProgress(int Number, int Of, int Line, double Milliseconds, bool Ended);

/// <summary>The engine refused or failed; the message is the server's and is shown as text.</summary>
public sealed class EngineFault(string message, string? code = null, int? line = null, bool unknown = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>SQLSTATE or the engine's own code.</summary>
    public string? Code { get; } = code;
    public int? Line { get; } = line;
    /// <summary>True: the outcome is not known (time-out, lost connection); never treated as failed.</summary>
    public bool Unknown { get; } = unknown;
}

/// <summary>The target's fence carries a newer epoch or another installation: nothing was done and this console must stop.</summary>
public sealed class FenceRefused(string message) : Exception(message);

/// <summary>A value bound to a parameter. Values: null, long, decimal, string, bool, DateOnly, DateTimeOffset, Guid.</summary>
public sealed record Parameter(string Name, object? Value);

/// <param name="Rows">how many rows it has to change, or <see cref="AnyRows"/></param>
public sealed record Leg(string Sql, int Rows)
{
    /// <summary>It may change as many as it finds: work by the clock, such as interest for every account.</summary>
    public const int AnyRows = -1;
}

/// <param name="Key">installation/site/idempotency key</param>
/// <param name="PayloadSha256">hex</param>
public sealed record CommitRequest(string Key, string PayloadSha256, string Installation, long Epoch, IReadOnlyList<Leg> Legs, IReadOnlyList<Parameter> Parameters);

public enum CommitOutcome
{
    /// <summary>Marker and legs are committed by this call.</summary>
    Committed,
    /// <summary>The marker with the same hash was there; nothing was run.</summary>
    AlreadyApplied,
    /// <summary>The marker was there with another hash; nothing was run.</summary>
    KeyConflict,
    /// <summary>A leg or a constraint refused; nothing was changed.</summary>
    Refused,
    /// <summary>The connection was lost at the commit; read the marker before anything else.</summary>
    Unknown,
}

/// <param name="RowsPerLeg">as counted</param>
/// <param name="Text">the target's words where it refused</param>
/// <param name="SessionGone">with Unknown: nobody is left who could still commit this one, so that its marker can be believed at once</param>
public sealed record CommitResult(CommitOutcome Outcome, IReadOnlyList<int> RowsPerLeg, string? Text, bool SessionGone = false);

/// <param name="PayloadSha256">null: no marker</param>
public sealed record Marker(string? PayloadSha256);

/// <summary>One evidence query, before and after the legs, each as text by the engine.</summary>
public sealed record EvidenceQuery(string Label, string Sql);
public sealed record EvidenceLine(string Label, string? Before, string? After);
public sealed record PreviewResult(bool WouldCommit, IReadOnlyList<int> RowsPerLeg, IReadOnlyList<EvidenceLine> Evidence, string? Refusal);

/// <summary>A result table, every value as text in the engine's fixed format (UTC, ISO dates, full digits), null kept.</summary>
/// <param name="Truncated">there were more rows than asked for</param>
public sealed record ResultRows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, bool Truncated);
