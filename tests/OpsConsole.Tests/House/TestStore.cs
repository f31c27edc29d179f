using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>A store of its own for one test, with a running recorder.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly string? folder;
    public StoreFactory Factory { get; }
    public Recorder Recorder { get; }
    public string ConnectionString { get; }

    private TestStore(StoreProvider provider, string connection, string? folder)
    {
        (this.folder, ConnectionString) = (folder, connection);
        Factory = new StoreFactory(provider, connection);
        Recorder = new Recorder(Factory, new ChangeFeed(), TimeProvider.System, NullLogger<Recorder>.Instance);
    }

    /// <summary>PostgreSQL only where its binaries are on this machine.</summary>
    public static TheoryData<StoreProvider> Providers() => PostgreSqlServer.IsHere ? [StoreProvider.Sqlite, StoreProvider.PostgreSql] : [StoreProvider.Sqlite];

    public static async Task<TestStore> Start(StoreProvider provider)
    {
        TestStore store;
        if (provider == StoreProvider.Sqlite)
        {
            var folder = Directory.CreateTempSubdirectory("oc-store-").FullName;
            store = new TestStore(provider, $"Data Source={Path.Combine(folder, "store.db")};Pooling=false", folder);
        }
        else
        {
            store = new TestStore(provider, await PostgreSqlServer.NewDatabase(), null);
        }
        await store.Factory.Prepare(CancellationToken.None);
        await store.Recorder.StartAsync(CancellationToken.None);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        await Recorder.StopAsync(CancellationToken.None);
        Recorder.Dispose();
        if (folder is not null) { Directory.Delete(folder, recursive: true); }
    }
}

/// <summary>One server for all tests of this process, on a socket in a folder of its own: no port is bound. It ends with the process.</summary>
internal static class PostgreSqlServer
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private static readonly Lazy<Task<string>> Running = new(Start);
    private static int made;

    public static bool IsHere => File.Exists(Path.Combine(Binaries, "initdb"));

    public static async Task<string> NewDatabase()
    {
        var socket = await Running.Value;
        var name = $"store{Interlocked.Increment(ref made)}";
        await using var connection = new NpgsqlConnection($"Host={socket};Username=postgres;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {name}", connection);
        await create.ExecuteNonQueryAsync();
        return $"Host={socket};Username=postgres;Database={name};Pooling=false";
    }

    private static async Task<string> Start()
    {
        var folder = Directory.CreateTempSubdirectory("oc-pg-").FullName;
        var root = Environment.UserName == "root"; // initdb refuses root.
        if (root) { await Run("chown", "postgres", folder); }
        string data = Path.Combine(folder, "data");
        Task As(params string[] command) => root ? Run("runuser", ["-u", "postgres", "--", .. command]) : Run(command[0], command[1..]);
        await As(Path.Combine(Binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync");
        await As(Path.Combine(Binaries, "pg_ctl"), "-D", data, "-w", "-l", Path.Combine(folder, "log"), "-o", $"-c listen_addresses= -k {folder}", "start");
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            As(Path.Combine(Binaries, "pg_ctl"), "-D", data, "-m", "immediate", "stop").GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return folder;
    }

    private static async Task Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = false })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} ended with {process.ExitCode}."); }
    }
}
