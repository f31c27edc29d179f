using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpsConsole.Gate;

/// <summary>What became of one transaction. A site hears <c>committed</c> or <c>rejected</c> only when no rollback can take it back any more.</summary>
public sealed record Outcome(JsonElement Id, string Status, string? Key = null, string? ExternalId = null, string? Kind = null, string? Reason = null)
{
    /// <summary>Whatever else the console says.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>A stretch of outcomes and where the next one begins.</summary>
public sealed record OutcomePage(IReadOnlyList<Outcome> Items, string? Next);

/// <summary>Reads a site's outcomes in their order.</summary>
public sealed class OutcomesReader(Uri baseAddress, string key, TimeProvider? time = null, HttpMessageHandler? handler = null) : IDisposable
{
    private readonly HttpClient http = GateClientOptions.Connect(baseAddress, key, handler);
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    /// <summary>One question. With <paramref name="wait"/> the console holds its answer until there is something to tell.</summary>
    /// <param name="after">null: from the beginning</param>
    public async Task<OutcomePage> Read(string? after, TimeSpan wait, CancellationToken token)
    {
        using var limit = new CancellationTokenSource(wait + TimeSpan.FromSeconds(15), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
        var address = string.Create(CultureInfo.InvariantCulture, $"api/v1/outcomes?wait={(int)wait.TotalSeconds}")
            + (after is null ? "" : "&after=" + Uri.EscapeDataString(after));
        return await http.GetFromJsonAsync<OutcomePage>(new Uri(address, UriKind.Relative), JsonSerializerOptions.Web, either.Token)
            ?? new([], after);
    }

    /// <summary>
    /// Follows the outcomes until the token is cancelled, through every outage. The caller keeps each page's cursor once it has dealt with the page, and begins there
    /// the next time; a page that it did not finish comes again.
    /// </summary>
    public async IAsyncEnumerable<OutcomePage> Follow(string? after, [EnumeratorCancellation] CancellationToken token)
    {
        var pause = TimeSpan.FromSeconds(0.5);
        while (!token.IsCancellationRequested)
        {
            OutcomePage? page = null;
            var asked = clock.GetTimestamp();
            try
            {
                page = await Read(after, TimeSpan.FromSeconds(25), token);
                pause = TimeSpan.FromSeconds(0.5);
            }
            catch (Exception) when (!token.IsCancellationRequested)
            {
                // The console cannot be reached; it will have kept the outcomes.
                pause = TimeSpan.FromSeconds(Math.Min(15, pause.TotalSeconds * 2));
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
            if (page is { Items.Count: > 0 })
            {
                yield return page;
            }
            var moved = page?.Next is { } next && next != after;
            after = page?.Next ?? after;
            if (!moved && clock.GetElapsedTime(asked) < TimeSpan.FromSeconds(1))
            {
                await Task.Delay(pause, clock, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();
}
