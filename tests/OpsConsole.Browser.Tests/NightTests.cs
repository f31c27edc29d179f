using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The sample's night with two people, through the pages: once back in the middle, once to the end.</summary>
public sealed class NightTests(Chromium chromium)
{
    [Fact]
    public async Task A_night_that_goes_back_in_the_middle_leaves_everything_as_it_was()
    {
        await using var console = new SampleConsole();
        await console.Start();
        await console.AddPerson("olga", "Operator");
        await console.AddPerson("anton", "Approver");
        await using var olga = await chromium.Person(console, "olga");
        await using var anton = await chromium.Person(console, "anton");
        await olga.SignIn();
        await anton.SignIn();
        var night = new Night(olga, anton, "Friday night");
        await night.PlanToLatest();
        await night.Approved();
        await night.Started();
        await night.UntilReviewing();
        await night.RolledBack();
        await night.LetInAndClosed();
        Assert.Empty(olga.Faults.Concat(anton.Faults));
    }
}
