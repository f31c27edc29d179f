using System.Reflection;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Domain.Gates;
using OpsConsole.Engines;
using OpsConsole.Features.Gates;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;
using Xunit;

namespace OpsConsole.Tests.Gates;

/// <summary>Two sites over two databases, with a real store on disk, a clock that the test sets, and databases that keep only their doors.</summary>
public sealed class GateHouse : IAsyncDisposable
{
    public static readonly DateTimeOffset Night = new(2026, 11, 17, 2, 30, 0, TimeSpan.Zero);
    public static readonly AnnouncedWindow Window = new(Night.AddMinutes(-5), Night.AddHours(3));
    public static readonly Actor Rosa = new("rosa", "rosa", new HashSet<string> { Roles.Operator, Roles.Viewer }, "password", null, DateTimeOffset.MaxValue);
    public static readonly Actor Vera = new("vera", "vera", new HashSet<string> { Roles.Viewer }, "password");
    private readonly string folder;
    private readonly bool ownsFolder;

    private GateHouse(string folder, FakeTimeProvider clock, DoorsOnly[] databases, bool ownsFolder)
    {
        (this.folder, this.ownsFolder, Clock, Databases) = (folder, ownsFolder, clock, databases);
        Store = new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=False");
        Settings = new ConsoleSettings(new StoreSettings(StoreProvider.Sqlite, "", []), folder, new WebSettings(null, "/", []), PolicySettings.Default,
            new EstateSettings("FastMarket", [Database("members"), Database("forum")],
                [new SiteSettings("members", ["members"], 15, 0, new SiteSessions("members", new VersionedSql("select id, member, started_at, last_seen_at, address from web_sessions"), new VersionedSql("delete from web_sessions where id = @id")), new StaffSettings(["ada"], [])), new SiteSettings("forum", ["forum", "members"], 15, 0, null, new StaffSettings([], []))],
                [], [], [], [], [], []));
        Feed = new ChangeFeed();
        Recorder = new Recorder(Store, Feed, clock, NullLogger<Recorder>.Instance);
        Lease = new DriverLease(Recorder, clock);
        Acts = new ActRunner(Recorder, Lease);
        Estate = new EstateDatabases(databases.Select(d => d.Database));
        Watch = new DatabaseWatch(Estate, Feed, clock, NullLogger<DatabaseWatch>.Instance);
        Book = new GateBook(Recorder, Store, Settings, Feed, clock);
        Doors = new DoorBook(Store, Recorder);
        Readiness = new Readiness { Installation = "one" };
        Freezing = new FreezeService(Book, Doors, Acts, Estate, Settings, Readiness, Lease, clock);
        Gates = new GatesService(Book, Freezing, Watch, Estate, Lease, clock);
        (Drains, History) = (new GateDrains(Book, Store, Recorder, Feed, clock), new GateHistory(Store, clock));
    }

    public FakeTimeProvider Clock { get; }
    public DoorsOnly[] Databases { get; }
    public StoreFactory Store { get; }
    public ConsoleSettings Settings { get; }
    public ChangeFeed Feed { get; }
    public Recorder Recorder { get; }
    public DriverLease Lease { get; }
    public ActRunner Acts { get; }
    public EstateDatabases Estate { get; }
    public DatabaseWatch Watch { get; }
    public GateBook Book { get; }
    public DoorBook Doors { get; }
    public Readiness Readiness { get; }
    public FreezeService Freezing { get; }
    public GatesService Gates { get; }
    public GateDrains Drains { get; }
    public GateHistory History { get; }

    public static async Task<GateHouse> Open()
    {
        var folder = Directory.CreateTempSubdirectory("gates").FullName;
        var house = new GateHouse(folder, new FakeTimeProvider(Night), [DoorsOnly.New("members"), DoorsOnly.New("forum")], true);
        await using (var db = house.Store.CreateDbContext()) { await db.Database.EnsureCreatedAsync(); }
        await house.Start();
        return house;
    }

    /// <summary>The same disk and databases, another process: memory is empty and the monotonic clock begins anew.</summary>
    public async Task<GateHouse> Restart()
    {
        await Recorder.StopAsync(CancellationToken.None);
        var next = new GateHouse(folder, new FakeTimeProvider(Clock.GetUtcNow()), Databases, false);
        await next.Start();
        return next;
    }

    private async Task Start()
    {
        await Recorder.StartAsync(CancellationToken.None);
        Assert.True(await Lease.Take(CancellationToken.None));
        await new FreezeStart(Book, Doors, Acts, Freezing, Estate, Store, Readiness, Lease, Clock, NullLogger<FreezeStart>.Instance).Run(CancellationToken.None);
        await Drains.Run(CancellationToken.None);
    }

