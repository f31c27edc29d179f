using System.Globalization;
using Npgsql;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>A server of the benchmarks' own that keeps what it confirms: with fsync off there would be nothing to compare.</summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly bool IsRoot = Environment.UserName == "root";
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"opsconsole-bench-pg-{Guid.NewGuid():N}");

    public int Port { get; } = Tool.FreePort();
    public string Data => Path.Combine(folder, "data");
    public string ConnectionString(string database) => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=console;Database={database}");

    public static async Task<PostgreSqlServer> Start()
    {
        var server = new PostgreSqlServer();
        Directory.CreateDirectory(server.folder);
        if (IsRoot) { await Tool.Run("chown", ["postgres", server.folder]); }
        await server.AsServer("initdb", "-D", server.Data, "-U", "console", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N");
        var options = string.Create(CultureInfo.InvariantCulture,
            $"-p {server.Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_prepared_transactions=20 -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=4GB");
        await server.AsServer("pg_ctl", "-D", server.Data, "-w", "-t", "60", "-l", Path.Combine(server.folder, "log"), "-o", options, "start");
        return server;
    }

    public Task<string> Client(string program, params IEnumerable<string> words) =>
        Tool.Run(Tool.PostgreSql(program), ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "console", .. words]);

    public async Task Run(string database, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async Task<string> Text(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        return await command.ExecuteScalarAsync() as string ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await AsServer("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(folder, recursive: true);
    }

    // The server's programs refuse to run as root.
    private Task AsServer(string program, params string[] words) => IsRoot
        ? Tool.Silent("runuser", ["-u", "postgres", "--", Tool.PostgreSql(program), .. words], folder)
        : Tool.Silent(Tool.PostgreSql(program), words, folder);
}
