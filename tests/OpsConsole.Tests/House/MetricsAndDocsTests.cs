using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.People;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Freezing;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>What a machine reads: the figures, who may have them, and the API's description without a foreign host.</summary>
public sealed partial class MetricsAndDocsTests
{
    private static async Task Ready(TestHouse house)
    {
        var readiness = house.App.Services.GetRequiredService<Readiness>();
        for (var tries = 0; readiness.WaitsFor is not null && tries < 500; tries++) { await Task.Delay(20); }
        Assert.Null(readiness.WaitsFor);
    }

    /// <summary>Name and labels to value; comments and what is not ours left out.</summary>
    private static Dictionary<string, double> Read(string text) => text.Split('\n').Where(l => l.StartsWith("opsconsole_", StringComparison.Ordinal))
        .Select(l => l.Split(' ')).ToDictionary(p => p[0].Replace("{}", "", StringComparison.Ordinal), p => double.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public async Task The_figures_say_what_the_gates_the_queue_the_windows_and_the_log_are()
    {
        await using var house = await TestHouse.Start();
        await Ready(house);
        using var machine = house.Browser();
        var answer = await machine.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("# TYPE opsconsole_gate_state gauge", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_gc_", text, StringComparison.Ordinal);
        var before = Read(text);
        Assert.Equal(1, before["opsconsole_ready"]);
        Assert.Equal(1, before["opsconsole_lease_held"]);
        Assert.Equal(1, before["opsconsole_epoch"]);
        Assert.Equal(0, before["opsconsole_circuits"]);
        Assert.Equal(0, before["opsconsole_queue_transactions{status=\"pending\"}"]);
        Assert.Equal(0, before["opsconsole_queue_oldest_age_seconds"]);
        Assert.Equal(0, before["opsconsole_windows{status=\"needsDecision\"}"]);
        Assert.True(before["opsconsole_audit_entries"] >= 1);
        Assert.Equal(["open"], States(before, "forum"));

        var frozen = await house.App.Services.GetRequiredService<FreezeService>().Freeze(Actor.Shell("t"), "members", FreezeDepth.Everyone, null, "test", false, null, null, default);
        Assert.Null(frozen.Refusal);
        var after = await Until(machine, figures => States(figures, "members").SequenceEqual(["everyone"]));
        Assert.Equal(["open"], States(after, "forum"));
        Assert.Equal(0, after["opsconsole_gate_certain{site=\"members\"}"]);
        Assert.Equal(2, after["opsconsole_gate_version{site=\"members\"}"]);
        Assert.True(after["opsconsole_audit_entries"] > before["opsconsole_audit_entries"]);
    }

    private static IEnumerable<string> States(Dictionary<string, double> figures, string site) => from f in figures
                                                                                                  where f.Value == 1 && f.Key.StartsWith($"opsconsole_gate_state{{site=\"{site}\"", StringComparison.Ordinal)
                                                                                                  select StateLabel().Match(f.Key).Groups[1].Value;

    /// <summary>An answer may be kept for a moment.</summary>
    private static async Task<Dictionary<string, double>> Until(HttpClient machine, Func<Dictionary<string, double>, bool> wanted)
    {
        Dictionary<string, double> seen = [];
        for (var tries = 0; tries < 300; tries++, await Task.Delay(100))
        {
            seen = Read(await machine.GetStringAsync("/metrics"));
            if (wanted(seen)) { return seen; }
        }
        Assert.Fail(string.Join('\n', seen));
        return seen;
    }

    [Fact]
    public async Task Behind_a_proxy_the_figures_need_a_key_of_somebody_who_may_look()
    {
        await using var house = await TestHouse.Start(publicUrl: "https://ops.example.org/");
        using var machine = house.Browser();
        var refused = await machine.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("\"code\":\"unauthorized\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var shell = Actor.Shell("tester");
        await house.App.Services.GetRequiredService<PeopleService>().Add(shell, "vera", ["Viewer"], null, default);
        var keys = house.App.Services.GetRequiredService<KeyService>();
        machine.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await keys.Add(shell, "site", null, "forum", false, default)).Value);
        Assert.Equal(HttpStatusCode.Forbidden, (await machine.GetAsync("/metrics")).StatusCode);
        machine.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await keys.Add(shell, "prometheus", "vera", null, false, default)).Value);
        Assert.Equal(HttpStatusCode.OK, (await machine.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task A_forwarded_call_is_not_from_here()
    {
        await using var house = await TestHouse.Start();
        using var machine = house.Browser();
        machine.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        Assert.Equal(HttpStatusCode.Unauthorized, (await machine.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task The_docs_come_from_here_alone_and_weaken_no_other_page()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        var first = await Docs(browser);
        Assert.All(Links().Matches(first.Html), link => Assert.DoesNotContain("//", link.Groups[1].Value, StringComparison.Ordinal));
        Assert.Contains($"nonce=\"{first.Nonce}\"", first.Html, StringComparison.Ordinal);
        Assert.NotEqual(first.Nonce, (await Docs(browser)).Nonce);
        foreach (Match script in Scripts().Matches(first.Html))
        {
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(new Uri(new Uri(house.Address, "/docs/"), script.Groups[1].Value))).StatusCode);
        }
        var other = await browser.GetAsync("/status");
        Assert.Contains("script-src 'self';", other.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/openapi/v1.json")).StatusCode);
    }

    private static async Task<(string Html, string Nonce)> Docs(HttpClient browser)
    {
        var answer = await browser.GetAsync("/docs/");
        if (answer.StatusCode != HttpStatusCode.OK) { answer = await browser.GetAsync(answer.Headers.Location); }
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        var nonce = Nonce().Match(policy);
        Assert.True(nonce.Success, policy);
        Assert.Contains("default-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        return (await answer.Content.ReadAsStringAsync(), nonce.Groups[1].Value);
    }

    [GeneratedRegex("script-src 'self' 'nonce-([A-Za-z0-9+/=]+)'")]
    private static partial Regex Nonce();
    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Links();
    [GeneratedRegex("<script[^>]* src=\"([^\"]*)\"")]
    private static partial Regex Scripts();
    [GeneratedRegex("state=\"([a-z]+)\"")]
    private static partial Regex StateLabel();
}
