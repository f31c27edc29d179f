using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Features.Sessions;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;
using OpsConsole.Tests.House;
using Xunit;

namespace OpsConsole.Tests.Sessions;

/// <summary>A person decides on a prepared transaction: who may, what is written, and what is said when the server did something else.</summary>
public sealed class SettleTests : IAsyncLifetime
{
    private static readonly Actor Olga = new("olga", "olga", new HashSet<string> { Roles.Operator, Roles.Viewer }, "password", null, DateTimeOffset.MaxValue);
    private readonly PreparedOnly target = PreparedOnly.New("members");
    private TestStore store = null!;
    private Recorder recorder = null!;
    private DriverLease lease = null!;
    private ActRunner acts = null!;
    private EstateDatabases databases = null!;
    private DatabaseWatch watch = null!;
    private SessionsService sessions = null!;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.Start(StoreProvider.Sqlite);
        recorder = new Recorder(store.Factory, new ChangeFeed(), TimeProvider.System, NullLogger<Recorder>.Instance);
        await recorder.StartAsync(default);
        lease = new DriverLease(recorder, TimeProvider.System);
        acts = new ActRunner(recorder, lease);
        databases = new EstateDatabases([target.Database]);
        watch = new DatabaseWatch(databases, new ChangeFeed(), TimeProvider.System, NullLogger<DatabaseWatch>.Instance);
        var settings = new ConsoleSettings(new StoreSettings(StoreProvider.Sqlite, "", []), "/nowhere", new WebSettings(null, "/", []), PolicySettings.Default,
            new EstateSettings("Test", [], [], [], [], [], [], [], []));
        var readiness = new Readiness { Installation = "one" };
        sessions = new SessionsService(watch, databases, settings, acts, new Fences(lease, readiness), readiness, lease, TimeProvider.System);
        Assert.True(await lease.Take(default));
    }

    public async ValueTask DisposeAsync()
    {
        await recorder.StopAsync(default);
        recorder.Dispose();
        watch.Dispose();
        await store.DisposeAsync();
    }

    private async Task<List<(string Actor, string Action, string Details)>> Audit()
    {
        await using var db = store.Factory.CreateDbContext();
        return [.. (await db.Audit.Where(a => a.Subject == "members").OrderBy(a => a.Sequence).ToListAsync()).Select(a => (a.Actor, a.Action, a.DetailsJson))];
    }

    [Fact]
    public async Task What_was_decided_is_done_once_and_stands_in_the_audit_with_its_reason()
    {
        var answer = await sessions.Settle(Olga, "members", "forgotten", false, "left by a stopped import", default);
        Assert.Null(answer.Refusal);
        Assert.Equal(["rollback forgotten one 1"], target.Calls);
        var entries = await Audit();
        Assert.Equal(["settle.intended", "settle.done"], entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal("olga", e.Actor));
        Assert.Contains("\"decision\":\"rollback\"", entries[0].Details, StringComparison.Ordinal);
        Assert.Contains("left by a stopped import", entries[0].Details, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.NotFound, (await sessions.Settle(Olga, "members", "forgotten", false, "again", default)).Refusal?.Code);
    }

    [Fact]
    public async Task A_name_with_a_slash_is_found_as_a_path_carries_it()
    {
        target.Waiting[0] = target.Waiting[0] with { Gid = "batch/7" };
        Assert.Null((await sessions.Settle(Olga, "members", "batch%2F7", true, "its client is gone", default)).Refusal);
        Assert.Equal(["commit batch/7 one 1"], target.Calls);
    }

    [Theory]
    [InlineData("Viewer", true, RefusalCode.NotAllowed)]
    [InlineData("Admin", true, RefusalCode.NotAllowed)]
    [InlineData("Operator", false, RefusalCode.StepUpNeeded)]
    public async Task Who_may_not_touches_nothing(string role, bool proven, string code)
    {
        var actor = new Actor("x", "x", new HashSet<string> { role }, "password", null, proven ? DateTimeOffset.MaxValue : null);
        Assert.Equal(code, (await sessions.Settle(actor, "members", "forgotten", true, "its client is gone", default)).Refusal?.Code);
        Assert.Empty(target.Calls);
        Assert.Empty(await Audit());
    }

    [Theory]
    [InlineData("members", "unknown", true, "r", RefusalCode.NotFound)]
    [InlineData("moon", "forgotten", true, "r", RefusalCode.NotFound)]
    [InlineData("members", "forgotten", true, null, RefusalCode.InvalidField)]
    [InlineData("members", "forgotten", false, null, RefusalCode.InvalidField)]
    [InlineData("members", "forgotten", false, " ", RefusalCode.InvalidField)]
    public async Task What_cannot_be_touches_nothing(string database, string gid, bool commit, string? reason, string code)
    {
        Assert.Equal(code, (await sessions.Settle(Olga, database, gid, commit, reason, default)).Refusal?.Code);
        Assert.Empty(target.Calls);
        Assert.Empty(await Audit());
    }

    [Fact]
    public async Task A_database_that_is_down_is_a_refusal_with_its_words_for_every_question_and_every_act()
    {
        target.Down = true;
        List<Refusal?> answers =
        [
            (await sessions.Of(Olga, "members", default)).Refusal, (await sessions.InDoubt(Olga, "members", default)).Refusal, (await sessions.End(Olga, "members", "7", default)).Refusal,
            (await sessions.EndConnections(Olga, "members", ["7"], default)).Refusal, (await sessions.Settle(Olga, "members", "forgotten", true, "its client is gone", default)).Refusal,
        ];
        Assert.All(answers, a => Assert.Equal((RefusalCode.NotNow, true), (a!.Code, a.Text.Contains("connection refused", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(PreparedFate.Waiting, RefusalCode.WrongState, "settle.notDone")]
    [InlineData(PreparedFate.RolledBack, RefusalCode.WrongState, "settle.notDone")]
    [InlineData(PreparedFate.Unknown, RefusalCode.NotNow, "settle.unknown")]
    public async Task When_the_server_fails_it_is_asked_and_not_believed(PreparedFate fate, string code, string action)
    {
        (target.Fails, target.Fate) = (true, fate);
        Assert.Equal(code, (await sessions.Settle(Olga, "members", "forgotten", true, "its client is gone", default)).Refusal?.Code);
        Assert.Equal(action, (await Audit())[^1].Action);
    }

    [Fact]
    public async Task A_lost_answer_to_what_was_done_all_the_same_is_done()
    {
        (target.Fails, target.Fate) = (true, PreparedFate.Committed);
        Assert.Null((await sessions.Settle(Olga, "members", "forgotten", true, "its client is gone", default)).Refusal);
    }

    [Fact]
    public async Task After_a_crash_the_server_is_asked_what_became_of_it_and_nothing_is_decided_anew()
    {
        var intent = new SettleAct(target.Database, new Readiness { Installation = "one" }, lease, new SettleIntent(target.Waiting[0], "commit", null));
        await recorder.Write((write, _) =>
        {
            write.Db.Acts.Add(new ActRow { Id = "a1", Kind = "settle", Subject = "members", IntentJson = intent.IntentJson, Epoch = 1, StartedAt = write.Now });
            return Task.CompletedTask;
        }, default);
        target.Fate = PreparedFate.Committed;
        await new SessionsStart(store.Factory, acts, databases, new Readiness(), lease).Run(default);
        await using var db = store.Factory.CreateDbContext();
        Assert.Equal("done", (await db.Acts.SingleAsync(a => a.Id == "a1")).Outcome);
        Assert.Empty(target.Calls);
    }
}

/// <summary>A database of which only the prepared transactions are there.</summary>
public class PreparedOnly : DispatchProxy
{
    private DatabaseSettings settings = null!;
    public IManagedDatabase Database { get; private set; } = null!;
    public List<PreparedTransaction> Waiting { get; } = [new("forgotten", "app", DateTimeOffset.UnixEpoch, false, "745")];
    public List<string> Calls { get; } = [];
    /// <summary>The answer is lost, whatever was done.</summary>
    public bool Fails { get; set; }
    public bool Down { get; set; }
    public PreparedFate Fate { get; set; } = PreparedFate.Waiting;

    public static PreparedOnly New(string name)
    {
        var database = Create<IManagedDatabase, PreparedOnly>();
        var target = (PreparedOnly)(object)database;
        target.Database = database;
        target.settings = new DatabaseSettings(name, EngineKind.PostgreSql, "", "postgres", CloseMethod.Connect, [], null, ReleaseLayout.Auto, "/nowhere", "node");
        return target;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case "get_Name": return settings.Name;
            case "get_Settings": return settings;
            case "get_CanPrepare": return true;
            case nameof(IManagedDatabase.Look): return Task.FromException<DatabaseFacts>(new EngineFault("nobody looks"));
            case nameof(IManagedDatabase.Sessions): return Task.FromException<IReadOnlyList<SessionFacts>>(new EngineFault("connection refused"));
            case nameof(IManagedDatabase.Prepared) when Down: return Task.FromException<IReadOnlyList<PreparedTransaction>>(new EngineFault("connection refused"));
            case nameof(IManagedDatabase.Prepared): return Task.FromResult<IReadOnlyList<PreparedTransaction>>([.. Waiting]);
            case nameof(IManagedDatabase.FateOf): return Task.FromResult(Fate);
            case nameof(IManagedDatabase.SettlePrepared):
                Calls.Add($"{((bool)args![1]! ? "commit" : "rollback")} {args[0]} {args[2]} {args[3]}");
                if (Fails) { return Task.FromException(new EngineFault("the connection was lost", unknown: true)); }
                Waiting.Clear();
                return Task.CompletedTask;
            default: throw new NotSupportedException(targetMethod.Name);
        }
    }
}
