using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The review desk, by keyboard.</summary>
public sealed partial class Desk(Person reviewer)
{
    private ILocator Progress => reviewer.Page.GetByRole(AriaRole.Img, new() { NameRegex = Words() });

    public async Task Open(int atLeast = 1)
    {
        await reviewer.Open("queue");
        for (var tries = 0; (await Figures()).Of < atLeast; tries++)
        {
            Assert.True(tries < 240, $"the members did not start {atLeast} transactions");
            await Task.Delay(250);
        }
    }

    /// <summary>How many are decided, of how many that were started.</summary>
    public async Task<(int Decided, int Of)> Figures()
    {
        var words = Words().Match((await Progress.GetAttributeAsync("aria-label"))!);
        return (int.Parse(words.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(words.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>The figure beside a word under the bar: committed, rejected, held, waiting.</summary>
    public async Task<int> Count(string word) =>
        int.Parse((await reviewer.Page.GetByText(new Regex($"^[0-9]+ {word}$")).First.InnerTextAsync()).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Two people decide all there is: who approves an amount above the limit leaves the commit to the other.</summary>
    public static async Task Clear(Desk one, Desk other)
    {
        for (var rounds = 0; !await one.Work(); rounds++)
        {
            Assert.True(rounds < 40, "the desk does not come to an end");
            await other.Work();
        }
    }

    /// <summary>Decides all that this person can; true: nothing is left on the desk.</summary>
    private async Task<bool> Work()
    {
        await reviewer.Open("queue");
        var empty = reviewer.Page.GetByText("Queue is empty", new() { Exact = true });
        for (var passed = 0; ;)
        {
            if (await empty.IsVisibleAsync()) { return true; }
            if (await Open(Committable())) { await CommitShown(); passed = 0; }
            else if (await Open(Approvable())) { await ApproveShown(); passed = 0; }
            else if (++passed > 70) { return false; }
            else { await reviewer.Page.Keyboard.PressAsync("j"); }
            var (decided, of) = await Figures();
            if (passed > of - decided + 1) { return false; }
        }
    }

    /// <summary>Commits one; the key is pressed twice, and one is decided.</summary>
    public async Task Commit()
    {
        await Skip(Committable());
        await CommitShown();
    }

    private async Task CommitShown()
    {
        var before = (await Figures()).Decided;
        await Read();
        await reviewer.Page.Keyboard.PressAsync("c");
        await reviewer.Page.Keyboard.PressAsync("c");
        await Decided(before + 1, answering: true);
    }

    private async Task ApproveShown()
    {
        await Read();
        await reviewer.Page.Keyboard.PressAsync("a");
        await Assertions.Expect(reviewer.Button(Approvable())).ToHaveCountAsync(0);
    }

    public async Task Reject(string reason)
    {
        await Skip(Committable());
        var before = (await Figures()).Decided;
        await Ask("r", "Reject ", reason);
        await Decided(before + 1);
    }

    public async Task Hold(string reason)
    {
        await Skip(Committable());
        var held = await Count("held");
        await Ask("h", "Hold ", reason);
        await Assertions.Expect(reviewer.Page.GetByText($"{held + 1} held", new() { Exact = true }).First).ToBeVisibleAsync();
    }

    // Goes on to one that this person can decide alone.
    private async Task Skip(Regex wanted)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            if (await Open(wanted)) { return; }
            await reviewer.Page.Keyboard.PressAsync("j");
        }
        Assert.Fail("there is nothing on the desk that can be decided");
    }

    // The button is there before it can be pressed: the preview is drawn first.
    private async Task<bool> Open(Regex wanted)
    {
        var button = reviewer.Button(wanted);
        for (var waited = 0; waited < 10; waited++)
        {
            // Read in one go: between two questions the desk may have gone on, and the button with it.
            var may = await button.EvaluateAllAsync<bool?>("all => all.length ? !all[0].disabled : null");
            if (may is null && waited > 2) { return false; }
            if (may is true) { return true; }
            await Task.Delay(60);
        }
        return false;
    }

    private ILocator Asked() => reviewer.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button).First;

    private async Task Ask(string key, string verb, string reason)
    {
        await Read();
        await reviewer.Page.Keyboard.PressAsync(key);
        await reviewer.See(Asked());
        Assert.StartsWith(verb, await Asked().InnerTextAsync(), StringComparison.Ordinal);
        await reviewer.Answer(await Asked().InnerTextAsync(), reason);
    }

    // Letters are deaf for a moment after something new has appeared.
    private static Task Read() => Task.Delay(450);

    private async Task Decided(int count, bool answering = false)
    {
        for (var tries = 0; (await Figures()).Decided < count; tries++)
        {
            // Above the limit it asks, and may want a fresh proof.
            if (answering && await Asked().IsVisibleAsync()) { await reviewer.Answer(await Asked().InnerTextAsync()); }
            Assert.True(tries < 400, $"{count} were to be decided: {await reviewer.Page.Locator("main").InnerTextAsync()}");
            await Task.Delay(100);
        }
        Assert.Equal(count, (await Figures()).Decided);
    }

    [GeneratedRegex("^([0-9]+) of ([0-9]+) decided$")]
    private static partial Regex Words();

    [GeneratedRegex("^Commit ")]
    private static partial Regex Committable();

    [GeneratedRegex("^Approve ")]
    private static partial Regex Approvable();
}
