using Microsoft.Extensions.DependencyInjection;
using Microsoft.AspNetCore.Components;
using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using OpsConsole.Features.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

/// <summary>What an operator does on the page of a window, with tired hands.</summary>
public sealed class RunPageNightTests : WindowPageContext
{
    // A press sooner than this after the question opened is ignored.
    private static readonly TimeSpan Read = TimeSpan.FromMilliseconds(700);

    [Fact]
    public async Task Before_an_approval_every_lamp_says_what_was_found()
    {
        await using var house = await House("Ruth", Roles.Approver);
        var page = Show(await house.Make(), "as planned, 3 scripts by SHA-256");
        Assert.Contains("Possible", page.Find(".verdict").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 of 2", page.Markup, StringComparison.Ordinal);
        Assert.Contains("the server's disk cannot be seen from here", page.Markup, StringComparison.Ordinal);
        Assert.False(Button(page, "approve").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_script_that_is_no_longer_the_planned_one_is_seen_before_anybody_presses()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Approved();
        house.Forum.Rewrite("7");
        var page = Show(window, "Not as planned");
        Assert.Contains("not what was planned: change the window", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_press_while_the_first_is_asked_opens_no_second_question()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Show(await house.Driven(), "If you go back now");
        var questions = Questions();
        var first = Button(page, "rollback").ClickAsync(new());
        questions.WaitForElement(".ask-acts");
        await Button(page, "rollback").ClickAsync(new());
        Assert.Single(questions.FindAll(".ask-acts"));
        await questions.FindAll(".ask-acts button")[1].ClickAsync(new());
        await first;
        Assert.Equal("reviewing", (await house.Windows.One(WindowHouse.Vera, (await Only(house)).Id, CancellationToken.None)).Value!.Status);
    }

    [Fact]
    public async Task A_rollback_asks_for_the_name_and_a_reason_and_what_is_safe_has_the_focus()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var page = Show(await house.Driven(), "If you go back now");
        var questions = Questions();
        var asked = Button(page, "rollback").ClickAsync(new());
        questions.WaitForElement(".ask-acts");
        Assert.Contains("Type November upgrade to go on", questions.Markup, StringComparison.Ordinal);
        Assert.True(questions.Find(".btn-danger-solid").HasAttribute("disabled"));
        JSInterop.VerifyFocusAsyncInvoke();
        await questions.FindAll(".ask-acts button")[1].ClickAsync(new());
        await asked;
    }

    [Fact]
    public async Task A_task_takes_a_note_and_the_note_stands_in_the_log()
    {
        await using var house = await HouseWith([new PlannedTask("Deploy forum 7", "release", "Operator", "Deploy forum 6")], "Rosa", Roles.Operator);
        var window = await house.Driven();
        var page = Show(window, "Next for you");
        var questions = Questions();
        var done = page.Find($"[data-verb='steps/{window.Task!.Number}/done']");
        Assert.Equal($"Task {window.Task.Number} is done", done.TextContent);
        var asked = done.ClickAsync(new());
        questions.WaitForElement(".ask-acts");
        Assert.Contains("Deploy forum 6", questions.Markup, StringComparison.Ordinal);
        await questions.Find("#ask-reason").InputAsync("web1 to web3, seen at 7");
        await Task.Delay(Read, CancellationToken.None);
        await questions.FindAll(".ask-acts button")[0].ClickAsync(new());
        await asked;
        page.WaitForAssertion(() => Assert.Contains($"did task {window.Task.Number}: web1 to web3, seen at 7", page.Find(".log-box").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_is_moved_by_a_quick_choice_and_a_reason()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Driven();
        var page = Show(window, "Next for you");
        var questions = Questions();
        var asked = Button(page, "extend").ClickAsync(new());
        questions.WaitForElement(".ask-acts");
        await questions.FindAll(".row-s button")[1].ClickAsync(new());
        await questions.Find("#ask-reason").InputAsync("the index takes longer");
        await Task.Delay(Read, CancellationToken.None);
        await questions.FindAll(".ask-acts button")[0].ClickAsync(new());
        await asked;
        var after = (await house.Windows.One(WindowHouse.Vera, window.Id, CancellationToken.None)).Value!;
        Assert.Equal(window.ClosesAt!.Value.AddHours(1), after.ClosesAt);
        Assert.Contains("extended it: the index takes longer", page.Find(".log-box").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_window_that_has_not_started_is_renamed_where_it_stands()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Approved();
        var page = Show(window, "Ready to start");
        await Button(page, "change").ClickAsync(new());
        Assert.True(Button(page, "save-change").HasAttribute("disabled"));
        await page.Find("#change-name").InputAsync("December upgrade");
        await Button(page, "save-change").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("Approval void", page.Markup, StringComparison.Ordinal));
        Assert.Equal("December upgrade", (await Only(house)).Name);
        Assert.Empty(page.FindAll("#change-name"));
    }

    [Fact]
    public async Task A_step_opens_to_its_own_log_and_what_was_found_in_it()
    {
        await using var house = await House("Vera");
        var page = Show(await house.Driven(), "Next for you");
        await page.FindAll("button.row-open.name")[3].ClickAsync(new());
        var opened = page.Find(".step-log").TextContent;
        Assert.Contains("Checkpoint forum + members done in", opened, StringComparison.Ordinal);
        Assert.Contains("fingerprint", opened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_follows_until_it_is_told_to_hold_still_and_then_counts_what_is_newer()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Driven();
        var page = Show(window, "Follows, newest first");
        await page.Find(".run-log .aside button").ClickAsync(new());
        await house.Must(WindowHouse.Rosa, window.Id, "note", new VerbBody(Text: "called the bank"));
        page.WaitForAssertion(() => Assert.Contains("Holds still, 1 newer", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("called the bank", page.Find(".log-box").TextContent, StringComparison.Ordinal);
        await page.Find(".run-log .aside button").ClickAsync(new());
        Assert.Contains("called the bank", page.Find(".log-box .is-note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_review_what_is_missed_is_listed_and_finalize_is_not_the_first_thing_to_press()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var view = await house.Driven() with { Undecided = new FinalizeFacts(2, 0, 0, 0, 1) };
        var panel = Render<NextPanel>(p => p.Add(n => n.View, view).Add(n => n.Actor, WindowHouse.Rosa).Add(n => n.Press, _ => Task.CompletedTask).Add(n => n.Share, _ => Task.CompletedTask)
            .Add(n => n.StillOpen, [new StillOpen("daily-interest", new DateTimeOffset(2026, 11, 17, 0, 0, 0, TimeSpan.Zero), "missed", "schedules")]));
        Assert.Contains("daily-interest", panel.Find(".sub-line").TextContent, StringComparison.Ordinal);
        Assert.Contains("Open the queue, 2 left", panel.Find(".btn-primary").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("btn-primary", panel.Find("[data-verb=finalize]").ClassName, StringComparison.Ordinal);
        Assert.Contains("asks for the reason", panel.Markup, StringComparison.Ordinal);
        Assert.True(WindowQuestions.For("finalize", view, WindowHouse.Rosa, DateTimeOffset.UnixEpoch)!.ReasonNeeded);
    }

    [Theory]
    [InlineData("rolledBack")]
    [InlineData("finalized")]
    [InlineData("thawing")]
    [InlineData("closed")]
    public async Task What_is_undecided_is_named_as_long_as_it_waits_and_in_the_questions_that_let_members_in(string status)
    {
        await using var house = await House("Rosa", Roles.Operator);
        var view = await house.Driven() with { Status = status, Undecided = new FinalizeFacts(2, 1, 0, 0, 0) };
        var panel = Render<NextPanel>(p => p.Add(n => n.View, view).Add(n => n.Actor, WindowHouse.Rosa).Add(n => n.Press, _ => Task.CompletedTask).Add(n => n.Share, _ => Task.CompletedTask));
        Assert.Contains("Open the queue, 3 left", panel.Markup, StringComparison.Ordinal);
        foreach (var verb in new[] { "thaw", "close" })
        {
            Assert.Contains(WindowQuestions.For(verb, view, WindowHouse.Rosa, DateTimeOffset.UnixEpoch, 100)!.Facts, f => f is { Label: "Still undecided", Value: "3 in the queue" });
        }
    }

    [Theory]
    [InlineData(1L, "3 rows that staff wrote in the trial")]
    [InlineData(null, "what staff wrote in the trial, how much is unknown")]
    public async Task After_a_trial_the_way_back_names_the_rows_that_staff_wrote_and_says_unknown_where_nobody_knows(long? members, string words)
    {
        await using var house = await House("Rosa", Roles.Operator);
        (house.Forum.StaffWrote, house.Members.StaffWrote) = (2, members);
        var window = await house.Driven();
        Assert.Equal(0, window.WayBack.Loses.StaffRows);
        await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: true));
        var page = Show(await house.Drive(window.Id), words);
        Assert.DoesNotContain(page.FindAll(".run-back dd"), d => d.TextContent.Trim() == "nothing");
        var view = await Only(house);
        Assert.Equal(2 + members, view.WayBack.Loses.StaffRows);
        Assert.Contains(WindowQuestions.For("rollback", view, WindowHouse.Rosa, DateTimeOffset.UnixEpoch)!.Facts, f => f.Label == "Loses" && f.Value == words);
    }

    [Fact]
    public async Task Whoever_is_led_here_to_finalize_is_asked_at_once_and_nothing_is_done_by_that()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Driven();
        var dialogs = Questions();
        Services.GetRequiredService<NavigationManager>().NavigateTo($"windows/{window.Id}?ask=finalize");
        Render<RunPage>(p => p.Add(r => r.Id, window.Id));
        dialogs.WaitForAssertion(() => Assert.Contains("Finalize November upgrade?", dialogs.Markup, StringComparison.Ordinal));
        Assert.Equal("reviewing", (await Only(house)).Status);
    }

    private IRenderedComponent<MudDialogProvider> Questions()
    {
        Render<MudPopoverProvider>();
        return Render<MudDialogProvider>();
    }

    private static async Task<WindowView> Only(WindowHouse house) =>
        (await house.Windows.One(WindowHouse.Vera, Assert.Single((await house.Windows.List(WindowHouse.Vera, CancellationToken.None)).Value!).Id, CancellationToken.None)).Value!;

    private IRenderedComponent<RunPage> Show(WindowView window, string until)
    {
        var page = Render<RunPage>(p => p.Add(r => r.Id, window.Id));
        page.WaitForAssertion(() => Assert.Contains(until, page.Markup, StringComparison.Ordinal));
        return page;
    }

    private static IElement Button(IRenderedComponent<RunPage> page, string verb) => page.Find($"[data-verb={verb}]");
}

/// <summary>The same page, three hours later than the house.</summary>
public sealed class RunPageLateTests : WindowPageContext
{
    protected override TimeProvider Clock { get; } = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(3));

    [Fact]
    public async Task Past_its_end_the_page_says_so_and_that_nothing_happens_by_itself()
    {
        await using var house = await House("Rosa", Roles.Operator);
        var window = await house.Driven();
        var page = Render<RunPage>(p => p.Add(r => r.Id, window.Id));
        page.WaitForAssertion(() => Assert.Contains("Nothing happens by itself", page.Find(".run-band").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.Contains("too late for this window", page.Find(".gauge").TextContent, StringComparison.Ordinal);
        Assert.False(page.Find("[data-verb=extend]").HasAttribute("disabled"));
    }
}
