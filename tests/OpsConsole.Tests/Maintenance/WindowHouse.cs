using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;
using OpsConsole.Features.Maintenance;
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
using OpsConsole.Ground.Windows;
using OpsConsole.Tests.Fakes;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

/// <summary>Two databases that need each other, one site, a real store on disk; only the databases themselves are not real. The test is the driver's clock.</summary>
public sealed class WindowHouse : IAsyncDisposable
{
    public static readonly Actor Rosa = Person("Rosa", Roles.Operator);
    public static readonly Actor Ruth = Person("Ruth", Roles.Approver);
    public static readonly Actor Vera = Person("Vera");
    private static readonly TimeProvider Time = TimeProvider.System;
    private readonly string folder = Directory.CreateTempSubdirectory("windows").FullName;

    private WindowHouse(IReadOnlyList<PlannedTask> tasks)
    {
        Forum = new FakeDatabase("forum", "5", "5", "6", "7");
        Members = new FakeDatabase("members", "4", "4", "5");
        Store = new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=False");
        Settings = new ConsoleSettings(new StoreSettings(StoreProvider.Sqlite, "", []), folder, new WebSettings(null, "/", []), PolicySettings.Default,
            new EstateSettings("FastMarket", [], [new SiteSettings("forum", ["forum", "members"], 1, 0, null, new StaffSettings([], []))],
                [
                    new Contract("forum", VersionRange.Parse(">=7"), new Dictionary<string, VersionRange> { ["members"] = VersionRange.Parse(">=5") }),
                    new Contract("members", VersionRange.Parse(">=5"), new Dictionary<string, VersionRange> { ["forum"] = VersionRange.Parse(">=7") }),
                ], [], tasks, [], [], []));
        Feed = new ChangeFeed();
        Recorder = new Recorder(Store, Feed, Time, NullLogger<Recorder>.Instance);
        Lease = new DriverLease(Recorder, Time);
        Acts = new ActRunner(Recorder, Lease);
        Estate = new EstateDatabases([Forum, Members]);
        Watch = new DatabaseWatch(Estate, Feed, Time, NullLogger<DatabaseWatch>.Instance);
        Gates = new GateBook(Recorder, Store, Settings, Feed, Time);
        var readiness = new Readiness { Installation = "one" };
        var freezing = new FreezeService(Gates, new DoorBook(Store, Recorder), Acts, Estate, Settings, readiness, Lease, Time);
        Book = new WindowBook(Store, Recorder);
        var progress = new WindowProgress(Feed);
        var doors = new WindowDoors(freezing, Gates, Feed, Time);
        var counts = new TrialCounts(Estate, Time);
        var work = new StepWork(doors, new WindowChecks(Settings, Estate, Watch), Estate, Watch, Acts, Lease, readiness, Settings, progress, new TrialWork(doors, counts, Acts, Lease, readiness), Time);
        Driver = new WindowDriver(Book, work, Lease, Witnesses, progress, Time, NullLogger<WindowDriver>.Instance);
        Views = new WindowViews(Store, Witnesses, progress, counts, Watch, Time);
        Strip = new WindowStrip(Book, Views, Gates, Feed, Time);
        Windows = new WindowService(Book, new PlanDesk(Estate, Watch, Settings), Views, new WindowWaker(new NoJobs()), Driver, Strip, freezing, Settings, Store, Witnesses, Time);
    }

    /// <summary>Other rooms that maintenance asks; none unless a test puts one in.</summary>
    public List<IWindowWitness> Witnesses { get; } = [];
    public FakeDatabase Forum { get; }
    public FakeDatabase Members { get; }
    public StoreFactory Store { get; }
    public ConsoleSettings Settings { get; }
    public ChangeFeed Feed { get; }
    public Recorder Recorder { get; }
    public DriverLease Lease { get; }
    public ActRunner Acts { get; }
    public EstateDatabases Estate { get; }
    public DatabaseWatch Watch { get; }
    public GateBook Gates { get; }
    public WindowBook Book { get; }
    public WindowDriver Driver { get; }
    public WindowViews Views { get; }
    public WindowStrip Strip { get; }
    public WindowService Windows { get; }

    public static async Task<WindowHouse> Open(params PlannedTask[] tasks)
    {
        var house = new WindowHouse(tasks);
        await using (var db = house.Store.CreateDbContext()) { await db.Database.EnsureCreatedAsync(); }
        await house.Recorder.StartAsync(CancellationToken.None);
        Assert.True(await house.Lease.Take(CancellationToken.None));
        await house.Gates.Load(CancellationToken.None);
        return house;
    }

    public async Task<WindowView> Make(string name = "November upgrade")
    {
        var now = Time.GetUtcNow();
        var made = await Windows.Make(Rosa, name, new Dictionary<string, string> { ["forum"] = "7", ["members"] = "5" }, now.AddMinutes(-1), now.AddHours(2), CancellationToken.None);
        Assert.Null(made.Refusal);
        return made.Value!;
    }

    public async Task<WindowView> Approved()
    {
        var made = await Make();
        return await Must(Ruth, made.Id, "approve", new VerbBody(made.Digest));
    }

    public async Task<WindowView> Started()
    {
        var window = await Approved();
        return await Must(Rosa, window.Id, "start");
    }

    /// <summary>Started, and driven until a person has the word.</summary>
    public async Task<WindowView> Driven() => await Drive((await Started()).Id);

    public async Task<WindowView> Drive(string id)
    {
        Assert.True(await Lease.Renew(CancellationToken.None));
        await Driver.Drive(id, CancellationToken.None);
        return (await Windows.One(Vera, id, CancellationToken.None)).Value!;
    }

    public Task<Answer<WindowView>> Do(Actor actor, string id, string verb, VerbBody? body = null) => Windows.Do(actor, id, verb, body ?? new VerbBody(), CancellationToken.None);

    public async Task<WindowView> Must(Actor actor, string id, string verb, VerbBody? body = null)
    {
        var answer = await Do(actor, id, verb, body);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    private static Actor Person(string name, params string[] roles) => new(name, name, roles.Append(Roles.Viewer).ToHashSet(), "password", null, DateTimeOffset.MaxValue);

    public async ValueTask DisposeAsync()
    {
        await Recorder.StopAsync(CancellationToken.None);
        Recorder.Dispose();
        Watch.Dispose();
        // A page that is still open may have one reading under way.
        for (var tries = 0; ; tries++)
        {
            try { Directory.Delete(folder, true); return; }
            catch (IOException) when (tries < 40) { await Task.Delay(50); }
        }
    }

    /// <summary>Takes every job and runs none: the test drives.</summary>
    private sealed class NoJobs : IBackgroundJobClient
    {
        public string Create(Job job, IState state) => "1";
        public bool ChangeState(string jobId, IState state, string expectedState) => true;
    }
}
