using System.Collections.Concurrent;
using OpsConsole.Engines;
using OpsConsole.Engines.Tests;

namespace OpsConsole.Faults.Tests;

/// <summary>All laps, a few at a time: most of a lap is waiting. Each test asks for its own.</summary>
public sealed class FailpointRuns : IAsyncDisposable
{
    private const int AtATime = 3;
    private readonly PostgreSqlServer server;
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-laps-").FullName;
    private readonly SemaphoreSlim free = new(AtATime);
    private readonly Lazy<Task<LapKeys>> template;
    private readonly ConcurrentDictionary<string, Lazy<Task>> runs = new();

    public FailpointRuns(PostgreSqlServer server)
    {
        this.server = server;
        template = new Lazy<Task<LapKeys>>(MakeTemplate);
    }

    public FailpointTable Table { get; } = new();

    public Task Of(LapPlan plan)
    {
        // Asked for one, begin with all: they wait for a free place themselves.
        foreach (var other in FailpointMatrix.Plans) { _ = runs.GetOrAdd(other.ToString(), _ => new Lazy<Task>(() => Run(other))).Value; }
        return runs[plan.ToString()].Value;
    }

    private async Task Run(LapPlan plan)
    {
        await free.WaitAsync();
        try
        {
            var keys = await template.Value;
            var place = Path.Combine(folder, $"{plan.Engine}-{plan.Number}");
            LapEstate estate = plan.Engine == EngineKind.PostgreSql ? new PostgreSqlLapEstate(server, plan, place) : new SqliteLapEstate(plan, place);
            await estate.Make(Path.Combine(folder, "template"));
            await using var lap = new Lap(estate, plan, keys, place, Table);
            await lap.Run();
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>A store with its people and keys, made once by the console's own commands.</summary>
    private async Task<LapKeys> MakeTemplate()
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "template")).FullName;
        var files = LapEstate.Databases.ToDictionary(d => d, d => LapEstate.Releases(d, "Sqlite", $"Data Source={d}.db"));
        var file = Path.Combine(place, "appsettings.json");
        await File.WriteAllTextAsync(file, LapEstate.Configuration(files, "update accounts set balance = balance where id = @account and @amount is not null"));
        foreach (var database in LapEstate.Databases) { Directory.CreateDirectory(Path.Combine(place, "releases", database)); }
        var console = new ConsoleProcess(file, place);
        await console.Command("correct horse battery staple", "users", "add", "olga", "--role", "Operator", "--role", "Reviewer", "--role", "Auditor", "--password-stdin");
        await console.Command("correct horse battery staple", "users", "add", "anton", "--role", "Approver", "--password-stdin");
        var keys = new LapKeys(
            await console.Command(null, "keys", "add", "olga-key", "--user", "olga", "--step-up"), await console.Command(null, "keys", "add", "anton-key", "--user", "anton", "--step-up"),
            await console.Command(null, "keys", "add", "members-key", "--site", "members"));
        File.Delete(file);
        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in runs.Values) { await run.Value.ContinueWith(_ => { }, TaskScheduler.Default); }
        free.Dispose();
        Directory.Delete(folder, true);
    }
}
