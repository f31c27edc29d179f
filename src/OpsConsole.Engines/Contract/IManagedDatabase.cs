namespace OpsConsole.Engines;

/// <summary>
/// One configured database behind one contract, whatever its engine. Reading never creates anything in the database.
/// Every call opens its own connection (pool), bounds its time by <see cref="DatabaseSettings.CommandSeconds"/> where the call is a read, and throws
/// <see cref="EngineFault"/> with the server's words. Calls that write check the fence in the same transaction as their effect and throw <see cref="FenceRefused"/>.
/// Each writing call is safe to repeat, and has an inspect that looks at the database itself.
/// </summary>
public interface IManagedDatabase : IAsyncDisposable
{
    string Name { get; }
    DatabaseSettings Settings { get; }

    // ---- looking
    Task<DatabaseFacts> Look(CancellationToken token);
    Task<SchemaHistory> ReadHistory(CancellationToken token);
    Task<IReadOnlyList<SessionFacts>> Sessions(CancellationToken token);
    Task<IReadOnlyList<PreparedTransaction>> Prepared(CancellationToken token);
    /// <summary>Runs in a READ ONLY transaction that is rolled back. At most <paramref name="maxRows"/> rows.</summary>
    Task<ResultRows> Query(string sql, IReadOnlyList<Parameter> parameters, int maxRows, CancellationToken token);

    // ---- fence
    /// <summary>Creates the console's own tables where missing and raises the fence to <paramref name="epoch"/> under a lock time-out, after ending console sessions of lower epochs.</summary>
    /// <exception cref="FenceRefused">the fence carries another installation or a newer epoch</exception>
    Task RaiseFence(string installation, long epoch, CancellationToken token);
    /// <summary>(installation, epoch), or null where the console's tables are not there.</summary>
    Task<(string Installation, long Epoch)?> ReadFence(CancellationToken token);

    // ---- sessions and doors
    /// <summary>False: it was gone already. Refuses the console's own sessions.</summary>
    Task<bool> EndSession(string id, CancellationToken token);
    /// <summary>The rights as they are now, in effective terms.</summary>
    Task<DoorRecord> ReadDoors(CancellationToken token);
    /// <summary>Shuts the SiteRoles out as <see cref="DatabaseSettings.Close"/> says, and ends what is connected. Returns how many sessions were ended.</summary>
    Task<int> CloseDoors(DoorRecord before, CancellationToken token);
    /// <summary>Puts the rights back to the letter of the record.</summary>
    Task OpenDoors(DoorRecord before, CancellationToken token);
    /// <summary>Compares effective rights with the record.</summary>
    Task<DoorState> InspectDoors(DoorRecord before, CancellationToken token);
    /// <summary>Sessions, open transactions and prepared transactions of anybody else, in words; empty where the database is quiet.</summary>
    Task<IReadOnlyList<string>> WhatHoldsItUp(CancellationToken token);

    // ---- prepared transactions
    /// <summary>
    /// Commits or rolls back one that was prepared, whoever prepared it. The fence has to carry this installation and no newer epoch, where there is one; it is not raised,
    /// because a prepared branch may hold it.
    /// </summary>
    Task SettlePrepared(string gid, bool commit, string installation, long epoch, CancellationToken token);
    /// <summary>What the engine says of one that was seen prepared.</summary>
    Task<PreparedFate> FateOf(PreparedTransaction prepared, CancellationToken token);

    // ---- checkpoint and rollback
    Task<WriteMark> ReadWriteMark(CancellationToken token);
    Task<Shell> ReadShell(CancellationToken token);
    Task<Fingerprint> ReadFingerprint(CancellationToken token);
    /// <summary>Makes the copy named after <paramref name="id"/> ([a-z0-9]{1,20}); a half-made one of that id is made again. Databases of this group are closed.</summary>
    Task TakeCheckpoint(string id, CancellationToken token);
    Task<Inspection> InspectCheckpoint(string id, CancellationToken token);
    Task DropCheckpoint(string id, CancellationToken token);
    /// <summary>
    /// Puts the checkpoint in the database's place: works on a copy of the checkpoint (which stays, so that it can be repeated), raises its fence to <paramref name="epoch"/>, puts <paramref name="shell"/>
    /// and the closed doors on it, then gives it the name; the former content is dropped afterwards. Safe to repeat after a crash anywhere within.
    /// </summary>
    Task Restore(string id, Shell shell, string installation, long epoch, CancellationToken token);
    Task<Inspection> InspectRestore(string id, Fingerprint expected, CancellationToken token);

