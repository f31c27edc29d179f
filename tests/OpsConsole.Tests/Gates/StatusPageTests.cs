using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Status;
using OpsConsole.Ground.Freezing;
using Xunit;

namespace OpsConsole.Tests.Gates;

public sealed class StatusPageTests
{
    [Fact]
    public async Task The_public_page_says_what_is_closed_and_shows_nothing_from_inside()
    {
        await using var house = await GateHouse.Open();
        await house.Announce();
        await house.Ask("web-intern-1");
        await house.Gates.Freeze(GateHouse.Rosa, "members", FreezeDepth.Everyone, "Back <b>soon</b>", "secret reason", false, CancellationToken.None);
        var facts = new StatusService(house.Book, house.Clock).Now;
        foreach (var page in new[] { StatusHtml.Write(facts, StatusWords.English, "FastMarket"), StatusHtml.Write(facts, StatusWords.German, "FastMarket"), JsonSerializer.Serialize(facts) })
        {
            Assert.DoesNotContain("intern", page, StringComparison.Ordinal);
            Assert.DoesNotContain("_app", page, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
            Assert.DoesNotContain("rosa", page, StringComparison.Ordinal);
        }
        var english = StatusHtml.Write(facts, StatusWords.English, "FastMarket");
        Assert.Contains("Maintenance is in progress.", english, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>soon", english, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", english, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(english) < 15 * 1024);
    }

    [Theory]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("fr,en;q=0.5,de;q=0.2", "en")]
    [InlineData("", "en")]
    public void It_speaks_the_readers_language(string wanted, string spoken)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.AcceptLanguage = wanted;
        Assert.Equal(spoken, StatusWords.For(http.Request).Language);
    }

    [Fact]
    public async Task It_follows_a_freeze_within_two_seconds()
    {
        await using var house = await GateHouse.Open();
        var status = new StatusService(house.Book, house.Clock);
        Assert.Equal(StatusPhase.Open, status.Now.Phase);
        await house.Freeze();
        await house.Pass(2);
        Assert.Equal(StatusPhase.Closed, status.Now.Phase);
    }

    [Fact]
    public async Task Where_members_are_let_in_nothing_says_that_they_cannot_and_a_freeze_after_a_window_is_not_that_windows()
    {
        await using var house = await GateHouse.Open();
        await house.Gates.Freeze(GateHouse.Rosa, "members", FreezeDepth.Everyone, "Signing in is not possible.", "test", false, CancellationToken.None);
        var ended = new Ended(new PublicWindow(house.Clock.GetUtcNow().AddHours(-3), house.Clock.GetUtcNow().AddHours(-1), null, house.Clock.GetUtcNow().AddHours(-1), false, [new(house.Clock.GetUtcNow().AddHours(-1), PublicNews.Ended)]));
        var closed = new StatusService(house.Book, house.Clock, ended).Now;
        Assert.Equal((StatusPhase.Closed, null, null), (closed.Phase, closed.PlannedTo, closed.ActualEnd));
        // The other site is open: where one can sign in is said site by site.
        Assert.Contains("Where you can sign in stands below.", StatusHtml.Write(closed, StatusWords.English, "FastMarket"), StringComparison.Ordinal);
        Assert.Contains("Signing in is not possible.", StatusHtml.Write(closed, StatusWords.English, "FastMarket"), StringComparison.Ordinal);
        await house.Gates.Thaw(GateHouse.Rosa, "members", 25, CancellationToken.None);
        var opening = StatusHtml.Write(new StatusService(house.Book, house.Clock, ended).Now, StatusWords.English, "FastMarket");
        Assert.Contains("Members are let in step by step.", opening, StringComparison.Ordinal);
        Assert.DoesNotContain("not possible", opening, StringComparison.Ordinal);
        await house.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None);
        Assert.Contains("Last maintenance", StatusHtml.Write(new StatusService(house.Book, house.Clock, ended).Now, StatusWords.English, "FastMarket"), StringComparison.Ordinal);
    }

    private sealed record Ended(PublicWindow Current) : IWindowPublicFacts;

    [Fact]
    public async Task After_the_planned_end_it_says_that_it_takes_longer()
    {
        await using var house = await GateHouse.Open();
        await house.Announce();
        await house.Freeze();
        house.Clock.SetUtcNow(GateHouse.Window.To.AddSeconds(-1));
        Assert.False(new StatusService(house.Book, house.Clock).Now.Late);
    }

    [Fact]
    public async Task While_it_is_closed_the_hour_of_opening_stands_first()
    {
        await using var house = await GateHouse.Open();
        await house.Announce();
        await house.Freeze();
        var page = StatusHtml.Write(new StatusService(house.Book, house.Clock).Now, StatusWords.English, "FastMarket");
        Assert.Contains("Open again at about", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("class=\"when\"", StringComparison.Ordinal) < page.IndexOf("What you started is kept", StringComparison.Ordinal));
        house.Clock.SetUtcNow(GateHouse.Window.To.AddMinutes(1));
        var late = StatusHtml.Write(new StatusService(house.Book, house.Clock).Now, StatusWords.English, "FastMarket");
        Assert.DoesNotContain("class=\"when\"", late, StringComparison.Ordinal);
    }

    [Fact]
    public void The_readers_light_has_the_consoles_light_colours()
    {
        var css = File.ReadAllText(Look.AssetTree.File("css/status.css"));
        var light = System.Text.RegularExpressions.Regex.Match(css, @"prefers-color-scheme: light\) \{ :root \{([^}]*)\}").Groups[1].Value;
        var colours = System.Text.RegularExpressions.Regex.Matches(light, "--oc-([a-z0-9-]+): (#[0-9A-F]{6})").ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        Assert.True(colours.Count > 5);
        Assert.All(colours, c => Assert.Equal(global::OpsConsole.Shell.OpsTheme.Light[c.Key], c.Value));
    }
}
