using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>The real console as its own process, so that it can be killed like one.</summary>
public sealed class ConsoleProcess(string configuration, string folder) : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "OpsConsole.dll");
    private readonly int port = FreePort();
    private Process? process;
    private readonly System.Text.StringBuilder output = new();

    public Uri Address => new($"http://127.0.0.1:{port}/");
    public bool HasExited => process?.HasExited != false;
    /// <summary>137 where it was killed by SIGKILL.</summary>
    public int ExitCode => process!.ExitCode;
    public string Output { get { lock (output) { return output.ToString(); } } }

    public HttpClient As(string key) => new() { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    /// <summary>Starts and waits until it is ready, or until it has ended (a failpoint may end it during the start).</summary>
    public async Task Start(string? failpoint = null)
    {
        process = Run(["--urls", Address.ToString(), "--config", configuration], failpoint);
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(180) && !process.HasExited; await Task.Delay(75))
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
        if (!process.HasExited || failpoint is null) { throw new InvalidOperationException($"The console did not become ready.\n{Output}"); }
    }

    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    public Task Ended(TimeSpan atMost) => process!.WaitForExitAsync().WaitAsync(atMost);

    /// <summary>A command of the console; returns the last line of its answer.</summary>
    public async Task<string> Command(string? input, params string[] words)
    {
        using var command = Run([.. words, "--config", configuration], null, keepOutput: false);
        if (input is not null) { await command.StandardInput.WriteLineAsync(input); }
        command.StandardInput.Close();
        var errors = command.StandardError.ReadToEndAsync();
        var answer = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.True(command.ExitCode == 0, $"{string.Join(' ', words)} ended with {command.ExitCode}: {await errors}");
        return answer.TrimEnd().Split('\n')[^1];
    }

    private Process Run(IReadOnlyList<string> words, string? failpoint, bool keepOutput = true)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Program);
        foreach (var word in words) { start.ArgumentList.Add(word); }
        start.Environment["OPSCONSOLE_ALLOW_UNSAFE_STORE"] = "1";
        // A process that lives for seconds gains nothing by measuring itself.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["Logging__LogLevel__Hangfire"] = "Warning";
        if (failpoint is not null) { start.Environment["OPSCONSOLE_FAILPOINT"] = failpoint; }
        var started = Process.Start(start)!;
        if (!keepOutput) { return started; }
        DataReceivedEventHandler keep = (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        started.OutputDataReceived += keep;
        started.ErrorDataReceived += keep;
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false }) { await Kill(); }
        process?.Dispose();
    }
}

/// <summary>What the tests say to the API, as people would.</summary>
public static class Api
{
    public static async Task<JsonElement> Say(this HttpClient http, string path, object? body = null, HttpStatusCode? expected = null)
    {
        using var answer = await http.PostAsJsonAsync(path, body ?? new { });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected is null ? answer.IsSuccessStatusCode : answer.StatusCode == expected, $"{path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static async Task<JsonElement> See(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Waits until the window has one of the statuses.</summary>
    public static async Task<JsonElement> Until(this HttpClient http, string window, params string[] statuses)
    {
        JsonElement seen = default;
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(240); await Task.Delay(200))
        {
            seen = await http.See($"api/v1/windows/{window}");
            if (statuses.Contains(seen.GetProperty("status").GetString())) { return seen; }
        }
        throw new InvalidOperationException($"The window did not become {string.Join(" or ", statuses)}: {seen}");
    }
}
