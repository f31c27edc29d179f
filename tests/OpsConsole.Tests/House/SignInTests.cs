using System.Net;
using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.People;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.House;

public sealed class SignInTests
{
    private const string Words = "four quiet words here";
    private static readonly Actor Shell = Actor.Shell("tester");

    private static PeopleService People(TestHouse house) => house.App.Services.GetRequiredService<PeopleService>();
    private static LinkService Links(TestHouse house) => house.App.Services.GetRequiredService<LinkService>();
    private static Task<HttpResponseMessage> SignIn(HttpClient browser, string name, string password) =>
        TestHouse.Send(browser, "/account/sign-in", new() { ["Name"] = name, ["Password"] = password });

    [Fact]
    public async Task The_first_link_makes_the_administrator_once_and_signs_in()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        var link = "/" + LinkService.Path((await Links(house).First(default))!);
        var came = await TestHouse.Send(browser, link, new() { ["Name"] = "anna", ["Password"] = Words });
        Assert.Equal(HttpStatusCode.Redirect, came.StatusCode);
        Assert.Contains("anna", await browser.GetStringAsync("/account"), StringComparison.Ordinal);
        Assert.Equal(["Admin", "Auditor"], (await People(house).List(Shell, default)).Value!.Single().Roles);
        Assert.Contains("does not open", await browser.GetStringAsync(link), StringComparison.Ordinal);
        Assert.Null(await Links(house).First(default));
    }

    [Fact]
    public async Task A_link_is_good_once_even_when_two_come_at_the_same_time()
    {
        await using var house = await TestHouse.Start();
        await People(house).Add(Shell, "bert", ["Operator"], null, default);
        var token = (await Links(house).For(Shell, "bert", default)).Value!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Links(house).Use(token, null, null, default)));
        Assert.Single(answers, a => !a.Refused);
    }

    [Fact]
    public async Task A_link_is_dead_after_an_hour_and_its_token_is_nowhere_in_the_store()
    {
        await using var store = await TestStore.Start(StoreProvider.Sqlite);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var recorder = new Recorder(store.Factory, new ChangeFeed(), clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Recorder>.Instance);
        await recorder.StartAsync(default);
        var links = new LinkService(store.Factory, recorder, new(null, [], false), clock);
        var token = (await links.First(default))!;
        clock.Advance(LinkService.Lasts - TimeSpan.FromSeconds(1));
        Assert.False((await links.Look(token, default)).Refused);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await links.Look(token, default)).Refused);
        Assert.True((await links.Use(token, "anna", Words, default)).Refused);
        await using var db = store.Factory.CreateDbContext();
        Assert.DoesNotContain(await db.SignInLinks.ToListAsync(), l => l.Sha256.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(await db.Audit.ToListAsync(), a => (a.Subject + a.DetailsJson).Contains(token, StringComparison.Ordinal));
        await recorder.StopAsync(default);
    }

    [Fact]
    public async Task An_unknown_name_and_a_wrong_password_get_the_same_answer()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        await People(house).Add(Shell, "anna", ["Admin"], Words, default);
        async Task<string> Refusal(string name, string password)
        {
            var answer = await SignIn(browser, name, password);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync();
            return text[text.IndexOf("field-fault", StringComparison.Ordinal)..text.IndexOf("</form>", StringComparison.Ordinal)];
        }
        Assert.Equal(await Refusal("nobody", "not the password"), await Refusal("anna", "not the password"));
    }

    [Fact]
    public async Task After_eight_wrong_passwords_the_right_one_waits_too()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        await People(house).Add(Shell, "anna", ["Admin"], Words, default);
        for (var i = 0; i < 8; i++) { await SignIn(browser, "anna", "not the password"); }
        Assert.Equal(HttpStatusCode.OK, (await SignIn(browser, "anna", Words)).StatusCode);
        await People(house).Enable(Shell, "anna", default);
        Assert.Equal(HttpStatusCode.Redirect, (await SignIn(browser, "anna", Words)).StatusCode);
    }

    [Fact]
    public async Task A_disabled_person_is_refused_at_the_next_command_by_cookie_and_by_key()
    {
        await using var house = await TestHouse.Start();
        using var browser = house.Browser();
        await People(house).Add(Shell, "carl", ["Auditor"], Words, default);
        Assert.Equal(HttpStatusCode.Redirect, (await SignIn(browser, "carl", Words)).StatusCode);
        var key = (await house.App.Services.GetRequiredService<KeyService>().Add(Shell, "carls", "carl", null, false, default)).Value!;
        using var machine = new HttpClient { BaseAddress = house.Address };
        machine.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/audit")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await machine.GetAsync("/api/v1/audit")).StatusCode);
        Assert.False((await People(house).Disable(Shell, "carl", default)).Refused);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/audit")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await machine.GetAsync("/api/v1/audit")).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_every_browser_of_the_person()
    {
        await using var house = await TestHouse.Start();
        using var here = house.Browser();
        using var there = house.Browser();
        await People(house).Add(Shell, "carl", ["Auditor"], Words, default);
        await SignIn(here, "carl", Words);
        await SignIn(there, "carl", Words);
        await TestHouse.Send(here, "/account/sign-out", []);
        Assert.NotEqual(HttpStatusCode.OK, (await there.GetAsync("/api/v1/audit")).StatusCode);
    }

    [Fact]
    public async Task The_last_administrator_can_neither_be_disabled_nor_lose_the_role()
    {
        await using var house = await TestHouse.Start();
        await People(house).Add(Shell, "anna", ["Admin"], Words, default);
        Assert.Equal("wrongState", (await People(house).Disable(Shell, "anna", default)).Refusal?.Code);
        Assert.Equal("wrongState", (await People(house).SetRoles(Shell, "anna", ["Viewer"], default)).Refusal?.Code);
        await People(house).Add(Shell, "bert", ["Admin"], Words, default);
        Assert.False((await People(house).Disable(Shell, "anna", default)).Refused);
    }

    [Fact]
    public async Task A_crew_is_for_the_sample_and_for_whoever_comes_first()
    {
        await using var real = await TestHouse.Start();
        Assert.True((await Links(real).AddCrew(null, default)).Refused);
        await using var sample = await TestHouse.Start(sample: true);
        using var browser = sample.Browser();
        var page = await (await TestHouse.Send(browser, "/account/first", [])).Content.ReadAsStringAsync();
        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(page, "account/link\\?token="));
        Assert.Equal(["approver", "operator", "reviewer"], (await People(sample).List(Shell, default)).Value!.Select(p => p.Name));
        Assert.True((await Links(sample).AddCrew(null, default)).Refused);
    }

    [Theory]
    [InlineData("/windows/7?tab=a", "/windows/7?tab=a")]
    [InlineData("//evil.example", "")]
    [InlineData("/\\evil.example", "")]
    [InlineData("https://evil.example", "")]
    [InlineData("/account/sign-out", "")]
    [InlineData(null, "")]
    public void After_signing_in_nobody_is_led_to_another_host(string? wanted, string led) => Assert.Equal(led, SignInDesk.Back(wanted));
}
