using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>Other programs.</summary>
internal static class Tool
{
    private static readonly string? Binaries = Find();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A program of PostgreSQL's.</summary>
    public static string PostgreSql(string name) => Binaries is null
        ? throw new InvalidOperationException("This needs PostgreSQL's programs in /usr/lib/postgresql/*/bin or in PATH; tests/run.sh installs them.") : Path.Combine(Binaries, name);

    /// <summary>What it wrote; its errors are shown where it fails.</summary>
    public static async Task<string> Run(string program, IEnumerable<string> words, string? directory = null, string? input = null)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = directory ?? "" };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        if (input is not null) { await process.StandardInput.WriteLineAsync(input); }
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await errors}{text}");
    }

    /// <summary>Without its output: a server that stays would hold the pipe open.</summary>
    public static async Task Silent(string program, IEnumerable<string> words, string directory)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. words]) { WorkingDirectory = directory };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} {string.Join(' ', words)} ended with {process.ExitCode}."); }
    }

    private static string? Find()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pgbench")));
    }
}
