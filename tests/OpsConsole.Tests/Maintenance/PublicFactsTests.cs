using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Maintenance;
using OpsConsole.Features.Status;
using OpsConsole.Ground.Freezing;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

/// <summary>What members hear of a window, from its plan to its end.</summary>
public sealed class PublicFactsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static async Task<(WindowPublic Facts, FakeTimeProvider Clock)> Told(WindowHouse house)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var facts = new WindowPublic(house.Book, house.Feed, clock, NullLogger<WindowPublic>.Instance);
        await facts.Read(None);
        return (facts, clock);
    }

    private static Task<WindowView> Do(WindowHouse house, string id, string verb, VerbBody? body = null) => house.Must(WindowHouse.Rosa, id, verb, body);

    private static Task Freeze(WindowHouse house) => house.Gates.Change(WindowHouse.Rosa, "forum", "gate.frozen", g => (g.Freeze(FreezeDepth.Everyone, null, TimeProvider.System.GetUtcNow(), 0), null), null, null, None);

    [Fact]
    public async Task A_draft_is_nobodys_business_and_an_approved_one_is_announced()
    {
        await using var house = await WindowHouse.Open();
        await house.Make("draft");
        Assert.Null((await Told(house)).Facts.Current);
        var approved = await house.Approved();
        var (facts, clock) = await Told(house);
        var told = facts.Current!;
        Assert.Equal((approved.OpensAt, approved.ClosesAt, false), (told.PlannedFrom, told.PlannedTo, told.Running));
        Assert.Null(told.ActualEnd);
        Assert.Empty(told.Updates);
        var page = StatusHtml.Write(new StatusService(house.Gates, clock, facts).Now, StatusWords.English, "FastMarket");
        Assert.Contains("Next maintenance:", page, StringComparison.Ordinal);
        // Nobody started it, and its time is over.
        clock.Advance(TimeSpan.FromHours(3));
        Assert.Null(facts.Current);
    }

    [Fact]
    public async Task While_it_runs_the_page_tells_the_planned_and_the_expected_end_and_when_it_is_late()
    {
        await using var house = await WindowHouse.Open();
        var window = await house.Approved();
        await Do(house, window.Id, "start");
        await Freeze(house);
        var (facts, clock) = await Told(house);
        var status = new StatusService(house.Gates, clock, facts).Now;
        Assert.Equal((StatusPhase.Closed, window.ClosesAt, null, false), (status.Phase, status.PlannedTo, status.ExpectedEnd, status.Late));
        Assert.Equal([PublicNews.Started], status.Updates.Select(u => u.What));

        clock.Advance(TimeSpan.FromHours(2.5));
        status = new StatusService(house.Gates, clock, facts).Now;
        Assert.True(status.Late);
        Assert.Contains("Longer than planned since", StatusHtml.Write(status, StatusWords.English, "FastMarket"), StringComparison.Ordinal);

        var until = window.ClosesAt!.Value.AddHours(1);
        await Do(house, window.Id, "extend", new VerbBody(ClosesAt: until, Reason: "secret: the index of accounts is slow"));
        await Do(house, window.Id, "note", new VerbBody(Text: "secret: rosa looks at db1"));
        await facts.Read(None);
        status = new StatusService(house.Gates, clock, facts).Now;
        // The plan stays what it was: whoever read it in the evening can see that it is late.
        Assert.Equal((window.ClosesAt, until, true), (status.PlannedTo, status.ExpectedEnd, status.Late));
        Assert.Equal([PublicNews.TakesLonger, PublicNews.Started], status.Updates.Select(u => u.What));
        foreach (var words in new[] { StatusWords.English, StatusWords.German })
        {
            var page = StatusHtml.Write(status, words, "FastMarket");
            Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
            Assert.DoesNotContain(window.Name, page, StringComparison.Ordinal);
            Assert.Contains(words.News(PublicNews.TakesLonger), System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
            Assert.Contains(words.ExpectedEnd, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_end_that_was_moved_before_the_start_was_the_plan_and_is_not_longer_than_planned()
    {
        await using var house = await WindowHouse.Open();
        var window = await house.Approved();
        var until = window.ClosesAt!.Value.AddHours(1);
        await Do(house, window.Id, "extend", new VerbBody(ClosesAt: until, Reason: "more to copy"));
        Assert.Equal("closesAt", (await house.Windows.Do(WindowHouse.Rosa, window.Id, "extend", new VerbBody(ClosesAt: window.ClosesAt, Reason: "less"), None)).Refusal!.Field);
        Assert.Equal(until, (await Told(house)).Facts.Current!.PlannedTo);
        await Do(house, window.Id, "start");
        var told = (await Told(house)).Facts.Current!;
        Assert.Equal((until, null), (told.PlannedTo, told.ExpectedEnd));
        Assert.Equal([PublicNews.Started], told.Updates.Select(u => u.What));
    }

    [Fact]
    public async Task Its_end_is_told_for_half_a_day_and_it_is_not_the_next_one()
    {
        await using var house = await WindowHouse.Open();
        var window = await house.Approved();
        await Do(house, window.Id, "start");
        await Do(house, window.Id, "abandon", new VerbBody(Reason: "not tonight"));
        var (facts, clock) = await Told(house);
        var status = new StatusService(house.Gates, clock, facts).Now;
        Assert.Equal(StatusPhase.Open, status.Phase);
        Assert.NotNull(status.ActualEnd);
        Assert.False(status.Late);
        Assert.Equal(PublicNews.Ended, status.Updates[0].What);
        var page = StatusHtml.Write(status, StatusWords.English, "FastMarket");
        Assert.DoesNotContain("Next maintenance:", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Ended</dt>", page, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromHours(13));
        Assert.Null(facts.Current);
    }

    [Fact]
    public async Task The_news_comes_by_itself()
    {
        await using var house = await WindowHouse.Open();
        using var facts = new WindowPublic(house.Book, house.Feed, TimeProvider.System, NullLogger<WindowPublic>.Instance);
        await facts.StartAsync(None);
        var window = await house.Approved();
        await Do(house, window.Id, "start");
        for (var tries = 0; facts.Current is not { Running: true } && tries < 250; tries++) { await Task.Delay(20); }
        Assert.True(facts.Current!.Running);
        await facts.StopAsync(None);
    }
}
