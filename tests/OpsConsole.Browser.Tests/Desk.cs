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

    /// <summary>Commits what is shown; the key is pressed twice, and one is decided.</summary>
    public async Task Commit()
    {
        await Skip(Committable());
        var before = (await Figures()).Decided;
        await Read();
        await reviewer.Page.Keyboard.PressAsync("c");
        await reviewer.Page.Keyboard.PressAsync("c");
        await Decided(before + 1);
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
        var held = await reviewer.Page.GetByText(HeldWords()).InnerTextAsync();
        await Ask("h", "Hold ", reason);
        await Assertions.Expect(reviewer.Page.GetByText(held, new() { Exact = true })).ToHaveCountAsync(0);
    }

    // Goes on to one that this person can decide alone.
    private async Task Skip(Regex wanted)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            var button = reviewer.Button(wanted);
            for (var waited = 0; waited < 8; waited++)
            {
                if (await button.CountAsync() == 1 && await button.IsEnabledAsync()) { return; }
                await Task.Delay(100);
            }
            await reviewer.Page.Keyboard.PressAsync("j");
        }
        Assert.Fail("there is nothing on the desk that can be decided");
    }

    private async Task Ask(string key, string verb, string reason)
    {
        await Read();
        await reviewer.Page.Keyboard.PressAsync(key);
        var button = reviewer.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^" + verb) });
        await reviewer.See(button);
        await reviewer.Answer(await button.InnerTextAsync(), reason);
    }

    // Letters are deaf for a moment after something new has appeared.
    private static Task Read() => Task.Delay(450);

    private async Task Decided(int count)
    {
        for (var tries = 0; (await Figures()).Decided < count; tries++)
        {
            Assert.True(tries < 100, $"{count} were to be decided: {await reviewer.Page.Locator("main").InnerTextAsync()}");
            await Task.Delay(100);
        }
        Assert.Equal(count, (await Figures()).Decided);
    }

    [GeneratedRegex("^([0-9]+) of ([0-9]+) decided$")]
    private static partial Regex Words();

    [GeneratedRegex("^[0-9]+ held$")]
    private static partial Regex HeldWords();

    [GeneratedRegex("^Commit ")]
    private static partial Regex Committable();
}
