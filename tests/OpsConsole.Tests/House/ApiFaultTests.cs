using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpsConsole.Ground.Access;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>Malformed, oversized and hostile calls, at every address that the house has: each is refused with a problem and its code, and none is a 500.</summary>
public sealed class ApiFaultTests
{
    private static readonly (string What, byte[] Body, string? Type)[] Hostile =
    [
        ("no body", [], "application/json"),
        ("half a body", "{\"reason\": \"r"u8.ToArray(), "application/json"),
        ("a list", "[1]"u8.ToArray(), "application/json"),
        ("a text", "\"r\""u8.ToArray(), "application/json"),
        ("no UTF-8", [.. "{\"reason\":\""u8, 0xff, 0xfe, .. "\"}"u8], "application/json"),
        ("an unknown member", "{\"reason\":\"r\",\"untl\":1}"u8.ToArray(), "application/json"),
        ("wrong types", """{"reason":1,"depth":7,"share":"x","on":"y","opensAt":5,"to":{"forum":8},"version":"v","name":[]}"""u8.ToArray(), "application/json"),
        ("a time without its offset", """{"closesAt":"2026-11-26T21:00:00","opensAt":"2026-11-26","until":"2026-11-26","reason":"r"}"""u8.ToArray(), "application/json"),
        ("a NUL", """{"reason":"a\u0000b","name":"a\u0000b","message":"a\u0000b","text":"a\u0000b"}"""u8.ToArray(), "application/json"),
        ("two megabytes", [.. "{\"reason\":\""u8, .. Enumerable.Repeat((byte)'a', 2 << 20), .. "\"}"u8], "application/json"),
        ("plain text", "reason"u8.ToArray(), "text/plain"),
        ("a form", "reason=r"u8.ToArray(), "application/x-www-form-urlencoded"),
    ];

    [Fact]
    public async Task Malformed_oversized_and_hostile_bodies_are_refused_with_a_problem_and_its_code_at_every_endpoint_and_never_a_500()
    {
        await using var house = await TestHouse.Ready();
        var keys = new[] { await EndpointTests.Key(house, "members", null), await EndpointTests.Key(house, null, "ada") };
        var faults = new List<string>();
        var asked = 0;
        foreach (var (method, path) in Writes(house))
        {
            foreach (var (what, body, type) in Hostile)
            {
                foreach (var key in keys)
                {
                    using var answer = await Send(house, key, method, path, body, type);
                    asked++;
                    var text = await answer.Content.ReadAsStringAsync();
                    // What needs no body takes none, and may refuse for another reason: it says which.
                    if ((int)answer.StatusCode is >= 500 || ((int)answer.StatusCode >= 400 && !HasCode(answer, text))) { faults.Add($"{method} {path}, {what}: {(int)answer.StatusCode} {text}"); }
                }
            }
        }
        Assert.True(asked > 400, $"only {asked} were asked");
        Assert.Empty(faults);
    }

