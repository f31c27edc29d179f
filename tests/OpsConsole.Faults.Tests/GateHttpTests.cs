using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>The gate as a site meets it: a real console, a real socket.</summary>
public sealed class GateHttpTests(PostgreSqlServer server)
{
    private const string Gate = "api/v1/gates/bank";

    [Fact]
    public async Task A_site_asks_waits_listens_acknowledges_and_checks_a_login_over_http()
    {
        await using var bank = await BankEstate.Make(server, reviewers: 0);
        var lobbyKey = await bank.Console.Command(null, "keys", "add", "lobby-key", "--site", "lobby");
        await bank.Console.Start();
        using var olga = bank.Console.As(bank.Operator);
        using var site = bank.Console.As(bank.Site);
        using var lobby = bank.Console.As(lobbyKey);

        await NobodyElse(bank, site);
        var version = await Ask(site);
        await Waits(olga, site, version);
        await Listens(olga, site);
        await Checks(olga, site);
        await ListensThroughSilence(lobby);
    }

    private static async Task NobodyElse(BankEstate bank, HttpClient site)
    {
        using var stranger = new HttpClient { BaseAddress = bank.Console.Address };
        using (var answer = await stranger.GetAsync(Gate)) { Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode); }
        foreach (var path in new[] { "api/v1/gates/lobby", "api/v1/gates/lobby/events", "api/v1/gates/lobby/check?user=max" })
        {
            using var answer = await site.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var acks = await site.PostAsJsonAsync("api/v1/gates/lobby/acks", new { instance = "web1", version = 1 });
        Assert.Equal(HttpStatusCode.Forbidden, acks.StatusCode);
        using var freeze = await site.PostAsJsonAsync($"{Gate}/freeze", new { depth = "logins", reason = "by the site itself" });
        Assert.Equal(HttpStatusCode.Forbidden, freeze.StatusCode);
    }

    /// <summary>The whole answer, and nothing but its number when nothing is new.</summary>
    private static async Task<long> Ask(HttpClient site)
    {
        using var answer = await site.GetAsync($"{Gate}?instance=web1");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var gate = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("bank", "open", 5, "run"), (Text(gate, "site"), Text(gate, "state"), gate.GetProperty("leaseSeconds").GetInt32(), Text(gate, "jobs")));
        Assert.InRange(gate.GetProperty("now").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
        var version = gate.GetProperty("version").GetInt64();
        Assert.Equal($"\"{version}\"", answer.Headers.ETag!.ToString());
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{Gate}?instance=web1") { Headers = { IfNoneMatch = { answer.Headers.ETag } } };
        using var same = await site.SendAsync(again);
        Assert.Equal((HttpStatusCode.NotModified, ""), (same.StatusCode, await same.Content.ReadAsStringAsync()));
        Assert.Equal(answer.Headers.ETag, same.Headers.ETag);
        return version;
    }

    private static async Task Waits(HttpClient olga, HttpClient site, long version)
    {
        // Nothing new: held, but answered before the lease of the last answer is over.
        var from = Stopwatch.GetTimestamp();
        var held = await site.See($"{Gate}?instance=web1&after={version}&wait=25");
        Assert.Equal(version, held.GetProperty("version").GetInt64());
        Assert.InRange(Stopwatch.GetElapsedTime(from).TotalSeconds, 1.5, 20);

        // News comes at once: each question that was held is answered by the freeze and not by its time.
        var waiting = Task.Run(async () =>
        {
            for (var after = version; ;)
            {
                var gate = await site.See($"{Gate}?instance=web1&after={after}&wait=25");
                if (gate.GetProperty("version").GetInt64() > after) { return gate; }
            }
        });
        await Task.Delay(200);
        var ordered = await olga.Say($"{Gate}/freeze", new { depth = "everyone", message = "Back at five.", reason = "a try" });
        Assert.Equal(["web1"], ordered.GetProperty("certain").GetProperty("waitingFor").EnumerateArray().Select(i => i.GetString()));
        var frozen = await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(("everyone", "stop", "Back at five."), (Text(frozen, "state"), Text(frozen, "jobs"), Text(frozen, "message")));
        Assert.True(frozen.GetProperty("retryAfterSeconds").GetInt32() > 0);

        // Acknowledged with nothing in the answer; then the console is certain, and says why.
        var word = frozen.GetProperty("version").GetInt64();
        using var ack = await site.PostAsJsonAsync($"{Gate}/acks", new { instance = "web1", version = word, sessionsLeft = 0, appVersion = "5.0" });
        Assert.Equal((HttpStatusCode.NoContent, ""), (ack.StatusCode, await ack.Content.ReadAsStringAsync()));
        var seen = (await olga.See("api/v1/gates")).GetProperty("items").EnumerateArray().Single(g => Text(g, "site") == "bank");
        Assert.Equal((true, "acknowledged"), (seen.GetProperty("certain").GetProperty("is").GetBoolean(), Text(seen.GetProperty("certain"), "because")));
        using var unknown = await site.PostAsJsonAsync($"{Gate}/acks", new { instance = "never asked", version = word });
        Assert.Equal(HttpStatusCode.Conflict, unknown.StatusCode);
    }

