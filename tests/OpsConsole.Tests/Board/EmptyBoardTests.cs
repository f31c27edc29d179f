using System.Net;
using System.Text.RegularExpressions;
using OpsConsole.Features.People;
using OpsConsole.Ground.Access;
using OpsConsole.Tests.Ground.Settings;
using OpsConsole.Tests.House;
using Xunit;

namespace OpsConsole.Tests.Board;

/// <summary>A console over nothing yet: its first page says how to add something, in words that the console takes.</summary>
public sealed partial class EmptyBoardTests
{
    [Fact]
    public async Task An_empty_board_shows_the_four_lines_that_add_a_database()
    {
        await using var house = await TestHouse.Start();
        await new PeopleService(house.Store, house.Recorder, TimeProvider.System).Add(Actor.Console, "vera", [Roles.Viewer], "pass word long enough", default);
        using var browser = house.Browser();
        await TestHouse.Send(browser, "account/sign-in", new() { ["Name"] = "vera", ["Password"] = "pass word long enough" });
        var html = await browser.GetStringAsync("/");
        Assert.Contains("No database is managed yet", html, StringComparison.Ordinal);
        var lines = WebUtility.HtmlDecode(Lines().Match(html).Groups[1].Value);
        Assert.Equal(4, lines.Split('\n').Length);
        using var folder = new SettingsText();
        Directory.CreateDirectory(Path.Combine(folder.Folder, "releases", "forum"));
        var (settings, faults) = folder.Read("{ \"OpsConsole\": { \"Estate\": { \"Name\": \"Mine\", \"Databases\": { " + lines + " } } } }");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal("forum", Assert.Single(settings!.Estate.Databases).Name);
    }

    [GeneratedRegex("(?s)<pre class=\"board-four\">(.*?)</pre>")]
    private static partial Regex Lines();
}
