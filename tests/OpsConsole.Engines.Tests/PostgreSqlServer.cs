using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using OpsConsole.Engines.PostgreSql;

[assembly: AssemblyFixture(typeof(OpsConsole.Engines.Tests.PostgreSqlServer))]

namespace OpsConsole.Engines.Tests;

/// <summary>A PostgreSQL server of the tests' own: own folder, own port on the loopback, gone at the end.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private static readonly bool IsRoot = Environment.UserName == "root";
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"opsconsole-pg-{Guid.NewGuid():N}");
    private readonly string binaries = FindBinaries();
    private int serial;

    public int Port { get; private set; }

    private string Data => Path.Combine(folder, "data");

    public string ConnectionString(string database, string user = "console") =>
        $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Username={user};Database={database}";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        if (IsRoot) { await Run("chown", ["postgres", folder], "/"); }
        await AsServer("initdb", "-D", Data, "-U", "console", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N");
        Port = FreePort();
        var options = string.Create(CultureInfo.InvariantCulture,
            $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_prepared_transactions=20 -c fsync=off -c full_page_writes=off -c autovacuum_naptime=1s -c shared_buffers=32MB");
        await AsServer("pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Path.Combine(folder, "log"), "-o", options, "start");
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await AsServer("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A fresh database with a role "site_n" of its own that may read and write in it.</summary>
    public async Task<TestDatabase> NewDatabase(Func<DatabaseSettings, DatabaseSettings>? change = null, string? sharedRole = null)
    {
        var number = Interlocked.Increment(ref serial).ToString(CultureInfo.InvariantCulture);
        var (name, role) = ($"db_{number}", sharedRole ?? $"site_{number}");
        await Run("postgres", $"create database {name}", $"do $$ begin create role {role} login; exception when duplicate_object then null; end $$");
        await Run(name, $"grant all on schema public to {role}", $"alter default privileges in schema public grant all on tables to {role}", $"alter default privileges in schema public grant all on sequences to {role}");
        var settings = new DatabaseSettings(name, EngineKind.PostgreSql, ConnectionString(name), "postgres", CloseMethod.Connect, [role], null, ReleaseLayout.Auto, folder, "node1", CommandSeconds: 10, LockSeconds: 5);
        return new TestDatabase(this, name, role, new PostgreSqlDatabase(change?.Invoke(settings) ?? settings));
    }

    public async Task Run(string database, params string[] statements)
    {
        await using var connection = await Connect(database);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async Task<string?> Text(string database, string sql)
    {
        await using var connection = await Connect(database);
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>Unpooled: closing it ends the session.</summary>
    public async Task<NpgsqlConnection> Connect(string database, string user = "console")
    {
        var connection = new NpgsqlConnection(ConnectionString(database, user) + ";Pooling=false;Application Name=test");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string FindBinaries()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")))
            ?? throw new InvalidOperationException("These tests need PostgreSQL's server programs (initdb, postgres) in /usr/lib/postgresql/*/bin or in PATH.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The server's programs refuse to run as root.
    private Task AsServer(string program, params string[] arguments) => IsRoot
        ? Run("runuser", ["-u", "postgres", "--", Path.Combine(binaries, program), .. arguments], folder)
        : Run(Path.Combine(binaries, program), arguments, folder);

    private static async Task Run(string program, IEnumerable<string> arguments, string directory)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardError = false, RedirectStandardOutput = false };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} ended with {process.ExitCode}."); }
    }
}

/// <param name="Role">the role of the site that uses it</param>
public sealed record TestDatabase(PostgreSqlServer Server, string Name, string Role, PostgreSqlDatabase Hands) : IAsyncDisposable
{
    public Task Run(params string[] statements) => Server.Run(Name, statements);
    public Task<string?> Text(string sql) => Server.Text(Name, sql);
    public Task<NpgsqlConnection> AsSite() => Server.Connect(Name, Role);
    public ValueTask DisposeAsync() => Hands.DisposeAsync();
}
