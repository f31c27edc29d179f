using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.TestHost;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Cronos;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Engines;
using OpsConsole.Features.Schedules;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>A console with a real store, one real SQLite database behind it and the real endpoints before it.</summary>
public sealed class QueueHouse : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("queue-").FullName;
    private WebApplication app = null!;

    public IServiceProvider Services => app.Services;
    public QueueService Queue => Services.GetRequiredService<QueueService>();
    public Recorder Recorder => Services.GetRequiredService<Recorder>();
    public StoreFactory Store => Services.GetRequiredService<StoreFactory>();
    public WindowStub Window { get; } = new();
    /// <summary>The house's clock; a test may bring one that stands still.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
    public string Target => Path.Combine(folder, "members.db");

    public static Actor Rita { get; } = Person("rita", Roles.Reviewer);
    public static Actor Olaf { get; } = Person("olaf", Roles.Reviewer, Roles.Operator);
    public static Actor Vera { get; } = Person("vera", Roles.Viewer);
    public static Actor Person(string name, params string[] roles) => new(name, name, roles.Append(Roles.Viewer).ToHashSet(), "password", null, DateTimeOffset.MaxValue);

    public sealed class WindowStub : IWindowFacts
    {
        public OpenWindow? Now { get; set; }
        public OpenWindow? Ended { get; set; }
        public Task<OpenWindow?> LastEnded(StoreContext db, CancellationToken token) => Task.FromResult(Ended);
        public Task<OpenWindow?> Running(StoreContext db, CancellationToken token) => Task.FromResult(Now);
        public OpenWindow Set(WindowStatus status, params string[] databases) => Now = new OpenWindow("w1", "Night", status, databases.Length == 0 ? ["members"] : databases, null, null, null, null);
    }

    private sealed class NoCircuit : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(new()));
    }

    public async ValueTask InitializeAsync()
    {
        await Sql("""
            create table accounts (id integer primary key, balance integer not null check (balance >= 0));
            create table ledger (id integer primary key, account integer not null, cents integer not null, reference text not null);
            create table interest (due text primary key);
            create table waiting (ref text primary key, at text not null, account integer not null, amount text not null, currency text not null, state text not null);
            insert into accounts values (1, 10000), (2, 10000), (3, 10000)
            """);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        var services = builder.Services;
        var store = new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")}");
        services.AddSingleton(Settings()).AddSingleton(store).AddSingleton(Time).AddSingleton<ChangeFeed>().AddSingleton<StepUps>().AddSingleton<Readiness>()
            .AddSingleton<Recorder>().AddHostedService(s => s.GetRequiredService<Recorder>()).AddSingleton<DriverLease>().AddSingleton<EstateDatabases>().AddSingleton<ActRunner>()
            .AddSingleton<DatabaseWatch>().AddSingleton<IWindowFacts>(Window);
        new QueueRoom().Register(services);
        new SchedulesRoom().Register(services);
        services.AddHttpContextAccessor().AddScoped<ActorSource>().AddScoped<AuthenticationStateProvider, NoCircuit>();
        services.AddAuthentication(ApiKeyHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        services.AddAuthorization();
        services.ConfigureHttpJsonOptions(json => ApiJson.Strict(json.SerializerOptions));
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        app = builder.Build();
        app.UseMiddleware<ApiFaults>();
        app.UseMiddleware<QueueDoorstep>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<EndpointGuard>();
        new QueueRoom().Map(app);
        await store.Prepare(default);
        await app.StartAsync();
        var readiness = Services.GetRequiredService<Readiness>();
        (readiness.Installation, readiness.WaitsFor) = (await DriverLease.Installation(Recorder, default), null);
        Assert.True(await Services.GetRequiredService<DriverLease>().Take(default));
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private ConsoleSettings Settings()
    {
        var deposit = Kind("deposit", "+");
        var withdrawal = Kind("withdrawal", "-");
        return new ConsoleSettings(new StoreSettings(StoreProvider.Sqlite, "", []), folder, new WebSettings(null, "/", []), PolicySettings.Default, new EstateSettings(
            "Test", [new EstateDatabase("members", EngineKind.Sqlite, $"Data Source={Target}", "", CloseMethod.Connect, [], null, ReleaseLayout.Auto, CheckpointMethod.Auto)],
            [Site("members", 0), Site("forum", 0), Site("slow", 1)], [], [], [], [deposit, withdrawal],
            [new PendingSettings("deposit", "members", new VersionedSql("select ref as key, at as started_at, account, amount, currency as amount_currency from waiting where state = 'new' order by ref"), new VersionedSql("update waiting set state = @status where ref = @key"))],
            [new ScheduleSettings("interest", "members", "0 0 * * *", CronExpression.Parse("0 0 * * *"), TimeZoneInfo.Utc, new VersionedSql("insert into interest (due) values (@due)"))]));
    }

    private static SiteSettings Site(string name, int rate) => new(name, ["members"], 15, rate, null, new StaffSettings([], []));

    private static KindSettings Kind(string name, string sign) => new(
        name, [new FieldRule("account", FieldType.Integer), new FieldRule("amount", FieldType.Money, Currencies: ["EUR"], Min: 0.01m, Max: 100_000m)], ["account"], new Dictionary<string, decimal> { ["*"] = 1000 },
        [
            new LegSettings("members", new VersionedSql($"update accounts set balance = balance {sign} cast(replace(@amount, '.', '') as integer) where id = @account"), 1),
            new LegSettings("members", new VersionedSql($"insert into ledger (account, cents, reference) values (@account, {sign}cast(replace(@amount, '.', '') as integer), @key)"), 1),
        ], [new EvidenceSettings("Balance", "members", new VersionedSql("select balance from accounts where id = @account"))]);

    public async Task Sql(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Target};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> Number(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Target};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public Task<long> Balance(int account = 1) => Number($"select balance from accounts where id = {account}");

    public async Task<string> Post(string key, string amount = "12.50", int account = 1, string kind = "deposit", string site = "members")
    {
        var body = $$$"""{"kind":"{{{kind}}}","fields":{"account":{{{account}}},"amount":{"value":"{{{amount}}}","currency":"EUR"}},"startedAt":"2025-11-17T02:29:58Z"}""";
        var actor = new Actor($"site:{site}", site, new HashSet<string>(), "key:test", site);
        var answer = await Services.GetRequiredService<QueueIngest>().Take(actor, [key], System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Null(answer.Refusal);
        return answer.Value!.Id;
    }

    public async Task<TransactionView> See(string id) => (await Queue.Get(Vera, id, default)).Value!;

    /// <summary>A client that carries a site's key.</summary>
    public async Task<HttpClient> Client(string? site)
    {
        var client = app.GetTestClient();
        if (site is null) { return client; }
        var key = ApiKeyHandler.NewKey();
        await Recorder.Write((write, _) =>
        {
            write.Db.ApiKeys.Add(new ApiKeyRow { Id = key, Name = key, Sha256 = ApiKeyHandler.Hash(key), Site = site, MadeAt = write.Now });
            return Task.CompletedTask;
        }, default);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async Task<HttpClient> ClientOf(string person, string role)
    {
        var client = app.GetTestClient();
        var key = ApiKeyHandler.NewKey();
        await Recorder.Write((write, _) =>
        {
            write.Db.Users.Add(new Person { Id = person, UserName = person, MadeAt = write.Now });
            write.Db.Roles.Add(new() { Id = role, Name = role });
            write.Db.UserRoles.Add(new() { UserId = person, RoleId = role });
            write.Db.ApiKeys.Add(new ApiKeyRow { Id = key, Name = key, Sha256 = ApiKeyHandler.Hash(key), PersonId = person, MadeAt = write.Now });
            return Task.CompletedTask;
        }, default);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
