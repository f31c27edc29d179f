using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Features.TransactionQueue;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>What a site hears when it posts: one test an answer.</summary>
public sealed class IngestTests : IAsyncLifetime
{
    private const string Good = """{"kind":"deposit","fields":{"account":1,"amount":{"value":"12.50","currency":"EUR"}},"startedAt":"2025-11-17T02:29:58Z"}""";
    private readonly QueueHouse house = new();
    private HttpClient site = null!;

    public async ValueTask InitializeAsync()
    {
        await house.InitializeAsync();
        site = await house.Client("members");
    }

    public ValueTask DisposeAsync() => house.DisposeAsync();

    private static async Task<(HttpResponseMessage Response, JsonElement Body)> Send(HttpClient client, string body, params string[] keys)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transactions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var key in keys) { request.Headers.TryAddWithoutValidation("Idempotency-Key", key); }
        var response = await client.SendAsync(request);
        return (response, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private static string Code(JsonElement problem) => problem.GetProperty("code").GetString()!;

    [Fact]
    public async Task The_first_post_is_201_with_its_id_and_pending()
    {
        var (response, body) = await Send(site, Good, "k1");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("pending", body.GetProperty("status").GetString());
        Assert.Equal(["id", "status"], body.EnumerateObject().Select(p => p.Name));
        Assert.False(response.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("deposit", (await house.See(body.GetProperty("id").GetString()!)).Kind);
    }

    [Fact]
    public async Task The_same_again_is_the_first_answer_and_says_that_it_is_a_replay()
    {
        var (_, first) = await Send(site, Good, "k1");
        var (response, again) = await Send(site, """ { "startedAt":"2025-11-17T03:29:58+01:00", "fields":{"amount":{"currency":"EUR","value":"12.50"},"account":1}, "kind":"deposit" } """, "k1");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(["true"], response.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(first.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_it_is_remembered_at_the_door_takes_nothing_more()
    {
        await Send(site, Good, "k1");
        await house.Recorder.Write((write, token) => write.Db.ApiKeys.ExecuteUpdateAsync(k => k.SetProperty(r => r.RevokedAt, house.Time.GetUtcNow()), token), default);
        foreach (var key in (string[])["k1", "k2"])
        {
            var (response, body) = await Send(site, Good, key);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("unauthorized", Code(body));
        }
        await using var db = house.Store.CreateDbContext();
        Assert.Equal(1, await db.Set<QueuedTransactionRow>().CountAsync());
    }

    [Theory]
    [InlineData(null), InlineData("e-1"), InlineData("é \"' <b> + 漢 \u007f")]
    public void The_sum_of_a_content_is_that_of_its_canonical_form(string? externalId)
    {
        var at = new DateTimeOffset(2026, 11, 17, 2, 29, 58, TimeSpan.Zero);
        var json = JsonSerializer.SerializeToElement(new { payload = "aa", startedAt = at.ToString("O"), externalId });
        Assert.Equal(OpsConsole.Domain.Audit.CanonicalJson.Sha256(json), QueueIngest.ContentSha256("aa", at, externalId));
    }

    [Fact]
    public async Task Without_a_key_it_is_400_missingKey()
    {
        var (response, body) = await Send(site, Good);
        Assert.Equal((HttpStatusCode.BadRequest, "missingKey"), (response.StatusCode, Code(body)));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("k\u00e9y")]
    [InlineData("long")]
    public async Task A_key_that_is_no_key_is_400(string key)
    {
        var (response, body) = await Send(site, Good, key == "long" ? new string('k', 256) : key);
        Assert.Equal((HttpStatusCode.BadRequest, "invalidField"), (response.StatusCode, Code(body)));
    }

    [Fact]
    public async Task Bad_fields_are_400_with_every_fault_named()
    {
        var (response, body) = await Send(site, """{"kind":"deposit","fields":{"account":"x","amount":{"value":"1","currency":"USD"}},"more":1}""", "k1");
        Assert.Equal((HttpStatusCode.BadRequest, "invalidField"), (response.StatusCode, Code(body)));
        Assert.Equal(["more unknown", "startedAt missing", "account type", "amount currency"],
            body.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()} {e.GetProperty("code").GetString()}"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"kind\":\"\\ud800\"}")]
    public async Task What_is_no_transaction_is_400(string text)
    {
        var (response, body) = await Send(site, text, "k1");
        Assert.Equal((HttpStatusCode.BadRequest, "invalidField"), (response.StatusCode, Code(body)));
    }

    [Fact]
    public async Task An_unknown_kind_is_400_and_is_not_remembered()
    {
        var (response, body) = await Send(site, Good.Replace("deposit", "loan", StringComparison.Ordinal), "k1");
        Assert.Equal((HttpStatusCode.BadRequest, "unknownKind"), (response.StatusCode, Code(body)));
        Assert.Equal(HttpStatusCode.Created, (await Send(site, Good, "k1")).Response.StatusCode);
    }

    [Theory]
    [InlineData("12.50", "12.51")]
    [InlineData("02:29:58", "02:29:59")]
    public async Task The_same_key_with_other_content_is_422(string was, string now)
    {
        await Send(site, Good, "k1");
        var (response, body) = await Send(site, Good.Replace(was, now, StringComparison.Ordinal), "k1");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "keyReused"), (response.StatusCode, Code(body)));
    }

    [Fact]
    public async Task Too_much_is_413()
    {
        var (response, body) = await Send(site, new string(' ', QueueIngest.MostBytes) + Good, "k1");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "tooLarge"), (response.StatusCode, Code(body)));
    }

    [Fact]
    public async Task A_key_that_is_still_in_work_is_409_with_a_time_to_come_back()
    {
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = house.Recorder.Write(async (_, _) => { entered.SetResult(); await go.Task; }, default);
        await entered.Task;
        var both = new[] { Send(site, Good, "k1"), Send(site, Good, "k1") };
        var early = await Task.WhenAny(both);
        var (response, body) = await early;
        Assert.Equal((HttpStatusCode.Conflict, "inProgress"), (response.StatusCode, Code(body)));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        go.SetResult();
        await slow;
        Assert.Equal(HttpStatusCode.Created, (await both.Single(b => b != early)).Response.StatusCode);
    }

    [Fact]
    public async Task No_key_of_a_site_is_401_and_a_person_may_not_post()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(await house.Client(null), Good, "k1")).Response.StatusCode);
        var (response, body) = await Send(await house.ClientOf("rita", "Reviewer"), Good, "k1");
        Assert.Equal((HttpStatusCode.Forbidden, "notAllowed"), (response.StatusCode, Code(body)));
        await using var db = house.Store.CreateDbContext();
        Assert.Equal(0, await db.Set<QueuedTransactionRow>().CountAsync());
    }

    [Fact]
    public async Task More_than_the_site_may_is_429_and_says_when_to_come_back()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 17, 2, 30, 0, TimeSpan.Zero));
        var slowed = new QueueHouse { Time = clock };
        await slowed.InitializeAsync();
        var (slow, other) = (await slowed.Client("slow"), await slowed.Client("members"));
        Assert.Equal(HttpStatusCode.Created, (await Send(slow, Good, "k1")).Response.StatusCode);
        var (late, body) = await Send(slow, Good, "k2");
        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
        Assert.Equal("application/problem+json", late.Content.Headers.ContentType!.ToString());
        Assert.Equal(TimeSpan.FromSeconds(1), late.Headers.RetryAfter!.Delta);
        Assert.Equal(
            """{"title":"Too many","status":429,"detail":"Site slow may post 1 a second.","code":"tooMany","retryAfterSeconds":1}""",
            body.GetRawText());
        // Nobody else is slowed, nothing of it was remembered, and a second later the same try is taken.
        for (var i = 0; i < 5; i++) { Assert.Equal(HttpStatusCode.Created, (await Send(other, Good, $"o{i}")).Response.StatusCode); }
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Created, (await Send(slow, Good, "k2")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Send(slow, Good, "k2")).Response.StatusCode);
        await slowed.DisposeAsync();
    }

    [Fact]
    public async Task One_key_belongs_to_one_site_and_what_is_anothers_is_not_there()
    {
        var (_, mine) = await Send(site, Good, "k1");
        var forum = await house.Client("forum");
        var (other, theirs) = await Send(forum, Good, "k1");
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        Assert.NotEqual(mine.GetProperty("id").GetString(), theirs.GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await forum.GetAsync(new Uri($"/api/v1/transactions/{mine.GetProperty("id").GetString()}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await site.GetAsync(new Uri($"/api/v1/transactions/{mine.GetProperty("id").GetString()}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await site.GetAsync(new Uri("/api/v1/transactions", UriKind.Relative))).StatusCode);
    }

    /// <summary>Holds the writer, so that what is posted meanwhile is written together.</summary>
    private async Task Together(Func<Task> post)
    {
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = house.Recorder.Write(async (_, _) => { entered.SetResult(); await go.Task; }, default);
        await entered.Task;
        var posted = post();
        go.SetResult();
        await slow;
        await posted;
    }

    [Fact]
    public async Task A_crowd_is_written_together_and_each_has_its_own_number()
    {
        await Together(() => Task.WhenAll(Enumerable.Range(1, 40).Select(i => house.Post($"k{i}", account: (i % 3) + 1))));
        await using var db = house.Store.CreateDbContext();
        var rows = await db.Set<QueuedTransactionRow>().Include(t => t.OrderKeys).OrderBy(t => t.Sequence).ToListAsync();
        Assert.Single(rows.Select(r => r.ReceivedAt).Distinct());
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (i, $"k{i}", $"account={(i % 3) + 1}")), rows.Select(r => ((int)r.Sequence, r.Key, Assert.Single(r.OrderKeys).Value)));
        Assert.Equal(40, await db.Audit.CountAsync(a => a.Action == "transaction.taken"));
    }

    [Fact]
    public async Task A_crowd_in_which_one_cannot_be_written_loses_only_that_one()
    {
        await using var db = house.Store.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync("create trigger no_k7 before insert on QueuedTransactions when new.Key = 'k7' begin select raise(abort, 'not this one'); end");
        Task<string>[] posts = [];
        await Together(() =>
        {
            posts = [.. Enumerable.Range(1, 12).Select(i => house.Post($"k{i}"))];
            return Task.WhenAll(posts.Select(p => p.ContinueWith(_ => { }, TaskScheduler.Default)));
        });
        Assert.Equal([7], Enumerable.Range(1, 12).Where(i => posts[i - 1].IsFaulted));
        var keys = await db.Set<QueuedTransactionRow>().OrderBy(t => t.Sequence).Select(t => t.Key).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 12).Where(i => i != 7).Select(i => $"k{i}"), keys);
        await db.Database.ExecuteSqlRawAsync("drop trigger no_k7");
        await house.Post("k7");
        Assert.Equal(12, await db.Set<QueuedTransactionRow>().CountAsync());
    }

    [Fact]
    public async Task Sixteen_writers_of_whom_a_third_repeat_themselves_leave_each_transaction_once()
    {
        var sent = Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                // Three in ten repeat a key that another writer uses too.
                var key = i % 10 < 3 ? $"shared-{i}" : $"{writer}-{i}";
                HttpResponseMessage response;
                do { response = (await Send(site, Good, key)).Response; } while (response.StatusCode == HttpStatusCode.Conflict);
                Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            }
        }));
        await Task.WhenAll(sent);
        await using var db = house.Store.CreateDbContext();
        var rows = await db.Set<QueuedTransactionRow>().OrderBy(t => t.Sequence).Select(t => new { t.Sequence, t.Key }).ToListAsync();
        var shared = Enumerable.Range(0, 25).Count(i => i % 10 < 3);
        Assert.Equal((16 * (25 - shared)) + shared, rows.Count);
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => (long)n), rows.Select(r => r.Sequence));
        Assert.Equal(rows.Count, rows.Select(r => r.Key).Distinct().Count());
    }
}
