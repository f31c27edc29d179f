using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The sample's night with two people, through the pages: once to its end, and once with a rollback in the middle.</summary>
public sealed class NightTests(Chromium chromium) : IAsyncLifetime
{
    private readonly SampleConsole console = new();
    private Person olga = null!, anton = null!;

    public async ValueTask InitializeAsync()
    {
        await console.Start();
        await console.AddPerson("olga", "Operator", "Reviewer");
        await console.AddPerson("anton", "Approver", "Reviewer");
        (olga, anton) = (await chromium.Person(console, "olga"), await chromium.Person(console, "anton"));
        await olga.SignIn();
        await anton.SignIn();
    }

    [Fact]
    public async Task A_night_goes_to_its_end_and_every_transaction_is_decided()
    {
        var night = new Night(olga, anton, "Friday night");
        await Begin(night);
        var (mine, theirs) = (new Desk(olga), new Desk(anton));
        await theirs.Open(atLeast: 12);
        await theirs.Hold("asks the member first");
        await theirs.Reject("sent twice by the member");
        await Desk.Clear(theirs, mine);
        await night.Finalized();
        await theirs.Open();
        var (committed, rejected, held) = (await theirs.Count("committed"), await theirs.Count("rejected"), await theirs.Count("held"));
        Assert.True(committed >= 10 && rejected == 1 && held == 1, $"{committed} committed, {rejected} rejected, {held} held");

        await night.LetInAndClosed();
        await night.HappenedOnce("started the window", "finalized", "lets 100 % of the members in", "closed the window");
        await night.Stands(forum: "8", members: "6", waiting: "none");
        await anton.Page.GotoAsync(night.Path.TrimStart('/') + "/report");
        await anton.See("Closed in time");
        await anton.See($"{committed} committed, {rejected} rejected");
        await Assertions.Expect(anton.Page.GetByText(new Regex("1 held, 0 in doubt, [0-9]+ left"))).ToBeVisibleAsync();
        Clean();
    }

    [Fact]
    public async Task A_night_that_goes_back_in_the_middle_leaves_the_databases_as_they_were_and_returns_what_was_committed()
    {
        var night = new Night(olga, anton, "Friday night");
        await Begin(night);
        var desk = new Desk(anton);
        await desk.Open(atLeast: 5);
        await desk.Commit();
        await desk.Commit();
        await night.RolledBack();
        await anton.Open("queue");
        await anton.See("0 committed");
        await night.LetInAndClosed();
        await night.HappenedOnce("started the window", "chose to roll back: interest looks wrong", "lets 100 % of the members in", "closed the window");
        await night.Stands(forum: "6", members: "4", waiting: "7, 8");
        await anton.Page.GotoAsync(night.Path.TrimStart('/') + "/report");
        await anton.See("Rolled back");
        await anton.See("0 committed, 0 rejected");
        Clean();
    }

    private static async Task Begin(Night night)
    {
        await night.PlanToLatest();
        await night.Approved();
        await night.Started();
        await night.UntilReviewing();
    }

    private void Clean() => Assert.Empty(olga.Faults.Concat(anton.Faults));

    public async ValueTask DisposeAsync()
    {
        if (olga is not null) { await olga.DisposeAsync(); }
        if (anton is not null) { await anton.DisposeAsync(); }
        await console.DisposeAsync();
    }
}