    [Fact]
    public async Task What_is_well_formed_is_read_as_it_is_written()
    {
        await using var house = await TestHouse.Ready();
        using var answer = await Send(house, await EndpointTests.Key(house, null, "ada"), "POST", "/api/v1/plans", """{"to":{"moon":"7"},"from":{"moon":"6"}}"""u8.ToArray(), "application/json");
        Assert.Contains("there is no database moon", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acknowledgement_that_says_more_than_is_asked_is_heard_all_the_same()
    {
        await using var house = await TestHouse.Ready();
        var site = await EndpointTests.Key(house, "members", null);
        using (var asked = await Send(house, site, "GET", "/api/v1/gates/members?instance=web1", [], null)) { Assert.Equal(HttpStatusCode.OK, asked.StatusCode); }
        using var answer = await Send(house, site, "POST", "/api/v1/gates/members/acks", """{"instance":"web1","version":1,"mood":"calm"}"""u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task Who_may_not_do_a_thing_is_refused_for_that_and_not_for_the_body()
    {
        await using var house = await TestHouse.Ready();
        var key = await EndpointTests.Key(house, null, "vera", Roles.Viewer);
        // An acknowledgement is answered on the word of the key alone; the service asks for the right, with the body at hand.
        foreach (var (method, path) in Writes(house).Where(w => w.Path != "/api/v1/gates/{site}/acks"))
        {
            using var answer = await Send(house, key, method, path, "{"u8.ToArray(), "application/json");
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, answer.StatusCode));
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "notFound")]
    [InlineData("PUT", "/api/v1/windows", 405, "notFound")]
    [InlineData("GET", "/api/v1/audit?limit=abc", 400, "invalidField")]
    [InlineData("GET", "/api/v1/audit?after=zzz", 400, "invalidField")]
    [InlineData("GET", "/api/v1/outcomes?wait=NaN", 400, "invalidField")]
    [InlineData("GET", "/api/v1/transactions?limit=501", 400, "invalidField")]
    [InlineData("GET", "/api/v1/windows?limit=0", 400, "invalidField")]
    [InlineData("GET", "/api/v1/gates?after=x", 400, "invalidField")]
    [InlineData("GET", "/api/v1/outcomes?site=nowhere", 404, "notFound")]
    [InlineData("GET", "/api/v1/windows/a%00b", 400, null)]
    [InlineData("GET", "/api/v1/gates/members?instance=%00x", 400, "invalidField")]
    [InlineData("POST", "/api/v1/windows/none/steps/abc/done", 404, "notFound")]
    [InlineData("POST", "/api/v1/windows/none/rehearse", 404, "notFound")]
    public async Task What_the_framework_refuses_has_its_code_too(string method, string path, int status, string? code)
    {
        await using var house = await TestHouse.Ready();
        var key = await EndpointTests.Key(house, null, "ada");
        using var answer = await Send(house, key, method, path, [], null);
        Assert.Equal(status, (int)answer.StatusCode);
        // A path with a NUL never reaches the console: the server refuses it.
        if (code is not null) { Assert.Contains($"\"code\":\"{code}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/status")]
    [InlineData("/api/v1/status")]
    public async Task HEAD_is_answered_wherever_GET_is(string path)
    {
        await using var house = await TestHouse.Ready();
        using var browser = house.Browser();
        using var answer = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_description_names_the_keys_the_refusals_and_what_a_post_needs()
    {
        await using var house = await TestHouse.Ready();
        using var browser = house.Browser();
        using var json = JsonDocument.Parse(await browser.GetStringAsync("/openapi/v1.json"));
        Assert.Equal("bearer", json.RootElement.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Single().Value.GetProperty("scheme").GetString());
        foreach (var path in json.RootElement.GetProperty("paths").EnumerateObject())
        {
            Assert.All(path.Value.EnumerateObject(), verb => Assert.True(verb.Value.GetProperty("responses").TryGetProperty("default", out _), $"{verb.Name} {path.Name}"));
        }
        var post = json.RootElement.GetProperty("paths").GetProperty("/api/v1/transactions").GetProperty("post");
        Assert.Equal("Idempotency-Key", post.GetProperty("parameters").EnumerateArray().Single().GetProperty("name").GetString());
        Assert.True(post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("properties").TryGetProperty("startedAt", out _));
    }

    private static List<(string Method, string Path)> Writes(TestHouse house) => [.. ((IEndpointRouteBuilder)house.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<EndpointRight>()?.Needs is not null && e.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m != "GET").Select(m => (m, e.RoutePattern.RawText!))).Distinct()];

    private static async Task<HttpResponseMessage> Send(TestHouse house, string key, string method, string path, byte[] body, string? type)
    {
        using var asked = new HttpRequestMessage(new HttpMethod(method), Regex.Replace(path, @"\{[^}]+\}", hole => hole.Value.Contains(":int", StringComparison.Ordinal) ? "1" : "members")) { Headers = { Authorization = new("Bearer", key) } };
        if (type is not null)
        {
            asked.Content = new ByteArrayContent(body);
            asked.Content.Headers.ContentType = new(type);
            // Refused by its length alone, the line is closed on whoever is still sending: this one asks first.
            asked.Headers.ExpectContinue = body.Length > 1 << 20;
            if (path == "/api/v1/transactions") { asked.Headers.Add("Idempotency-Key", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body.AsSpan(0, Math.Min(body.Length, 100))))); }
        }
        using var browser = house.Browser();
        return await browser.SendAsync(asked);
    }

    private static bool HasCode(HttpResponseMessage answer, string text) =>
        answer.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonDocument.Parse(text).RootElement.TryGetProperty("code", out var code) && code.GetString() is { Length: > 0 };
}
