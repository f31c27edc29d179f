using System.Globalization;
using System.Net.Http.Headers;

namespace OpsConsole.Gate;

/// <summary>What a site tells its gate client.</summary>
public sealed class GateClientOptions
{
    /// <summary>The console's address, with its path base where it has one.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>The site's name in the console's configuration.</summary>
    public required string Site { get; init; }

    /// <summary>The site's API key.</summary>
    public required string Key { get; init; }

    /// <summary>Names this process for as long as it lives. By default machine, process and a random part.</summary>
    public string Instance { get; init; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");

    /// <summary>Shown to operators beside the instance.</summary>
    public string? AppVersion { get; init; }

    /// <summary>Who passes while the site thaws.</summary>
    public GateStaff Staff { get; init; } = GateStaff.None;

    /// <summary>
    /// A file that keeps the last word over a restart: a site that was frozen stays frozen though the console cannot be reached when it starts again.
    /// Without it a starting site refuses everybody until the console's first answer.
    /// </summary>
    public string? MemoryFile { get; init; }

    /// <summary>
    /// Called for each new word, after the gate decides by it. At <see cref="GateState.Everyone"/> it ends the site's sessions. It returns how many
    /// are left; as long as there are some it is called again every half second. The word is acknowledged when it has returned.
    /// </summary>
    public Func<GateWord, CancellationToken, ValueTask<int>>? OnState { get; init; }

    /// <summary>The clock. A test sets its own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Carries the requests, where the site has a handler of its own.</summary>
    public HttpMessageHandler? Handler { get; init; }

    internal HttpClient Http() => Connect(BaseAddress, Key, Handler);

    internal static HttpClient Connect(Uri baseAddress, string key, HttpMessageHandler? handler)
    {
        var http = handler is null
            ? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(3), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            : new HttpClient(handler, disposeHandler: false);
        // A base without its last slash would lose the path base when a relative address is put on it.
        var text = baseAddress.AbsoluteUri;
        http.BaseAddress = text.EndsWith('/') ? baseAddress : new Uri(text + "/");
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }
}
