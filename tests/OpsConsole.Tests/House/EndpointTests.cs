using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Ground.Access;
using Xunit;

namespace OpsConsole.Tests.House;

public sealed class EndpointTests
{
    [Fact]
    public async Task Every_endpoint_says_who_may()
    {
        await using var house = new TestHouse();
        var rights = Permissions.All.Select(p => p.Name).ToHashSet();
        var silent = ((IEndpointRouteBuilder)house.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Where(e => !Says(e, rights))
            .Select(e => e.RoutePattern.RawText).ToList();
        Assert.Empty(silent);
    }

    private static bool Says(RouteEndpoint endpoint, HashSet<string> rights)
    {
        if (endpoint.Metadata.GetMetadata<EndpointRight>() is not null) { return true; }
        // The live connection itself: the fallback policy asks for a sign-in, each command on it asks for its own right.
        if (endpoint.RoutePattern.RawText is { } route && route.TrimStart('/').StartsWith('_')) { return true; }
        // Files that were added since the build, answered in development only; the fallback policy asks for a sign-in.
        if (endpoint.RoutePattern.RawText == "{**path:file}") { return true; }
        return endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
            && (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                || endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(a => a.Policy is { } policy && rights.Contains(policy)));
    }

    [Fact]
    public async Task The_twin_shows_that_an_endpoint_without_a_right_is_found()
    {
        await using var house = new TestHouse();
        house.App.MapGet("/api/v1/forgotten", () => "open");
        var rights = Permissions.All.Select(p => p.Name).ToHashSet();
        Assert.Contains(((IEndpointRouteBuilder)house.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>(),
            e => e.RoutePattern.RawText == "/api/v1/forgotten" && !Says(e, rights));
    }

    [Fact]
    public async Task Without_a_key_the_api_answers_401_with_its_code_and_pages_lead_to_the_sign_in()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        var api = await browser.GetAsync("/api/v1/audit");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Contains("\"code\":\"unauthorized\"", await api.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var page = await browser.GetAsync("/people");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Contains("/account/sign-in", page.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_it_is_ready_no_endpoint_takes_or_does_anything_and_each_says_what_it_waits_for()
    {
        await using var house = await TestHouse.Ready();
        var ready = house.App.Services.GetRequiredService<global::OpsConsole.Ground.Readiness>();
        var (site, person) = (await Key(house, "members", null), await Key(house, null, "ada"));
        ready.WaitsFor = "the examination of what was cut off";
        var writes = ((IEndpointRouteBuilder)house.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<EndpointRight>()?.Needs is not null)
            // An acknowledgement does nothing: it is heard as soon as the gates are read back, so that a freeze that was put back is certain the sooner.
            .Where(e => e.RoutePattern.RawText != "/api/v1/gates/{site}/acks")
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m != "GET").Select(m => (Method: m, Path: e.RoutePattern.RawText!))).Distinct().ToList();
        Assert.True(writes.Count > 20, $"only {writes.Count} were found");
        foreach (var (method, path) in writes)
        {
            var answers = new List<HttpResponseMessage>();
            foreach (var key in new[] { site, person })
            {
                using var asked = new HttpRequestMessage(new HttpMethod(method), System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]+\}", hole => hole.Value.Contains(':', StringComparison.Ordinal) ? "1" : "members")) { Headers = { Authorization = new("Bearer", key) }, Content = new StringContent("""{"instance":"a","version":1,"depth":"logins","name":"n","to":{},"share":0}""", System.Text.Encoding.UTF8, "application/json") };
                using var browser = house.Browser();
                answers.Add(await browser.SendAsync(asked));
            }
            // Whoever has not the right is refused for that; whoever has it is told to wait.
            var waits = Assert.Single(answers, a => a.StatusCode != HttpStatusCode.Forbidden);
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, waits.StatusCode));
            Assert.Equal("2", waits.Headers.RetryAfter!.ToString());
            Assert.Contains("the examination of what was cut off", await waits.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    internal static async Task<string> Key(TestHouse house, string? site, string? person, params string[] roles)
    {
        var key = ApiKeyHandler.NewKey();
        await house.Recorder.Write((write, _) =>
        {
            if (person is not null)
            {
                write.Db.Users.Add(new() { Id = person, UserName = person, NormalizedUserName = person.ToUpperInvariant(), SecurityStamp = "s" });
                foreach (var role in roles.Length > 0 ? roles : [Roles.Operator, Roles.Reviewer, Roles.Approver, Roles.Auditor, Roles.Admin])
                {
                    if (!write.Db.Roles.Any(r => r.Id == $"{role}-1")) { write.Db.Roles.Add(new(role) { Id = $"{role}-1", NormalizedName = role.ToUpperInvariant() }); }
                    write.Db.UserRoles.Add(new() { UserId = person, RoleId = $"{role}-1" });
                }
            }
            write.Db.ApiKeys.Add(new ApiKeyRow { Id = key, Name = $"{site ?? person}-key", Sha256 = ApiKeyHandler.Hash(key), Site = site, PersonId = person, StepUp = person is not null, MadeAt = write.Now });
            return Task.CompletedTask;
        }, CancellationToken.None);
        return key;
    }

    [Fact]
    public async Task A_gate_answers_the_same_whether_the_key_was_just_looked_up_or_is_remembered()
    {
        await using var house = await TestHouse.Ready();
        var key = ApiKeyHandler.NewKey();
        await house.Recorder.Write((write, _) =>
        {
            write.Db.ApiKeys.Add(new ApiKeyRow { Id = key, Name = "members-key", Sha256 = ApiKeyHandler.Hash(key), Site = "members", MadeAt = write.Now });
            return Task.CompletedTask;
        }, CancellationToken.None);
        using var site = house.Browser();
        site.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var seen = new List<string>();
        foreach (var path in new[] { "members?instance=a", "members?instance=a", "members?instance=a&wait=0", "forum?instance=a", "nowhere?instance=a", $"members?instance={new string('x', 201)}" })
        {
            var answer = await site.GetAsync($"/api/v1/gates/{path}");
            var body = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            seen.Add($"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {answer.Headers.ETag} {answer.Headers.CacheControl} {answer.Headers.GetValues("X-Content-Type-Options").Single()} "
                + (body.TryGetProperty("code", out var code) ? code.GetString() : string.Join(',', body.EnumerateObject().Select(p => p.Name == "now" ? "now" : p.ToString()))));
        }
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0], seen[2]);
        Assert.StartsWith("200 application/json", seen[0], StringComparison.Ordinal);
        Assert.StartsWith("403", seen[3], StringComparison.Ordinal);
        Assert.EndsWith("notAllowed", seen[3], StringComparison.Ordinal);
        Assert.StartsWith("403", seen[4], StringComparison.Ordinal);
        Assert.StartsWith("400", seen[5], StringComparison.Ordinal);
        site.DefaultRequestHeaders.Authorization = new("Bearer", "oc_nobody");
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.GetAsync("/api/v1/gates/members?instance=a")).StatusCode);
    }
}
