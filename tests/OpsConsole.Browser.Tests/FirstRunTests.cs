using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The first minutes of a newcomer: the link in the log makes the administrator, who lets a crew in.</summary>
public sealed class FirstRunTests(Chromium chromium)
{
    [Fact]
    public async Task The_link_in_the_log_makes_the_administrator_once_and_a_crew_comes_in_by_links()
    {
        await using var console = new SampleConsole();
        await console.Start();
        var link = await console.FirstLink();
        await using var ada = await chromium.Person(console, "ada");
        await ada.Page.GotoAsync("");
        await ada.See(ada.Link("Add a crew to try it with"));

        await ada.Page.GotoAsync(link);
        await ada.Field("Name").FillAsync("ada");
        await ada.Field("Password").FillAsync(SampleConsole.Password);
        await ada.Button("Make the administrator").DblClickAsync();
        await ada.See("Nothing runs");
        await ada.Page.GotoAsync(link);
        await ada.See("This link does not open");

        await ada.Open("people");
        await ada.Link("Add a crew").ClickAsync();
        await ada.Button("Add a crew").ClickAsync();
        var roles = new[] { "operator", "approver", "reviewer" };
        var links = new Dictionary<string, string>();
        foreach (var role in roles) { links[role] = (await ada.Link($"Come in as {role}").GetAttributeAsync("href"))!; }
        foreach (var role in roles)
        {
            await using var newcomer = await chromium.Person(console, role);
            await newcomer.Page.GotoAsync(links[role]);
            await newcomer.See($"Come in as {role}");
            await newcomer.Page.GetByLabel(new Regex("^Password")).FillAsync(SampleConsole.Password);
            await newcomer.Button("Come in").ClickAsync();
            await newcomer.See("Nothing runs");
            await newcomer.Live();
            await newcomer.Page.GotoAsync(links[role]);
            await newcomer.See("This link does not open");
            Assert.Empty(newcomer.Faults);
        }
        await ada.Open("people");
        foreach (var role in roles) { await Assertions.Expect(ada.Page.GetByRole(AriaRole.Cell, new() { Name = role, Exact = true })).ToBeVisibleAsync(); }
        Assert.Empty(ada.Faults);
    }

    [Fact]
    public async Task An_open_page_finds_a_console_that_was_killed_and_started_again()
    {
        await using var console = new SampleConsole();
        await console.Start();
        await console.AddPerson("olga", "Operator");
        await using var olga = await chromium.Person(console, "olga");
        await olga.SignIn();
        await olga.Open("gates");
        await olga.May(olga.Button("Freeze logins of forum"));
        await console.KillAndStart();
        // Loaded anew: the mark that is set on the old document is gone, and the page is live.
        await Assertions.Expect(olga.Page.Locator("body.is-stale")).ToHaveCountAsync(0, new() { Timeout = 90_000 });
        await olga.Live();
        await olga.Button("Freeze logins of forum").ClickAsync();
        await olga.See(olga.Page.GetByRole(AriaRole.Dialog));
        await Assertions.Expect(olga.Page.Locator("#ask-reason")).ToBeFocusedAsync();
        await olga.Page.Keyboard.TypeAsync("wait, c");
        await Assertions.Expect(olga.Page.Locator("#ask-reason")).ToHaveValueAsync("wait, c");
    }
}
