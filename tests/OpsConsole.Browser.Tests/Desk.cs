using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The review desk, by keyboard. What is on it is read in one go: between two questions it may have gone on.</summary>
public sealed class Desk(Person reviewer)
{
    // A person reads before the next key; letters are deaf for less than this after something new has come up.
    private const int ReadMs = 450, LookEveryMs = 50, Looks = 600;

    /// <param name="Id">of the one that is shown; empty: none</param>
    /// <param name="May">verb of the first button, where it can be pressed: its preview is drawn and the rules allow it</param>
    private sealed record Sight(string Id, string? May, bool Empty, bool Asked, bool Stale, int Decided, int Of);

    private const string See = """
        () => {
          const bar = document.querySelector('.desk-progress svg')?.getAttribute('aria-label')?.match(/^([0-9]+) of ([0-9]+) decided$/);
          const first = document.querySelector('.acts .btn-primary');
          return JSON.stringify({
            Id: document.querySelector('[data-subject]')?.dataset.subject ?? '',
            May: first && !first.disabled ? first.textContent.trim().split(' ')[0] : null,
            Empty: document.querySelector('.state-empty .state-title')?.textContent.trim() === 'Queue is empty',
            Asked: document.querySelector('[role=dialog]') !== null, Stale: document.body.classList.contains('is-stale'),
            Decided: Number(bar?.[1] ?? -1), Of: Number(bar?.[2] ?? -1) });
        }
        """;

    private async Task<Sight> Look() => JsonSerializer.Deserialize<Sight>(await reviewer.Page.EvaluateAsync<string>(See))!;

    private async Task<Sight> Until(Func<Sight, bool> goal, string what)
    {
        for (var looks = 0; ; looks++)
        {
            var seen = await Look();
            if (goal(seen)) { return seen; }
            Assert.True(looks < Looks, $"{what}: {seen}\n{await reviewer.Page.Locator("main").InnerTextAsync()}");
            await Task.Delay(LookEveryMs);
        }
    }

    public async Task Open(int atLeast = 1)
    {
        await reviewer.Open("queue");
        for (var tries = 0; (await Look()).Of < atLeast; tries++)
        {
            Assert.True(tries < 240, $"the members did not start {atLeast} transactions");
            await Task.Delay(250);
        }
    }

    /// <summary>The figure beside a word under the bar: committed, rejected, held, waiting.</summary>
    public async Task<int> Count(string word) =>
        int.Parse((await reviewer.Page.GetByText(new Regex($"^[0-9]+ {word}$")).First.InnerTextAsync()).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Two people decide all that can be: who approves an amount above the limit leaves the commit to the other. What waits behind a held one of its account stays,
    /// and so may what a member starts while the last one is being decided.
    /// </summary>
    public static async Task Clear(Desk one, Desk other)
    {
        for (var rounds = 0; await one.Work() + await other.Work() > 0; rounds++) { Assert.True(rounds < 20, "the desk does not come to an end"); }
    }

    /// <summary>Decides all that this person can; how many that were.</summary>
    private async Task<int> Work()
    {
        await reviewer.Open("queue");
        var passed = new HashSet<string>();
        for (var decided = 0; decided < 500;)
        {
            var seen = await Decidable();
            if (seen.Empty || (seen.May is null && !passed.Add(seen.Id))) { return decided; }
            if (seen.May is null) { await Next(seen); continue; }
            if (seen.May is "Commit") { await Commit(seen); } else { await Approve(seen); }
            passed.Clear();
            decided++;
        }
        Assert.Fail("the desk does not come to an end");
        return 0;
    }

    // The button is there before it can be pressed: the preview is drawn first. One that waits for another never can.
    private async Task<Sight> Decidable()
    {
        var seen = await Look();
        for (var looks = 0; looks < 20 && seen is { May: null, Empty: false }; looks++)
        {
            await Task.Delay(LookEveryMs);
            seen = await Look();
        }
        return seen;
    }

    private async Task Next(Sight seen)
    {
        await Task.Delay(ReadMs);
        await reviewer.Page.Keyboard.PressAsync("j");
        for (var looks = 0; looks < 40 && (await Look()).Id == seen.Id; looks++) { await Task.Delay(LookEveryMs); }
    }

    /// <summary>Commits one that this person can decide alone.</summary>
    public async Task Commit() => await Commit(await Wanted("Commit"));

    // Both in one go and only while that one is shown: a press that comes here late would be meant for the next.
    private Task Press(string key, string id, int times) => reviewer.Page.EvaluateAsync("""
        ([key, id, times]) => {
          if (document.querySelector('[data-subject]')?.dataset.subject !== id) return;
          for (let n = 0; n < times; n++) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        }
        """, new object[] { key, id, times });

    /// <summary>The key goes down twice, and one is decided, whatever comes up next.</summary>
    private async Task Commit(Sight before)
    {
        await Task.Delay(ReadMs);
        await Press("c", before.Id, times: 2);
        for (var looks = 1; ; looks++)
        {
            var seen = await Look();
            if (seen.Decided > before.Decided && seen.Id != before.Id)
            {
                Assert.Equal(before.Decided + 1, seen.Decided);
                return;
            }
            // Above the limit it asks, and may want a fresh proof.
            if (seen.Asked) { await reviewer.Answer(await Question().InnerTextAsync()); }
            // A press on a lost link, or one on a preview that had changed, does nothing and is made again.
            else if (looks % 60 == 0 && seen.Id == before.Id && seen.May is "Commit") { await Press("c", before.Id, times: 1); }
            Assert.True(looks < Looks, $"one was to be decided beyond {before}: {seen}\n{await reviewer.Page.Locator("main").InnerTextAsync()}");
            await Task.Delay(LookEveryMs);
        }
    }

    private async Task Approve(Sight before)
    {
        await Task.Delay(ReadMs);
        await reviewer.Page.Keyboard.PressAsync("a");
        await Until(seen => seen.Id != before.Id || seen.May != "Approve", "an approval was to be given");
    }

    public async Task Reject(string reason)
    {
        var before = await Wanted("Commit");
        await Ask("r", "Reject ", reason);
        await Until(seen => seen.Decided == before.Decided + 1, "one was to be rejected");
    }

    public async Task Hold(string reason)
    {
        var held = await Count("held");
        await Wanted("Commit");
        await Ask("h", "Hold ", reason);
        await Assertions.Expect(reviewer.Page.GetByText($"{held + 1} held", new() { Exact = true }).First).ToBeVisibleAsync();
    }

    // Goes on to one that this person can decide alone.
    private async Task<Sight> Wanted(string verb)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            var seen = await Decidable();
            if (seen.May == verb) { return seen; }
            await Next(seen);
        }
        Assert.Fail($"there is nothing on the desk to {verb}");
        return null!;
    }

    private ILocator Question() => reviewer.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button).First;

    private async Task Ask(string key, string verb, string reason)
    {
        for (var tries = 0; !(await Look()).Asked; tries++)
        {
            Assert.True(tries < 10, $"{key} asks nothing");
            await Task.Delay(ReadMs);
            await reviewer.Page.Keyboard.PressAsync(key);
            for (var looks = 0; looks < 40 && !(await Look()).Asked; looks++) { await Task.Delay(LookEveryMs); }
        }
        Assert.StartsWith(verb, await Question().InnerTextAsync(), StringComparison.Ordinal);
        await reviewer.Answer(await Question().InnerTextAsync(), reason);
    }
}
