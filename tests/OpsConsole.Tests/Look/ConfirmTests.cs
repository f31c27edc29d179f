using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Look;

public sealed class ConfirmTests : LookContext
{
    private static readonly ConfirmQuestion Question = new("Roll back forum and members?", "Roll back 2 databases", "Stay at forum 8 and members 6",
        [new("forum", "8 → 6"), new("lost", "nothing", Strong: true)])
    { ReasonNeeded = true, TypeName = "November upgrade", StepUp = true };

    private (IRenderedComponent<MudDialogProvider> Shown, Task<ConfirmAnswer?> Answer) Ask(ConfirmQuestion question, Func<string, Task<bool>>? prove = null)
    {
        Render<MudPopoverProvider>();
        var shown = Render<MudDialogProvider>();
        Task<ConfirmAnswer?>? answer = null;
        shown.InvokeAsync(() => { answer = Services.GetRequiredService<IDialogService>().AskAsync(question, prove); });
        shown.WaitForElement(".btn-danger-solid, .btn-primary");
        return (shown, answer!);
    }

    [Fact]
    public async Task A_second_press_while_the_question_is_open_asks_nothing_and_is_a_no()
    {
        var (shown, first) = Ask(Question);
        Assert.Null(await shown.InvokeAsync(() => Services.GetRequiredService<IDialogService>().AskAsync(Question)));
        Assert.Single(shown.FindAll("[role=dialog]"));
        await shown.FindAll(".ask-acts button")[1].ClickAsync(new());
        Assert.Null(await first);
        var again = shown.InvokeAsync(() => Services.GetRequiredService<IDialogService>().AskAsync(Question));
        shown.WaitForElement("[role=dialog]");
        Assert.False(again.IsCompleted);
    }

    [Fact]
    public void The_question_says_what_changes_and_names_both_ways_out()
    {
        var (shown, _) = Ask(Question);
        Assert.Equal("Roll back forum and members?", shown.Find("h2").TextContent);
        Assert.Contains("8 → 6", shown.Markup, StringComparison.Ordinal);
        Assert.Equal(["Roll back 2 databases", "Stay at forum 8 and members 6"], shown.FindAll(".ask-acts button").Select(b => b.TextContent));
        JSInterop.VerifyFocusAsyncInvoke();
    }

    [Fact]
    public async Task It_cannot_be_pressed_until_reason_name_and_proof_are_there()
    {
        var (shown, answer) = Ask(Question);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(shown.Find(".btn-danger-solid").HasAttribute("disabled"));
        shown.Find("#ask-reason").Input("totals differ");
        Assert.Equal("The name November upgrade has to be typed.", shown.Find(".why").TextContent);
        shown.Find("#ask-name").Input("november upgrade");
        Assert.True(shown.Find(".btn-danger-solid").HasAttribute("disabled"));
        shown.Find("#ask-name").Input("November upgrade");
        shown.Find("#ask-proof").Input("123456");
        shown.Find(".btn-danger-solid").Click();
        Assert.Equal(new ConfirmAnswer("totals differ"), await answer);
    }

    [Fact]
    public async Task What_is_typed_goes_into_the_reason_and_Enter_says_yes_to_what_destroys_nothing()
    {
        var (shown, answer) = Ask(new("Hold it?", "Hold deposit", "Leave it", []) { Danger = false, ReasonNeeded = true });
        JSInterop.VerifyFocusAsyncInvoke().Arguments[0].ShouldBeElementReferenceTo(shown.Find("#ask-reason"));
        Clock.Advance(TimeSpan.FromSeconds(2));
        await shown.Find("#ask-reason").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        Assert.False(answer.IsCompleted);
        shown.Find("#ask-reason").Input("wait, call him");
        await shown.Find("#ask-reason").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        Assert.Equal(new ConfirmAnswer("wait, call him"), await answer);
    }

    [Fact]
    public async Task Enter_never_says_yes_to_what_destroys_it_leads_to_the_button()
    {
        var (shown, answer) = Ask(new("Reject it?", "Reject deposit", "It stays in the queue", []) { ReasonNeeded = true });
        Clock.Advance(TimeSpan.FromSeconds(2));
        shown.Find("#ask-reason").Input("sent twice");
        await shown.Find("#ask-reason").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        Assert.False(answer.IsCompleted);
        Assert.True(shown.Find(".btn-danger-solid").HasAttribute("data-no-enter"));
        JSInterop.VerifyFocusAsyncInvoke(2);
    }

    [Fact]
    public async Task A_wrong_password_keeps_the_question_and_what_was_typed_beside_it()
    {
        var (shown, answer) = Ask(Question with { TypeName = null }, password => Task.FromResult(password == "right"));
        Clock.Advance(TimeSpan.FromSeconds(2));
        shown.Find("#ask-reason").Input("totals differ");
        shown.Find("#ask-proof").Input("wrong");
        await shown.Find(".btn-danger-solid").ClickAsync(new());
        Assert.False(answer.IsCompleted);
        Assert.Contains("That was not your password", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromSeconds(2));
        shown.Find("#ask-proof").Input("right");
        await shown.Find(".btn-danger-solid").ClickAsync(new());
        Assert.Equal(new ConfirmAnswer("totals differ"), await answer);
    }

    [Fact]
    public async Task A_press_right_after_the_opening_is_ignored_because_it_was_meant_for_something_else()
    {
        var (shown, answer) = Ask(Question with { ReasonNeeded = false, TypeName = null, StepUp = false });
        shown.Find(".btn-danger-solid").Click();
        Assert.False(answer.IsCompleted);
        Clock.Advance(TimeSpan.FromMilliseconds(601));
        shown.Find(".btn-danger-solid").Click();
        Assert.Equal(new ConfirmAnswer(null), await answer);
    }

    [Fact]
    public async Task Staying_gives_no_answer()
    {
        var (shown, answer) = Ask(Question);
        shown.FindAll(".ask-acts button")[1].Click();
        Assert.Null(await answer);
    }
}
