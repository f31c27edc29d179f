using OpsConsole.Engines;

namespace OpsConsole.Tests.Fakes;

/// <summary>A database of versions alone: it keeps what was done to it, and can refuse or tear one release. What a window never calls fails the test.</summary>
public sealed class FakeDatabase(string name, string version, params string[] folder) : IManagedDatabase
{
    private readonly Dictionary<string, string> checkpoints = [];
    private readonly List<Release> releases = [.. folder.Select(v => new Release(v, $"release {v}", $"{v}.up.sql", $"-- {v}", new string(v[0], 64), null, null, true, false, []))];

    public string Name => name;
    public string Version { get; set; } = version;
    public DoorState Doors { get; private set; } = DoorState.Open;
    /// <summary>The release that the server refuses; null: none.</summary>
    public string? Refuses { get; set; }
    /// <summary>What inspect sees of the refused release.</summary>
    public Observed Leaves { get; set; } = Observed.NotDone;
    /// <summary>Does not come back to what it was.</summary>
    public bool RestoresWrong { get; set; }
    /// <summary>What staff wrote in the trial; null: the database cannot tell.</summary>
    public long? StaffWrote { get; set; } = 0;
    public string? CountsFor { get; private set; }
    public bool Counts { get; private set; }
    /// <summary>Its scripts say that they may be run again after a crash.</summary>
    public bool Repeatable { get; set; }
    public List<string> Calls { get; } = [];
    public bool CanPrepare => false;
    public DatabaseSettings Settings { get; } = new(name, EngineKind.PostgreSql, "", "postgres", CloseMethod.Connect, [$"{name}_app"], "/releases", ReleaseLayout.Plain, "/checkpoints", "node");

    /// <summary>A script in the folder is another one now.</summary>
    public void Rewrite(string version) => releases[releases.FindIndex(r => r.Version == version)] = releases.Single(r => r.Version == version) with { UpSha256 = new string('f', 64) };

    /// <summary>Why it does not answer; null: it does.</summary>
    public string? Silent { get; set; }
    public Task<DatabaseFacts> Look(CancellationToken token) =>
        Silent is { } fault ? throw new EngineFault(fault) : Task.FromResult(new DatabaseFacts("16.4", 1 << 20, true, 0, 0, null, 0));
    public Task<SchemaHistory> ReadHistory(CancellationToken token) => Task.FromResult(new SchemaHistory("plain", Version, [Version], Lamp.No, Lamp.No));
    public Task<ReleaseFolder> ReadReleases(CancellationToken token) => Task.FromResult(new ReleaseFolder(ReleaseLayout.Plain, "history", [.. releases.Select(r => r with { Repeatable = Repeatable })], []));
    public Task<ResultRows> Query(string sql, IReadOnlyList<Parameter> parameters, int maxRows, CancellationToken token) => Task.FromResult(new ResultRows([], [], false));
    public Task<IReadOnlyList<string>> WhatHoldsItUp(CancellationToken token) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task RaiseFence(string installation, long epoch, CancellationToken token) => Task.CompletedTask;
    public Task<(string Installation, long Epoch)?> ReadFence(CancellationToken token) => Task.FromResult<(string, long)?>(("one", 1));

    public Task<DoorRecord> ReadDoors(CancellationToken token) => Task.FromResult(new DoorRecord("{}"));
    public Task<int> CloseDoors(DoorRecord before, CancellationToken token) { Doors = DoorState.Closed; return Did("close", 0); }
    public Task OpenDoors(DoorRecord before, CancellationToken token) { Doors = DoorState.Open; return Did("open", 0); }
    public Task<DoorState> InspectDoors(DoorRecord before, CancellationToken token) => Task.FromResult(Doors);

    public Task<WriteMark> ReadWriteMark(CancellationToken token) => Task.FromResult(new WriteMark("quiet"));
    public Task<Engines.Shell> ReadShell(CancellationToken token) => Task.FromResult(new Engines.Shell("{}"));
    public Task<Fingerprint> ReadFingerprint(CancellationToken token) => Task.FromResult(new Fingerprint("16.4", Version, [], []));
    public Task TakeCheckpoint(string id, CancellationToken token) { checkpoints[id] = Version; return Did($"checkpoint {Version}", 0); }
    public Task<Inspection> InspectCheckpoint(string id, CancellationToken token) => Task.FromResult(new Inspection(checkpoints.ContainsKey(id) ? Observed.Done : Observed.NotDone, id));
    public Task DropCheckpoint(string id, CancellationToken token) { checkpoints.Remove(id); return Did("drop checkpoint", 0); }
    public Task Restore(string id, Engines.Shell shell, string installation, long epoch, CancellationToken token) { Version = RestoresWrong ? "wrong" : checkpoints[id]; return Did($"restore {Version}", 0); }
    public Task<Inspection> InspectRestore(string id, Fingerprint expected, CancellationToken token) =>
        Task.FromResult(new Inspection(expected.SchemaHash == Version ? Observed.Done : Observed.NotDone, $"the schema is at {Version}"));

    public Task BeginTrialCount(string id, string installation, long epoch, CancellationToken token) { (CountsFor, Counts) = (id, true); return Task.CompletedTask; }
    public Task EndTrialCount(bool forget, string installation, long epoch, CancellationToken token) { (CountsFor, Counts) = (forget ? null : CountsFor, false); return Task.CompletedTask; }
    public Task<TrialCount> ReadTrialCount(CancellationToken token) => Task.FromResult(new TrialCount(CountsFor, Counts, StaffWrote, StaffWrote is null ? "a table is not counted" : null));

    public Task ApplyRelease(ReleaseFolder folder, Release release, string installation, long epoch, Action<StatementProgress> progress, CancellationToken token)
    {
        progress(new StatementProgress(1, 1, 1, 5, false));
        if (Refuses == release.Version && !(Repeatable && Calls.Contains("torn"))) { Calls.Add("torn"); throw new EngineFault("could not create unique index \"accounts_iban_uq\"", "23505"); }
        Version = release.Version;
        return Did($"release {Version}", 0);
    }

    public Task<Inspection> InspectRelease(ReleaseFolder folder, Release release, CancellationToken token)
    {
        var at = releases.FindIndex(r => r.Version == Version);
        var wanted = releases.FindIndex(r => r.Version == release.Version);
        return Task.FromResult(new Inspection(at >= wanted ? Observed.Done : Refuses == release.Version ? Leaves : Observed.NotDone, $"the history says {Version}"));
    }

    public Task<IReadOnlyList<SessionFacts>> Sessions(CancellationToken token) => throw Never();
    public Task<IReadOnlyList<PreparedTransaction>> Prepared(CancellationToken token) => throw Never();
    public Task SettlePrepared(string gid, bool commit, string installation, long epoch, CancellationToken token) => throw Never();
    public Task<PreparedFate> FateOf(PreparedTransaction prepared, CancellationToken token) => throw Never();
    public Task<bool> EndSession(string id, CancellationToken token) => throw Never();
    public Task<CommitResult> Commit(CommitRequest request, CancellationToken token) => throw Never();
    public Task<Marker> ReadMarker(string key, CancellationToken token) => throw Never();
    public Task<PreviewResult> Preview(IReadOnlyList<Leg> legs, IReadOnlyList<Parameter> parameters, IReadOnlyList<EvidenceQuery> evidence, CancellationToken token) => throw Never();
    public Task EndStaleOwnSessions(long epoch, CancellationToken token) => throw Never();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<int> Did(string what, int answer) { Calls.Add(what); return Task.FromResult(answer); }
    private static NotSupportedException Never() => new("A window does not do this.");
}