    /// <summary>A stream brings the present word, then each new one, and a comment where there is none.</summary>
    private static async Task Listens(HttpClient olga, HttpClient site)
    {
        using var answer = await site.GetAsync($"{Gate}/events?instance=web2", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var first = await Event(lines);
        Assert.Equal("everyone", Text(first, "state"));
        var comment = await Comment(lines, TimeSpan.FromSeconds(30));
        Assert.StartsWith(": ", comment, StringComparison.Ordinal);
        await olga.Say($"{Gate}/thaw", new { share = 0 });
        var thawing = await Event(lines);
        Assert.Equal(("thawing", 0), (Text(thawing, "state"), thawing.GetProperty("share").GetInt32()));
        Assert.True(thawing.GetProperty("version").GetInt64() > first.GetProperty("version").GetInt64());
    }

    /// <summary>Asked by a web server for each login: its status is the answer.</summary>
    private static async Task Checks(HttpClient olga, HttpClient site)
    {
        async Task<HttpResponseMessage> Check(string query) => await site.GetAsync($"{Gate}/check?{query}");
        // Thawing at 0: staff by name or by address.
        foreach (var query in new[] { "user=ada", "user=max&address=10.1.2.3" })
        {
            using var staff = await Check(query);
            Assert.Equal((HttpStatusCode.NoContent, ""), (staff.StatusCode, await staff.Content.ReadAsStringAsync()));
        }
        using (var member = await Check("user=max&address=10.2.2.3"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, member.StatusCode);
            Assert.True(member.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        await olga.Say($"{Gate}/thaw", new { share = 100 });
        using (var member = await Check("user=max&address=10.2.2.3")) { Assert.Equal(HttpStatusCode.NoContent, member.StatusCode); }
    }

    /// <summary>A proxy that hears nothing closes the line: with a long lease a comment comes every ten seconds.</summary>
    private static async Task ListensThroughSilence(HttpClient lobby)
    {
        using var answer = await lobby.GetAsync("api/v1/gates/lobby/events?instance=web1", HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("open", Text(await Event(lines), "state"));
        var from = Stopwatch.GetTimestamp();
        await Comment(lines, TimeSpan.FromSeconds(60));
        Assert.InRange(Stopwatch.GetElapsedTime(from).TotalSeconds, 8, 30);
    }

    private static async Task<JsonElement> Event(StreamReader lines)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string? name = null, id = null;
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) { name = line[7..]; }
            if (line.StartsWith("id: ", StringComparison.Ordinal)) { id = line[4..]; }
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) { continue; }
            var gate = JsonSerializer.Deserialize<JsonElement>(line[6..]);
            Assert.Equal(("gate", gate.GetProperty("version").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture)), (name, id));
            Assert.Equal("", await lines.ReadLineAsync(limit.Token));
            return gate;
        }
        throw new InvalidOperationException("The stream ended.");
    }

    private static async Task<string> Comment(StreamReader lines, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(':')) { return line; }
            Assert.Equal("", line);
        }
        throw new InvalidOperationException("The stream ended.");
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
