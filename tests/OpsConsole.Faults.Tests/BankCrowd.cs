using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace OpsConsole.Faults.Tests;

/// <summary>What one client wants to be taken, and under which key.</summary>
public sealed record Deposit(string Key, string Database, int Account, decimal Amount, DateTimeOffset StartedAt)
{
    public object Body => new { kind = Database, fields = new { account = Account, amount = new { value = Amount.ToString("0.00", CultureInfo.InvariantCulture), currency = "EUR" } }, startedAt = StartedAt };
}

/// <summary>Clients that post until they have an answer, and reviewers that commit whatever is there, all at the same time. A console that is gone is asked again.</summary>
public sealed class BankCrowd(ConsoleProcess console, string site, IReadOnlyList<string> reviewers)
{
    private static readonly string[] Early = ["wrongState", "is not decided", "Another console drives"];
    private readonly ConcurrentDictionary<string, ConcurrentBag<(string Id, bool Replayed)>> answers = new();
    private int posted, committed, lost, races;

    /// <summary>Posts that have their answer, commits that said done, requests that lost the connection, and commits that came too late or too early.</summary>
    public int Posted => Volatile.Read(ref posted);
    public int Committed => Volatile.Read(ref committed);
    public int Lost => Volatile.Read(ref lost);
    public int Races => Volatile.Read(ref races);
    public ConcurrentBag<string> Wrong { get; } = [];
    public IReadOnlyDictionary<string, ConcurrentBag<(string Id, bool Replayed)>> Answers => answers;

    /// <summary>Each client takes the next one of the list, so that neighbours are under way together.</summary>
    public async Task Post(IReadOnlyList<Deposit> posts, int clients)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            using var http = console.As(site);
            while (Interlocked.Increment(ref next) is var at && at < posts.Count)
            {
                var (status, body, replayed) = await Ask(http, posts[at]);
                if (status != HttpStatusCode.Created) { Wrong.Add($"post {posts[at].Key}: {(int)status} {body}"); continue; }
                answers.GetOrAdd(posts[at].Key, _ => []).Add((JsonSerializer.Deserialize<JsonElement>(body).GetProperty("id").GetString()!, replayed));
                Interlocked.Increment(ref posted);
            }
        }));
    }

    /// <summary>The same key with another content, which has to be refused.</summary>
    public async Task PostOther(IReadOnlyList<Deposit> known)
    {
        using var http = console.As(site);
        foreach (var deposit in known)
        {
            var (status, body, _) = await Ask(http, deposit with { Amount = deposit.Amount + 0.01m });
            if (status != HttpStatusCode.UnprocessableEntity || !body.Contains("keyReused", StringComparison.Ordinal)) { Wrong.Add($"other content under {deposit.Key}: {(int)status} {body}"); }
        }
    }

    /// <summary>Until the console has answered for it; the key makes another try harmless.</summary>
    private async Task<(HttpStatusCode Status, string Body, bool Replayed)> Ask(HttpClient http, Deposit deposit)
    {
        for (var from = Stopwatch.GetTimestamp(); ; await Task.Delay(100))
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/transactions") { Content = JsonContent.Create(deposit.Body), Headers = { { "Idempotency-Key", deposit.Key } } };
                using var answer = await http.SendAsync(request);
                var body = await answer.Content.ReadAsStringAsync();
                var isStillTaken = answer.StatusCode == HttpStatusCode.Conflict && body.Contains("inProgress", StringComparison.Ordinal) && answer.Headers.RetryAfter is not null;
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(240)) { continue; }
                if (!isStillTaken || Stopwatch.GetElapsedTime(from) > TimeSpan.FromSeconds(240)) { return (answer.StatusCode, body, answer.Headers.Contains("Idempotency-Replayed")); }
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(240))
            {
                Interlocked.Increment(ref lost);
            }
        }
    }

    /// <summary>All reviewers go through the same page, half of them from its end: they race for the same ones, and come too early for some.</summary>
    /// <param name="all">how many there will be in the end</param>
    public Task Review(int all, CancellationToken token) => Task.WhenAll(reviewers.Select(async (key, number) =>
    {
        using var http = console.As(key);
        while (!token.IsCancellationRequested)
        {
            try
            {
                var open = new List<string>();
                foreach (var status in new[] { "pending", "approved" }) { open.AddRange((await List(http, $"status={status}&limit=100")).Select(t => t.GetProperty("id").GetString()!)); }
                if (open.Count == 0 && await IsOver(http, all)) { return; }
                if (number % 2 == 1) { open.Reverse(); }
                foreach (var id in open) { await Commit(http, id); }
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref lost);
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }));

    private async Task Commit(HttpClient http, string id)
    {
        using var answer = await http.PostAsJsonAsync($"api/v1/transactions/{id}/commit", new { });
        var body = await answer.Content.ReadAsStringAsync();
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK: Interlocked.Increment(ref committed); break;
            // Not ready yet: it looks first at what the kill left.
            case HttpStatusCode.ServiceUnavailable: Interlocked.Increment(ref races); break;
            // Somebody was faster, an earlier one of the same account is still open, or the console that was killed still has the lease.
            case HttpStatusCode.Conflict when Early.Any(e => body.Contains(e, StringComparison.Ordinal)): Interlocked.Increment(ref races); break;
            default: Wrong.Add($"commit {id}: {(int)answer.StatusCode} {body}"); break;
        }
    }

    private static async Task<bool> IsOver(HttpClient http, int all)
    {
        foreach (var status in new[] { "committing", "inDoubt" })
        {
            if ((await List(http, $"status={status}&limit=1")).Count > 0) { return false; }
        }
        return (await List(http, $"after={(all - 1).ToString(CultureInfo.InvariantCulture)}&limit=1")).Count > 0;
    }

    public static async Task<List<JsonElement>> List(HttpClient http, string query)
    {
        using var answer = await http.GetAsync($"api/v1/transactions?{query}");
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray()];
    }
}
