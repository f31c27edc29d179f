using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace OpsConsole.Browser.Tests;

/// <summary>The real console as its own process, in a fresh folder and with no configuration: the sample, as a newcomer has it.</summary>
public sealed partial class SampleConsole : IAsyncDisposable
{
    public const string Password = "a long night and a kettle";
    public static string Program { get; } = Find();
    private readonly int port = FreePort();
    private readonly StringBuilder output = new();
    private readonly Dictionary<string, string> environment;
    private Process? process;

    /// <param name="environment">settings that differ from the sample's</param>
    public SampleConsole(Dictionary<string, string>? environment = null)
    {
        this.environment = environment ?? [];
        Folder = Directory.CreateTempSubdirectory("opsconsole-browser-").FullName;
    }

    public string Folder { get; }
    public Uri Address => new($"http://127.0.0.1:{port}/");
    public string Output { get { lock (output) { return output.ToString(); } } }

    public async Task Start()
    {
        process = Run(["--urls", Address.ToString()]);
        DataReceivedEventHandler keep = (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(120) && !process.HasExited; await Task.Delay(150))
        {
            try
            {
                if ((await http.GetAsync("health/ready")).IsSuccessStatusCode) { return; }
            }
            catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet.
            }
        }
        throw new InvalidOperationException($"The console did not become ready.\n{Output}");
    }

    /// <summary>Ended like a process that is killed, and started again in the same folder.</summary>
    public async Task KillAndStart()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        await Start();
    }

    public Task AddPerson(string name, params string[] roles) => Command(Password, ["users", "add", name, .. roles.SelectMany(r => new[] { "--role", r }), "--password-stdin"]);

    /// <summary>A command beside the running console; returns the last line of its answer.</summary>
    public async Task<string> Command(string? input, params string[] words)
    {
        using var command = Run(words);
        if (input is not null) { await command.StandardInput.WriteLineAsync(input); }
        command.StandardInput.Close();
        var errors = command.StandardError.ReadToEndAsync();
        var answer = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        if (command.ExitCode != 0) { throw new InvalidOperationException($"{string.Join(' ', words)} ended with {command.ExitCode}: {await errors}"); }
        return answer.TrimEnd().Split('\n')[^1];
    }

    /// <summary>The link that the first start writes into its log.</summary>
    public async Task<string> FirstLink()
    {
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(30); await Task.Delay(100))
        {
            if (Link().Match(Output) is { Success: true } found) { return found.Value; }
        }
        throw new InvalidOperationException($"The log has no link for the administrator.\n{Output}");
    }

    public string File(string path) => Path.Combine(Folder, path);

    private Process Run(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Program);
        foreach (var word in words) { start.ArgumentList.Add(word); }
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("OPSCONSOLE", StringComparison.OrdinalIgnoreCase) || k.StartsWith("ASPNETCORE", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        return Process.Start(start)!;
    }

    // The program as people start it, not the copy beside the tests: its static files are listed relative to its own folder.
    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        for (var root = here; root is not null; root = root.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(root.FullName, "OpsConsole.sln")))
            {
                return Path.Combine(root.FullName, "src", "OpsConsole", "bin", configuration, framework, "OpsConsole.dll");
            }
        }
        throw new InvalidOperationException("The tests do not lie inside the repository.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"http://\S+/account/link\?token=\S+")]
    private static partial Regex Link();

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process?.Dispose();
        Directory.Delete(Folder, true);
    }
}
