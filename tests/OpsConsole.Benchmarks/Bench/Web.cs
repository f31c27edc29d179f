using System.Diagnostics;
using System.Globalization;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>A web server as a process of its own, started from this program's folder: the console, or a peer.</summary>
internal sealed class Web(string folder, string program, params string[] words) : IAsyncDisposable
{
    private Process? process;
    private readonly System.Text.StringBuilder output = new();

    public int Port { get; } = Tool.FreePort();
    /// <summary>What its process has computed so far.</summary>
    public double CpuSeconds
    {
        get
        {
            process!.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    public static Web Console(string folder, params string[] words) => new(folder, "OpsConsole", words);
    public static Web Peer(string folder, params string[] words) => new(folder, "OpsConsole.Benchmarks", ["peer", .. words]);

    /// <summary>Starts it; returns the seconds until it is ready.</summary>
    public async Task<double> Start(double atMost = 120)
    {
        var from = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("dotnet", [Dll(program), .. words, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        process = Process.Start(start)!;
        DataReceivedEventHandler keep = (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.OutputDataReceived += keep;
        process.ErrorDataReceived += keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(10) };
        while (!process.HasExited && Stopwatch.GetElapsedTime(from).TotalSeconds < atMost)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (answer.IsSuccessStatusCode) { return Stopwatch.GetElapsedTime(from).TotalSeconds; }
            }
            catch (HttpRequestException) { /* Not listening yet. */ }
            await Task.Delay(10);
        }
        throw new InvalidOperationException($"{program} did not become ready.\n{output}");
    }

    /// <summary>A command of the console; the last line of its answer.</summary>
    public static async Task<string> Command(string folder, string? input, params string[] words) =>
        (await Tool.Run("dotnet", [Dll("OpsConsole"), .. words], folder, input)).TrimEnd().Split('\n')[^1];

    public async ValueTask DisposeAsync()
    {
        if (process is null) { return; }
        if (!process.HasExited)
        {
            // In order, so that the console gives its lease back: a killed one makes the next start wait for it.
            await Tool.Run("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try { await process.WaitForExitAsync(patience.Token); }
            catch (OperationCanceledException) { process.Kill(); }
        }
        process.Dispose();
    }

    private static string Dll(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");
}