    public async Task Pass(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.True(await Lease.Renew(CancellationToken.None));
    }

    public static Actor KeyOf(string site) => new($"site:{site}", site, new HashSet<string>(), "key:k", site);
    public Task Announce() => Freezing.Announce(Rosa, Window, null, CancellationToken.None);
    public async Task<GateAnswer> Ask(string instance, string site = "members") => (await Gates.Ask(KeyOf(site), site, instance, null, 0, CancellationToken.None)).Value!;
    public async Task<bool> Ack(string instance, long version, string site = "members") =>
        (await Gates.Acknowledge(KeyOf(site), site, instance, version, null, null, CancellationToken.None)).Value;
    public async Task<GateView> Freeze(FreezeDepth depth = FreezeDepth.Logins, string site = "members")
    {
        var answer = await Gates.Freeze(Rosa, site, depth, "Back at five.", "upgrade", true, CancellationToken.None);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    public CertainView Certain(string site = "members") => Gates.List(Vera).Value!.Single(g => g.Site == site).Certain;

    private static EstateDatabase Database(string name) =>
        new(name, EngineKind.PostgreSql, "Host=db-intern-7;Password=hush", "postgres", CloseMethod.Connect, [$"{name}_app"], null, ReleaseLayout.Auto, CheckpointMethod.Auto);

    public async ValueTask DisposeAsync()
    {
        await Recorder.StopAsync(CancellationToken.None);
        Recorder.Dispose();
        Watch.Dispose();
        if (ownsFolder) { Directory.Delete(folder, true); }
    }

    public static ClaimsPrincipal Principal(string id, string stamp) =>
        new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, id), new(ClaimTypes.Name, id), new("AspNet.Identity.SecurityStamp", stamp)], "test"));
}

/// <summary>A database of which only the doors are there. Any other call fails the test.</summary>
public class DoorsOnly : DispatchProxy
{
    public IManagedDatabase Database { get; private set; } = null!;
    public DoorState State { get; set; } = DoorState.Open;
    public List<string> Calls { get; } = [];
    /// <summary>Who is connected; null: to ask fails the test.</summary>
    public List<SessionFacts>? Connected { get; set; }
    public List<PreparedTransaction> Prepared { get; } = [];
    /// <summary>What the site's query for its sessions answers; null: to ask fails the test.</summary>
    public ResultRows? Members { get; set; }
    public List<CommitRequest> Commits { get; } = [];
    private DatabaseSettings settings = null!;

    public static DoorsOnly New(string name)
    {
        var database = Create<IManagedDatabase, DoorsOnly>();
        var doors = (DoorsOnly)(object)database;
        doors.Database = database;
        doors.settings = new DatabaseSettings(name, EngineKind.PostgreSql, "", "postgres", CloseMethod.Connect, [$"{name}_app"], null, ReleaseLayout.Auto, "/nowhere", "node");
        return doors;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var call = targetMethod!.Name;
        if (call.EndsWith("Doors", StringComparison.Ordinal)) { Calls.Add(call); }
        switch (call)
        {
            case "get_Name": return settings.Name;
            case "get_Settings": return settings;
            case nameof(IManagedDatabase.RaiseFence): return Task.CompletedTask;
            case nameof(IManagedDatabase.ReadDoors): return Task.FromResult(new DoorRecord($"{{\"was\":\"{State}\"}}"));
            case nameof(IManagedDatabase.CloseDoors): State = DoorState.Closed; return Task.FromResult(3);
            case nameof(IManagedDatabase.OpenDoors): State = DoorState.Open; return Task.CompletedTask;
            case nameof(IManagedDatabase.InspectDoors): return Task.FromResult(State);
            case nameof(IManagedDatabase.Sessions) when Connected is not null: return Task.FromResult<IReadOnlyList<SessionFacts>>([.. Connected]);
            case nameof(IManagedDatabase.Prepared) when Connected is not null: return Task.FromResult<IReadOnlyList<PreparedTransaction>>([.. Prepared]);
            case nameof(IManagedDatabase.EndSession) when Connected is not null: Calls.Add($"end {args![0]}"); return Task.FromResult(Connected.RemoveAll(s => s.Id == (string)args[0]!) > 0);
            case nameof(IManagedDatabase.Query) when Members is not null: return Task.FromResult(Members);
            case nameof(IManagedDatabase.Commit) when Members is not null:
                Commits.Add((CommitRequest)args![0]!);
                Members = Members with { Rows = [.. Members.Rows.Where(r => r[0] != (string?)Commits[^1].Parameters[0].Value)] };
                return Task.FromResult(new CommitResult(CommitOutcome.Committed, [1], null));
            default: throw new NotSupportedException(call);
        }
    }
}
