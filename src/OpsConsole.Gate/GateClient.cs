using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;

namespace OpsConsole.Gate;

/// <summary>
/// A site's side of its gate: follows the console, keeps the lease, answers from memory, and acknowledges what it has carried out.
/// One per process; every member is safe to use from any thread.
/// </summary>
public sealed class GateClient : IAsyncDisposable
{
    private readonly GateClientOptions options;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private volatile GateKnowledge known;
    private volatile string? fault;
    private long acknowledged;
    private Task? work;

    /// <summary>Nothing is sent before <see cref="Start"/>.</summary>
    public GateClient(GateClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        time = options.Time;
        http = options.Http();
        known = new(GateMemory.Read(options.MemoryFile), null);
    }

    /// <summary>The last word, or null where none was ever heard.</summary>
    public GateWord? Word => known.Word;

    /// <summary>The console has not been heard for longer than the lease.</summary>
    public bool IsUnheard => GateRules.IsUnheard(known, time);

    /// <summary>Background work may run.</summary>
    public bool JobsMayRun => GateRules.JobsMayRun(known, time);

    /// <summary>The highest version that the console has taken an acknowledgement of.</summary>
    public long AcknowledgedVersion => Interlocked.Read(ref acknowledged);

    /// <summary>What went wrong last in reaching the console, for the site's own log; null while all is well.</summary>
    public string? Fault => fault;

    /// <summary>May this person log in, or go on? Answered from memory; never waits.</summary>
    public GateDecision Ask(string? user, IPAddress? address, GateAsk ask = GateAsk.Login) =>
        GateRules.Decide(known, options.Site, options.Staff, time, user, address, ask);

    /// <summary>Begins to follow the console. A second call changes nothing.</summary>
    public void Start() => work ??= Task.WhenAll(Follow(stop.Token), Acknowledge(stop.Token));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (work is not null)
        {
            await work;
        }
        http.Dispose();
        stop.Dispose();
    }

    private async Task Follow(CancellationToken token)
    {
        var pause = TimeSpan.FromSeconds(0.25);
        while (!token.IsCancellationRequested)
        {
            var sent = time.GetTimestamp();
            var before = known.Word?.Version;
            try
            {
                await AskConsole(token);
                fault = null;
                pause = TimeSpan.FromSeconds(0.25);
                // A console that answers at once instead of waiting for news must not be asked in a tight circle.
                var left = TimeSpan.FromSeconds(1) - time.GetElapsedTime(sent);
                if (known.Word?.Version == before && left > TimeSpan.Zero)
                {
                    await Task.Delay(left, time, token);
                }
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever went wrong, the gate is followed for as long as the site runs; the lease says what may be relied on.
                fault = e.Message;
                await Task.Delay(pause, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromSeconds(Math.Min(3, pause.TotalSeconds * 2));
            }
        }
    }

    private async Task AskConsole(CancellationToken token)
    {
        var held = known;
        var address = $"api/v1/gates/{Uri.EscapeDataString(options.Site)}?instance={Uri.EscapeDataString(options.Instance)}";
        // The lease counts from sending, so a wait as long as the lease would come back with nothing left of it: a third leaves room for two tries.
        var wait = held.Lease is { } lease ? Math.Clamp((int)(lease.Length.TotalSeconds / 3), 0, 25) : 0;
        if (held.Word is { } word && held.Lease is not null)
        {
            address += string.Create(CultureInfo.InvariantCulture, $"&after={word.Version}&wait={wait}");
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(wait + 5), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
        try
        {
            var sent = time.GetTimestamp();
            using var response = await http.GetAsync(new Uri(address, UriKind.Relative), either.Token);
            if (response.StatusCode == HttpStatusCode.NotModified && held.Word is not null && held.Lease is { } running)
            {
                var received = time.GetTimestamp();
                // No body, so no clock in it. The Date header knows whole seconds only and is of use where a clock was set.
                var reckoned = running.ConsoleNow + time.GetElapsedTime(running.ReceivedAt, received);
                var consoleNow = response.Headers.Date is { } date && (date - reckoned).Duration() > TimeSpan.FromSeconds(2) ? date : reckoned;
                Take(held.Word, new(sent, received, running.Length, consoleNow));
                return;
            }
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync<GateAnswer>(JsonSerializerOptions.Web, either.Token)
                ?? throw new JsonException("The gate's answer is empty.");
            Take(GateWord.From(answer), new(sent, time.GetTimestamp(), TimeSpan.FromSeconds(answer.LeaseSeconds), answer.Now));
        }
        catch (OperationCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException("The console did not answer in time.", e);
        }
    }

    private void Take(GateWord word, GateLease lease)
    {
        var before = known;
        known = GateRules.Take(before, word, lease);
        if (known.Word != before.Word)
        {
            GateMemory.Write(options.MemoryFile, known.Word!);
        }
        if (known.Word!.Version > AcknowledgedVersion)
        {
            news.Writer.TryWrite(true);
        }
    }

    private async Task Acknowledge(CancellationToken token)
    {
        try
        {
            while (await news.Reader.ReadAsync(token))
            {
                while (known.Word is { } word && word.Version > AcknowledgedVersion && !await Carry(word, token))
                {
                    await Task.Delay(TimeSpan.FromSeconds(0.5), time, token);
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The site stops.
        }
    }

    /// <returns>false: sessions are left, or the console did not take it</returns>
    private async Task<bool> Carry(GateWord word, CancellationToken token)
    {
        try
        {
            var left = options.OnState is null ? (int?)null : await options.OnState(word, token);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
            using var response = await http.PostAsJsonAsync(
                new Uri($"api/v1/gates/{Uri.EscapeDataString(options.Site)}/acks", UriKind.Relative),
                new { options.Instance, word.Version, SessionsLeft = left, options.AppVersion }, JsonSerializerOptions.Web, either.Token);
            response.EnsureSuccessStatusCode();
            if (left is > 0)
            {
                return false;
            }
            Interlocked.Exchange(ref acknowledged, word.Version);
            return true;
        }
        catch (Exception e) when (!token.IsCancellationRequested)
        {
            // An acknowledgement that failed is tried again; until then the console rightly waits for this instance.
            fault = e.Message;
            return false;
        }
    }
}
