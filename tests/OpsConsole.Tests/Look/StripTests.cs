using Bunit;
using OpsConsole.Ground.Controls;
using OpsConsole.Shell;
using Xunit;

namespace OpsConsole.Tests.Look;

public sealed class StripTests : LookContext
{
    private static readonly StripFacts Review = new("November upgrade", "maintenance", Mark.Running, "Review", "32 of 94 decided")
    {
        StepText = "step 10 of 14",
        WayBack = new WayBackFacts(Mark.Ok, "Possible", "31 ms + 4 s, loses nothing"),
        TurnBackAt = Night.AddHours(1),
        TurnBackText = "27 committed return to the queue",
        Sites = [new StripSite("forum", Mark.Frozen, "frozen")],
    };

    [Theory]
    [InlineData(StripShape.Line)]
    [InlineData(StripShape.Wide)]
    [InlineData(StripShape.Board)]
    public void Phase_way_back_and_turn_back_time_are_there_in_every_size(StripShape shape)
    {
        var words = Render<Strip>(p => p.Add(s => s.Facts, Review).Add(s => s.Shape, shape)).Find("section").TextContent;
        Assert.Contains("Review", words, StringComparison.Ordinal);
        Assert.Contains("ossible", words, StringComparison.Ordinal);
        Assert.Contains("31 ms + 4 s, loses nothing", words, StringComparison.Ordinal);
        Assert.Contains("Turn back by", words, StringComparison.Ordinal);
        Assert.Contains("forum frozen", words, StringComparison.Ordinal);
    }

    [Fact]
    public void The_countdown_asks_for_attention_a_quarter_of_an_hour_before()
    {
        var strip = Render<Strip>(p => p.Add(s => s.Facts, Review));
        Assert.Equal("900", strip.Find("time[data-kind=countdown]").GetAttribute("data-warn"));
    }

    [Fact]
    public void Without_a_window_it_says_so()
    {
        var strip = Render<Strip>(p => p.Add(s => s.Facts, (StripFacts?)null));
        Assert.Contains("No window", strip.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_is_spoken_at_once()
    {
        var strip = Render<Strip>(p => p.Add(s => s.Facts, Review with { Mark = Mark.Danger, Phase = "Failed" }));
        Assert.Equal("assertive", strip.Find("section").GetAttribute("aria-live"));
    }

    [Theory]
    [InlineData("/account/login", true)]
    [InlineData("/error", true)]
    [InlineData("/queue", false)]
    [InlineData("/accounts", false)]
    public void Account_pages_stay_inside_their_request(string path, bool still) => Assert.Equal(still, App.StaysStatic(path));
}
