using AngleSharp.Dom;
using Bunit;
using OpsConsole.Engines;
using OpsConsole.Features.Maintenance;
using OpsConsole.Ground.Access;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

/// <summary>What an operator sees of a window in each of its states.</summary>
public sealed class RunPageTests : WindowPageContext
{

    [Fact]
    public async Task Of_a_draft_its_digest_and_that_somebody_else_has_to_approve_it()
    {
        await using var house = await House("Rosa", Roles.Operator, Roles.Approver);
        var made = await house.Make();
        var page = Show(made, "Before you approve");
        Assert.Contains(made.Digest, page.Markup, StringComparison.Ordinal);
        Assert.True(Button(page, "approve").HasAttribute("disabled"));
        Assert.Contains("Rosa has made or changed this window", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_approved_window_the_button_that_starts_it()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Show(await house.Approved(), "Ready to start");
        Assert.False(Button(page, "start").HasAttribute("disabled"));
        Assert.Contains("Ruth", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-verb=rollback]"));
    }

    [Fact]
    public async Task Of_a_running_window_every_step_and_the_way_back_with_its_reason()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Started();
        var page = Show(window, "Next for you");
        Assert.Equal(window.Steps.Count, page.FindAll("tbody tr").Count);
        Assert.Contains("If you go back now", page.Markup, StringComparison.Ordinal);
        Assert.False(Button(page, "pause").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_press_on_pause_pauses_and_the_page_offers_to_go_on()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Show(await house.Started(), "Next for you");
        await Button(page, "pause").ClickAsync(new());
        page.WaitForAssertion(() => Assert.False(Button(page, "resume").HasAttribute("disabled")));
        Assert.Contains("halted before the next step", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_failed_step_the_words_of_the_server_and_the_numbered_choices_looking_again_first()
    {
        await using var house = await House("Rosa", Roles.Operator);
        house.Members.Refuses = "5";
        var page = Show(await house.Driven(), "What you can do");
        Assert.Contains("accounts_iban_uq", page.Find("[role=alert] pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("not done", page.Find(".findings").TextContent, StringComparison.Ordinal);
        Assert.Equal(["lookAgain", "retry", "rollback"], page.FindAll("[data-choice]").Select(b => b.GetAttribute("data-choice")!));
        Assert.Contains("A release began; the way back is the rollback.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_could_not_be_seen_is_called_unknown_and_cannot_be_repeated()
    {
        await using var house = await House("Rosa", Roles.Operator);
        (house.Members.Refuses, house.Members.Leaves) = ("5", Observed.Unknown);
        var page = Show(await house.Driven(), "What you can do");
        Assert.Contains("may or may not be there", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("[data-choice]"), b => b.GetAttribute("data-choice") == "retry");
        await page.Find("[data-choice=lookAgain]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("Looked again", page.Markup, StringComparison.Ordinal));
        house.Members.Leaves = Observed.NotDone;
        await page.Find("[data-choice=lookAgain]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-choice=retry]")));
    }

    [Fact]
    public async Task In_review_what_is_undecided_and_the_two_ways_out()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Show(await house.Driven(), "to decide");
        Assert.False(Button(page, "finalize").HasAttribute("disabled"));
        Assert.False(Button(page, "rollback").HasAttribute("disabled"));
        Assert.Contains("Roll back forum and members", Button(page, "rollback").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_rollback_that_it_is_proven_and_that_staff_come_first()
    {
        await using var house = await House("Rosa", Roles.Operator);
        house.Members.Refuses = "5";
        var window = await house.Driven();
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "a duplicate"));
        var page = Show(await house.Drive(window.Id), "proven by its content");
        Assert.Contains("btn-primary", page.Find("[data-share='0']").ClassName, StringComparison.Ordinal);
        Assert.Contains("The rollback was chosen by Rosa", page.Markup, StringComparison.Ordinal);
        Assert.True(Button(page, "close").HasAttribute("disabled"));
        Assert.Contains("steps were not reached", page.Find(".run-steps").TextContent, StringComparison.Ordinal);
        var names = page.FindAll(".run-steps .name").Select(n => n.TextContent).ToList();
        Assert.True(names.IndexOf("Prove") < names.IndexOf("Thaw"));
        Assert.Empty(page.FindAll("[data-verb=rollback]"));
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_presses_nothing()
    {
        await using var house = await House("Vera");
        var page = Show(await house.Driven(), "If you go back now");
        Assert.All(page.FindAll("button.btn"), b => Assert.True(b.HasAttribute("disabled")));
        Assert.Contains("Roll a window back is for: Operator", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_window_that_is_not_there_that_it_is_not()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Render<RunPage>(p => p.Add(r => r.Id, "none"));
        page.WaitForAssertion(() => Assert.Contains("There is no window none.", page.Markup, StringComparison.Ordinal));
    }

    private IRenderedComponent<RunPage> Show(WindowView window, string until)
    {
        var page = Render<RunPage>(p => p.Add(r => r.Id, window.Id));
        page.WaitForAssertion(() => Assert.Contains(until, page.Markup, StringComparison.Ordinal));
        return page;
    }

    private static IElement Button(IRenderedComponent<RunPage> page, string verb) => page.Find($"[data-verb={verb}]");
}
