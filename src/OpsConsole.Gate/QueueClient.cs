using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OpsConsole.Gate;

/// <summary>An amount as the console takes it: decimal text, never a binary fraction.</summary>
public sealed record QueueMoney(string Value, string Currency)
{
    /// <summary>The amount with two decimals.</summary>
    public static QueueMoney Of(decimal amount, string currency) => new(amount.ToString("0.00", CultureInfo.InvariantCulture), currency);
}

/// <summary>The console's answer for one transaction.</summary>
/// <param name="Taken">true: it is on the console's disk; false: it was refused for good and <paramref name="Problem"/> says why</param>
public sealed record QueueReceipt(string Key, bool Taken, string? Id, string? Status, string? Problem);

/// <summary>What a site tells its queue client.</summary>
public sealed class QueueClientOptions
{
    /// <summary>The console's address.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>The site's API key.</summary>
    public required string Key { get; init; }

    /// <summary>The file that keeps what has not arrived; one per process.</summary>
    public required string OutboxFile { get; init; }

    /// <summary>Called once for each transaction that the console took or refused for good.</summary>
    public Action<QueueReceipt>? OnReceipt { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Carries the requests, where the site has a handler of its own.</summary>
    public HttpMessageHandler? Handler { get; init; }
}

/// <summary>
/// Hands over what members started while their site was frozen. A transaction is on the site's own disk when <see cref="Post"/> returns, and is sent under one
/// key, in the order of posting, until the console has answered for it.
/// </summary>
public sealed class QueueClient : IAsyncDisposable
{
    private readonly QueueClientOptions options;
    private readonly HttpClient http;
    private readonly Outbox outbox;
    private readonly SemaphoreSlim work = new(1);
    private readonly CancellationTokenSource stop = new();
    private volatile string? fault;
    private Task? pump;

    /// <summary>Opens the outbox; nothing is sent before <see cref="Start"/>.</summary>
    public QueueClient(QueueClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        outbox = new(options.OutboxFile);
        http = GateClientOptions.Connect(options.BaseAddress, options.Key, options.Handler);
    }

    /// <summary>How many have not arrived yet.</summary>
    public int Waiting => outbox.Count;

    /// <summary>Why the oldest has not arrived; null while all is well.</summary>
    public string? Fault => fault;

    /// <summary>Keeps the transaction and returns its key. It will arrive once, however often it has to be sent.</summary>
    /// <param name="fields">by name; long, decimal text, string, bool or <see cref="QueueMoney"/></param>
    /// <param name="key">the site's own name for it, where it has one; 1 to 255 printable ASCII characters</param>
    public string Post(string kind, IReadOnlyDictionary<string, object?> fields, DateTimeOffset startedAt, string? externalId = null, string? key = null)
    {
        key ??= Guid.NewGuid().ToString("N");
        if (key.Length is 0 or > 255 || key.Any(c => c is < '!' or > '~'))
        {
            throw new ArgumentException("A key is 1 to 255 printable ASCII characters.", nameof(key));
        }
        outbox.Put(new(key, kind, JsonSerializer.SerializeToElement(fields, JsonSerializerOptions.Web), startedAt, externalId));
        Wake();
        return key;
    }

    /// <summary>Begins to send. A second call changes nothing.</summary>
    public void Start() => pump ??= Pump(stop.Token);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (pump is not null)
        {
            await pump;
        }
        http.Dispose();
        outbox.Dispose();
        stop.Dispose();
        work.Dispose();
    }

    private void Wake()
    {
        if (work.CurrentCount == 0)
        {
            work.Release();
        }
    }

    private async Task Pump(CancellationToken token)
    {
        var pause = TimeSpan.FromSeconds(0.25);
        while (!token.IsCancellationRequested)
        {
            try
            {
                if (outbox.First is not { } entry)
                {
                    await work.WaitAsync(token);
                    continue;
                }
                var (receipt, wait) = await Send(entry, token);
                if (receipt is not null)
                {
                    outbox.Done(entry.Key);
                    fault = null;
                    pause = TimeSpan.FromSeconds(0.25);
                    options.OnReceipt?.Invoke(receipt);
                    continue;
                }
                await Task.Delay(wait ?? pause, options.Time, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Lost on the way or never sent: not known, and the same key makes another try harmless.
                fault = e.Message;
                await Task.Delay(pause, options.Time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            pause = TimeSpan.FromSeconds(Math.Min(10, pause.TotalSeconds * 2));
        }
    }

    /// <returns>no receipt: to be sent again, after the wait that the console asked for</returns>
    private async Task<(QueueReceipt? Receipt, TimeSpan? Wait)> Send(OutboxEntry entry, CancellationToken token)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15), options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/v1/transactions", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", entry.Key);
        request.Content = JsonContent.Create(new { entry.Kind, entry.Fields, entry.StartedAt, entry.ExternalId }, options: JsonSerializerOptions.Web);
        using var response = await http.SendAsync(request, either.Token);
        var body = await response.Content.ReadAsStringAsync(either.Token);
        if (response.IsSuccessStatusCode)
        {
            var taken = JsonSerializer.Deserialize<Taken>(body, JsonSerializerOptions.Web);
            return (new(entry.Key, true, taken?.Id.ToString(), taken?.Status, null), null);
        }
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge)
        {
            // The content itself is at fault: it would be refused again and hold up all that wait behind it.
            return (new(entry.Key, false, null, null, body), null);
        }
        fault = string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {response.ReasonPhrase}");
        var asked = response.Headers.RetryAfter?.Delta;
        return (null, asked is { } a && a > TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : asked);
    }

    private sealed record Taken(JsonElement Id, string? Status);
}
