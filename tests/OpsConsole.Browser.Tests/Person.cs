using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>
/// Somebody in front of the console. Finds things by what is to be read on them, and notes everything that a page does wrong: words in the browser's console, a request to another host,
/// a page whose policy lets foreign or inline script run.
/// </summary>
public sealed class Person : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> faults = [];
    private readonly IBrowserContext context;
    private int documents;

    public Person(string name, Uri console, IBrowserContext context, IPage page)
    {
        (Name, Page, this.context) = (name, page, context);
        page.Console += (_, said) => { if (said.Type == "error") { faults.Enqueue($"{page.Url} console: {said.Text}"); } };
        page.PageError += (_, fault) => faults.Enqueue($"{page.Url} script: {fault}");
        context.Request += (_, asked) =>
        {
            var to = new Uri(asked.Url);
            if (to.Scheme is "http" or "https" or "ws" or "wss" && to.Authority != console.Authority) { faults.Enqueue($"{page.Url} asks {asked.Url}"); }
        };
        context.Response += (_, answer) =>
        {
            if (answer.Request.ResourceType != "document" || new Uri(answer.Url).Authority != console.Authority) { return; }
            Interlocked.Increment(ref documents);
            var policy = answer.Headers.GetValueOrDefault("content-security-policy") ?? "";
            var scripts = Directive(policy, "script-src") ?? Directive(policy, "default-src");
            if (scripts is null || scripts.Contains("unsafe-inline", StringComparison.Ordinal) || scripts.Contains("unsafe-eval", StringComparison.Ordinal) || scripts.Contains('*'))
            {
                faults.Enqueue($"{answer.Url} has the policy '{policy}'");
            }
        };
    }

    public string Name { get; }
    public IPage Page { get; }
    public IReadOnlyList<string> Faults => [.. faults];
    /// <summary>How many pages were answered, each of them with its policy looked at.</summary>
    public int Documents => documents;

    public async Task SignIn()
    {
        await Page.GotoAsync("account/sign-in");
        await Page.GetByLabel("Name").FillAsync(Name);
        await Page.GetByLabel("Password").FillAsync(SampleConsole.Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(u => !u.Contains("sign-in", StringComparison.Ordinal));
        await Live();
    }

    public async Task Open(string path)
    {
        await Page.GotoAsync(path.TrimStart('/'));
        await Live();
    }

    public async Task Reload()
    {
        await Page.ReloadAsync();
        await Live();
    }

    /// <summary>Waits until the page answers: it is drawn once by the server before its buttons do anything. A page without a beat is no live one.</summary>
    public async Task Live()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await Page.WaitForLoadStateAsync();
                var drawn = await Page.Locator("[data-beat]").EvaluateAllAsync<string?>("all => all.length ? all[0].dataset.beat : null");
                if (drawn is null) { return; }
                await Page.WaitForFunctionAsync("was => { const b = document.querySelector('[data-beat]'); return !b || b.dataset.beat !== was; }", drawn, new() { PollingInterval = 50 });
                return;
            }
            catch (PlaywrightException fault) when (tries < 20 && fault.Message.Contains("context was destroyed", StringComparison.Ordinal))
            {
                // Another document has come in the middle of the question: it is asked of that one.
                await Page.WaitForTimeoutAsync(100);
            }
        }
    }

    /// <summary>Waits until nothing is being loaded: no block that says so, and fonts that are there.</summary>
    public async Task Settled()
    {
        await Page.EvaluateAsync("() => document.fonts.ready.then(() => undefined)");
        await Assertions.Expect(Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
        await Page.WaitForTimeoutAsync(300);
    }

    public ILocator Button(string name, bool exact = true) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = exact });
    public ILocator Button(Regex name) => Page.GetByRole(AriaRole.Button, new() { NameRegex = name });
    public ILocator Link(string name, bool exact = true) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = exact });
    public ILocator Field(string label) => Page.GetByLabel(label);
    public ILocator Section(string heading) => Page.GetByRole(AriaRole.Region, new() { Name = heading, Exact = true });
    public ILocator Text(string words) => Page.GetByText(words);
    public Task See(string words, int seconds = 45) => See(Page.GetByText(words).First, seconds);
    public Task See(ILocator what, int seconds = 45) => Assertions.Expect(what).ToBeVisibleAsync(new() { Timeout = seconds * 1000 });
    public Task May(ILocator button, int seconds = 45) => Assertions.Expect(button).ToBeEnabledAsync(new() { Timeout = seconds * 1000 });

    /// <summary>Answers the question that has opened: fills in what it asks for, waits as long as it takes to read it, and presses twice, as nervous hands do.</summary>
    public async Task Answer(string press, string? reason = null, string? typed = null)
    {
        var question = Page.GetByRole(AriaRole.Dialog);
        await See(question);
        if (reason is not null && await question.Locator("#ask-reason").CountAsync() > 0) { await question.Locator("#ask-reason").FillAsync(reason); }
        if (typed is not null) { await question.GetByLabel($"Type {typed} to go on").FillAsync(typed); }
        var proof = question.Locator("input[type=password]");
        if (await proof.CountAsync() > 0) { await proof.FillAsync(SampleConsole.Password); }
        var button = question.GetByRole(AriaRole.Button, new() { Name = press, Exact = true });
        await May(button);
        for (var presses = 0; ; presses++)
        {
            await Page.WaitForTimeoutAsync(700);
            await Hit(button);
            if (await Gone(question)) { return; }
            // While the link is lost a press does nothing and the page says so: a person presses again.
            Assert.True(presses < 8, $"{press} was pressed, and its question stays");
        }
    }

    /// <summary>Presses twice, as nervous hands do; a button that goes with the first press is not waited for.</summary>
    private static async Task Hit(ILocator button)
    {
        try
        {
            await button.DblClickAsync(new() { Timeout = 5_000 });
        }
        catch (Exception fault) when (fault is TimeoutException or PlaywrightException)
        {
            // It has gone, or something lies over it: the next look tells.
        }
    }

    private async Task<bool> Gone(ILocator what)
    {
        for (var waited = 0; waited < 50; waited++)
        {
            if (await what.CountAsync() == 0) { return true; }
            await Page.WaitForTimeoutAsync(100);
        }
        return false;
    }

    private static string? Directive(string policy, string name) => policy.Split(';').Select(p => p.Trim()).FirstOrDefault(p => p.StartsWith(name + " ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
