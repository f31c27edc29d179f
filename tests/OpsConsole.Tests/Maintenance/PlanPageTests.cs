using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

public sealed class PlanPageTests : WindowPageContext
{

    [Fact]
    public async Task Without_a_wish_the_latest_of_each_is_planned_and_what_goes_together_is_said()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan");
        page.WaitForAssertion(() => Assert.Contains("Possible", page.Find(".verdict").TextContent, StringComparison.Ordinal));
        Assert.Contains("forum 5 → 7 and members 4 → 5", page.Find(".verdict").TextContent, StringComparison.Ordinal);
        Assert.Contains("together", page.Find("table.plan").TextContent, StringComparison.Ordinal);
        Assert.Equal(6, page.FindAll("table.matrix td:not(.matrix-corner)").Count);
        Assert.Empty(house.Forum.Calls);
    }

    [Fact]
    public async Task What_a_contract_forbids_is_not_possible_names_it_and_offers_the_nearest()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan?forum=7&members=4");
        page.WaitForAssertion(() => Assert.Contains("Not possible", page.Find(".verdict").TextContent, StringComparison.Ordinal));
        Assert.Contains("the wanted versions break it", page.Markup, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("table.plan .is-unreachable"));
        Assert.Empty(page.FindAll("[data-verb=make]"));
        await page.Find("[data-verb=nearest]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.DoesNotContain("Not possible", page.Find(".verdict").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_makes_the_window_and_opens_it()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan");
        page.WaitForAssertion(() => Assert.True(page.Find("[data-verb=make]").HasAttribute("disabled")));
        await page.Find("#name").InputAsync("November upgrade");
        await page.Find("[data-verb=make]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("windows/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
        Assert.Equal("November upgrade", Assert.Single((await house.Windows.List(WindowHouse.Vera, CancellationToken.None)).Value!).Name);
    }

    [Fact]
    public async Task The_verdict_names_the_contracts_and_every_script_its_hash_and_its_transaction()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan");
        page.WaitForAssertion(() => Assert.Contains("go together: forum ≥7 needs members ≥5", page.Find(".verdict-why").TextContent, StringComparison.Ordinal));
        Assert.Equal(3, page.FindAll(".hash[data-copy]").Count);
        Assert.Contains("in one", page.Markup, StringComparison.Ordinal);
        Assert.Contains("not rehearsed", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_phone_the_states_are_rows()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan");
        page.WaitForAssertion(() => Assert.Contains("Finalize", page.Find("table.plan-turned").TextContent, StringComparison.Ordinal));
        Assert.Equal(["Now", "1", "2", "After"], page.FindAll("table.plan-turned tbody th").Select(h => h.TextContent));
    }

    [Fact]
    public async Task A_window_that_ends_before_it_opens_is_not_made_and_the_page_says_why()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Plan("plan");
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("#opens")));
        await page.Find("#name").InputAsync("November upgrade");
        await page.Find("#opens").ChangeAsync("2999-11-17T03:30");
        await page.Find("#closes").ChangeAsync("2999-11-17T02:30");
        Assert.Contains("It ends before it opens.", page.Markup, StringComparison.Ordinal);
        Assert.True(page.Find("[data-verb=make]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Versions_of_a_window_are_changed_on_the_plan_and_its_approval_is_void()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Approved();
        var page = Plan($"plan?window={window.Id}&forum=6&members=4");
        page.WaitForAssertion(() => Assert.False(page.Find("[data-verb=change]").HasAttribute("disabled")));
        await page.Find("[data-verb=change]").ClickAsync(new());
        var after = (await house.Windows.One(WindowHouse.Vera, window.Id, CancellationToken.None)).Value!;
        Assert.Equal(("draft", "6"), (after.Status, after.To["forum"]));
        Assert.NotNull(Assert.Single(after.Approvals).VoidBecause);
    }

    [Fact]
    public async Task The_list_is_empty_before_the_first_window_and_names_it_afterwards()
    {
        await using var house = await House("Vera");
        var page = Render<WindowsPage>();
        page.WaitForAssertion(() => Assert.Contains("No window was ever planned", page.Markup, StringComparison.Ordinal));
        await house.Make();
        page.WaitForAssertion(() => Assert.Contains("November upgrade", page.Find("td a").TextContent, StringComparison.Ordinal));
        Assert.Contains("forum 5 → 7 and members 4 → 5", page.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("a[href=plan]"));
    }

    [Fact]
    public async Task The_board_says_in_one_sentence_what_is_next_and_leaves_what_runs_to_the_strip_and_its_four_facts()
    {
        await using var house = await House("Vera");
        IBoardLine board = new WindowNeeds(house.Windows, TimeProvider.System);
        Assert.Null(await board.Read(WindowHouse.Vera, CancellationToken.None));
        Assert.Null(await house.Strip.Read(CancellationToken.None));
        var window = await house.Driven();
        Assert.Equal("", await board.Read(WindowHouse.Vera, CancellationToken.None));
        var strip = (await house.Strip.Read(CancellationToken.None))!;
        Assert.Equal(("Review", Mark.Ok), (strip.Phase, strip.WayBack!.Mark));
        Assert.True(strip.TurnBackAt < window.ClosesAt);
        Assert.Equal(Mark.Frozen, Assert.Single(strip.Sites).Mark);
        Assert.NotNull(strip.Runway);
    }

    [Fact]
    public async Task While_a_database_of_the_group_is_silent_it_is_unknown_whether_one_can_go_back()
    {
        await using var house = await House("Vera");
        var window = await house.Driven();
        house.Forum.Silent = "connection refused";
        await house.Watch.Look(house.Forum, CancellationToken.None);
        var back = (await house.Strip.Read(CancellationToken.None))!.WayBack!;
        Assert.Equal((Mark.Unknown, "forum does not answer, and going back needs it"), (back.Mark, back.Text));
        house.Forum.Silent = null;
        await house.Watch.Look(house.Forum, CancellationToken.None);
        Assert.Equal(Mark.Ok, (await house.Strip.Read(CancellationToken.None))!.WayBack!.Mark);
        Assert.Null((await house.Windows.One(WindowHouse.Vera, window.Id, CancellationToken.None)).Value!.WayBack.DoubtedBecause);
    }

    private IRenderedComponent<PlanPage> Plan(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return Render<PlanPage>();
    }
}
