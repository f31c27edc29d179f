using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>A maintenance night as two people live it, through the pages alone.</summary>
public sealed partial class Night(Person olga, Person anton, string name)
{
    public string Path { get; private set; } = "";

    public async Task PlanToLatest()
    {
        await olga.Open("plan");
        await olga.See("Possible");
        // Each choice is answered by its own plan, and what is made is what the boxes say.
        foreach (var version in new[] { "5", "6" })
        {
            await olga.Page.GetByLabel("members, now 4").SelectOptionAsync(version);
            await olga.See(olga.Page.Locator(".verdict").GetByText(new Regex($"forum 6 → 8 and members 4 → {version}$")));
        }
        await olga.Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        // The field asks in the viewer's own zone.
        var ends = TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow().AddHours(1), TimeZoneInfo.FindSystemTimeZoneById(Chromium.Zone));
        await olga.Page.GetByLabel(new Regex("^Ends, C")).FillAsync(ends.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await olga.May(olga.Button($"Make window {name}"));
        await olga.Button($"Make window {name}").DblClickAsync();
        await olga.Page.WaitForURLAsync(new Regex("/windows/[0-9a-f]+$"));
        Path = new Uri(olga.Page.Url).AbsolutePath;
        await olga.See(olga.Page.GetByText("needs a person who has neither made nor changed it"));
        await Assertions.Expect(olga.Button(Approve())).ToBeDisabledAsync();
    }

    public async Task Approved()
    {
        await anton.Open("windows");
        // Pressed twice, made once.
        var made = anton.Section("Windows").GetByRole(AriaRole.Link, new() { Name = name, Exact = true });
        await Assertions.Expect(made).ToHaveCountAsync(1);
        await made.ClickAsync();
        await anton.May(anton.Button(Approve()));
        await anton.Button(Approve()).DblClickAsync();
        await anton.Answer("Approve forum 8 and members 6");
        await anton.See($"{anton.Name}, ");
    }

    public async Task Started()
    {
        await olga.May(olga.Button($"Start {name}"));
        await olga.Button($"Start {name}").DblClickAsync();
        await olga.Answer($"Start {name}");
    }

    /// <summary>Until the group stands on its new versions and the desk is open. The page is loaded anew in the middle.</summary>
    public async Task UntilReviewing()
    {
        await olga.See("Next for you");
        await olga.Reload();
        var finalize = olga.Button($"Finalize {name}");
        await Until(finalize);
        await olga.May(finalize);
    }

    /// <summary>Ends the way back. What members started in the last second is left with a reason; it stays in the queue.</summary>
    public async Task Finalized()
    {
        await olga.Open(Path);
        var over = olga.Button("Let staff in");
        for (var tries = 0; ; tries++)
        {
            await olga.Button($"Finalize {name}").DblClickAsync();
            await olga.Answer($"Finalize {name}", "came while the desk was being closed");
            await olga.See(over.Or(olga.Page.GetByText("Not done", new() { Exact = true })).First, 90);
            if (await over.IsVisibleAsync()) { return; }
            Assert.True(tries < 5, await olga.Page.Locator("main").InnerTextAsync());
        }
    }

    /// <summary>Each thing that was chosen is in the log once, whatever was pressed twice or loaded anew.</summary>
    public async Task HappenedOnce(params string[] words)
    {
        foreach (var line in words) { await Assertions.Expect(olga.Section("Log").GetByText(new Regex("^" + Regex.Escape(line)))).ToHaveCountAsync(1); }
    }

    /// <summary>The estate's page says where the databases stand, and the board that the gates are open.</summary>
    public async Task Stands(string forum, string members, string waiting)
    {
        await anton.Open("estate");
        foreach (var (database, version) in new[] { ("forum", forum), ("members", members) })
        {
            var row = anton.Page.GetByRole(AriaRole.Row).Filter(new() { Has = anton.Link(database) });
            await Assertions.Expect(row.GetByRole(AriaRole.Cell, new() { Name = version, Exact = true })).ToBeVisibleAsync();
        }
        await anton.See(waiting);
        await anton.Open("");
        await Assertions.Expect(anton.Section("Gates").GetByText("Open", new() { Exact = true })).ToHaveCountAsync(2);
    }

    public async Task RolledBack()
    {
        await olga.Button("Roll back forum and members").DblClickAsync();
        await olga.Answer("Roll back 2 databases", "interest looks wrong", name);
        await Until(olga.Page.GetByText("The group is what it was, proven by its content and its rights."));
    }

    public async Task LetInAndClosed()
    {
        foreach (var stage in new[] { "Let staff in", "Let 5 % in", "Let 25 % in", "Let everybody in" })
        {
            await PressUntilAsked(stage);
            await olga.Answer(stage);
        }
        await PressUntilAsked($"Close {name}");
        await olga.Answer($"Close {name}");
        await olga.See(olga.Page.GetByText(new Regex("The window is closed")).First, 90);
    }

    // Pressed while the last stage is under way the page says so and asks nothing; a person presses again.
    private async Task PressUntilAsked(string button)
    {
        var asked = olga.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = button, Exact = true });
        for (var tries = 0; ; tries++)
        {
            await olga.May(olga.Button(button), 120);
            await olga.Button(button).DblClickAsync();
            for (var waited = 0; waited < 30; waited++)
            {
                if (await asked.CountAsync() > 0) { return; }
                await Task.Delay(100);
            }
            Assert.True(tries < 10, $"{button} never asked");
        }
    }

    // What people have to do on the way is done when it is asked for.
    private async Task Until(ILocator goal)
    {
        var task = olga.Button(TaskDone());
        for (var tasks = 0; ; tasks++)
        {
            await olga.See(goal.Or(task).First, 120);
            if (!await task.IsVisibleAsync()) { return; }
            Assert.True(tasks < 5, "tasks without end");
            var number = await task.InnerTextAsync();
            await task.DblClickAsync();
            await olga.Answer(number, "both sites answer");
            await Assertions.Expect(olga.Button(number)).ToHaveCountAsync(0);
        }
    }

    [GeneratedRegex("^Approve ")]
    private static partial Regex Approve();

    [GeneratedRegex("^Task [0-9]+ is done$")]
    private static partial Regex TaskDone();
}