    // ---- trial
    /// <summary>From here on counts the rows that anybody but the console writes, in the writer's own transaction; goes on where it was counting for <paramref name="id"/> before.</summary>
    Task BeginTrialCount(string id, string installation, long epoch, CancellationToken token);
    /// <summary>Ends it and leaves no trigger behind; what was counted stays unless <paramref name="forget"/>.</summary>
    Task EndTrialCount(bool forget, string installation, long epoch, CancellationToken token);
    Task<TrialCount> ReadTrialCount(CancellationToken token);

    // ---- releases
    /// <summary>The folder in the tool's own order, with findings; the layout found out where the setting is Auto.</summary>
    Task<ReleaseFolder> ReadReleases(CancellationToken token);
    /// <summary>Applies one release and its history row; one transaction where the release can, else a started mark before and the finished row after.</summary>
    Task ApplyRelease(ReleaseFolder folder, Release release, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token);
    Task<Inspection> InspectRelease(ReleaseFolder folder, Release release, CancellationToken token);

    // ---- queue
    Task<CommitResult> Commit(CommitRequest request, CancellationToken token);
    Task<Marker> ReadMarker(string key, CancellationToken token);
    /// <summary>Runs the legs for real in a transaction that is always rolled back.</summary>
    Task<PreviewResult> Preview(IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, IReadOnlyList<EvidenceQuery> evidence, CancellationToken token);
    /// <summary>Ends console sessions of an older epoch, so that none of them can still commit.</summary>
    Task EndStaleOwnSessions(long epoch, CancellationToken token);
    /// <summary>True: several databases of this engine can take part in one prepared commit. SQLite: false.</summary>
    bool CanPrepare { get; }
}

public enum EngineKind { Sqlite, PostgreSql }
public enum CloseMethod { Connect, NoLogin }
public enum ReleaseLayout { Auto, GolangMigrate, Plain }

/// <summary>What the hands need to know of one database.</summary>
/// <param name="CheckpointDirectory">absolute; SQLite's copies lie there</param>
/// <param name="Node">named in application_name: opsconsole/node/epoch/step</param>
public sealed record DatabaseSettings(
    string Name, EngineKind Engine, string ConnectionString, string AdminDatabase, CloseMethod Close, IReadOnlyList<string> SiteRoles,
    string? ReleasePath, ReleaseLayout Layout, string CheckpointDirectory, string Node, int CommandSeconds = 30, int LockSeconds = 10);

/// <param name="Layout">never Auto</param>
/// <param name="HistoryTable">of the tool, as it is quoted in that database</param>
public sealed record ReleaseFolder(ReleaseLayout Layout, string HistoryTable, IReadOnlyList<Release> Releases, IReadOnlyList<ReleaseFinding> Findings)
{
    /// <summary>The releases after <paramref name="version"/> up to and with <paramref name="to"/>, in the tool's order. Null version: from the beginning.</summary>
    /// <exception cref="ArgumentException">a version is not in the folder</exception>
    public IReadOnlyList<Release> Between(string? version, string to)
    {
        int Index(string v)
        {
            for (var i = 0; i < Releases.Count; i++) { if (Releases[i].Version == v) { return i; } }
            throw new ArgumentException($"Version {v} is not in the folder.", nameof(version));
        }
        var from = version is null ? 0 : Index(version) + 1;
        var end = Index(to);
        return from > end ? [] : [.. Releases.Skip(from).Take(end - from + 1)];
    }
}
