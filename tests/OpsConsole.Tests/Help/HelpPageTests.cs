using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Help;
using OpsConsole.Tests.Board;
using OpsConsole.Tests.Look;
using Xunit;

namespace OpsConsole.Tests.Help;

public sealed class HelpPageTests : LivePageContext
{
    public HelpPageTests() => Services.AddSingleton(Handbook.Beside(Path.Combine(AssetTree.Root, "handbook"))).AddScoped<HelpService>();

    [Fact]
    public async Task A_newcomer_sees_how_to_start_and_the_contents_beside_it()
    {
        await using var house = await House();
        var page = Render<HelpPage>();
        page.WaitForAssertion(() => Assert.Equal("Getting started", page.Find("article h1").TextContent));
        Assert.Equal("Getting started", page.Find("[aria-current=page]").TextContent);
        Assert.Contains("The way back", page.Find("nav[aria-label=Handbook]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Next: The night", page.Find(".help-next").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_names_the_page()
    {
        await using var house = await House();
        var page = Render<HelpPage>(p => p.Add(h => h.Slug, "the-way-back"));
        page.WaitForAssertion(() => Assert.Equal("The way back", page.Find("article h1").TextContent));
    }

    [Fact]
    public async Task What_is_typed_is_looked_for_and_the_contents_make_room_for_what_is_found()
    {
        await using var house = await House();
        var page = Render<HelpPage>();
        page.WaitForAssertion(() => page.Find("article"));
        await page.Find("input[type=search]").InputAsync(new ChangeEventArgs { Value = "rolling back" });
        Assert.Contains(page.FindAll("nav[aria-label=Handbook] a"), a => a.TextContent == "Rolling back" && a.GetAttribute("href") == "help/the-way-back#rolling-back");
        await page.Find("input[type=search]").InputAsync(new ChangeEventArgs { Value = "zebra crossing" });
        Assert.Contains("Nothing in the handbook", page.Find("nav[aria-label=Handbook]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_page_says_so()
    {
        await using var house = await House();
        var page = Render<HelpPage>(p => p.Add(h => h.Slug, "nothing"));
        page.WaitForAssertion(() => Assert.Contains("The handbook has no page nothing", page.Markup, StringComparison.Ordinal));
    }
}
