using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using OpsConsole.Features.Estate;
using OpsConsole.Features.Help;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Shell;
using OpsConsole.Tests.Board;
using Xunit;

namespace OpsConsole.Tests.Look;

/// <summary>Ctrl K: what is typed is found among rooms, databases, sites and the handbook, and Enter goes there.</summary>
public sealed class GoToTests : LivePageContext
{
    private static readonly IReadOnlyList<NavItem> Items = [new("Board", "/", "", null, 0) { GoKey = "b" }, new("Gates", "/gates", "", null, 1)];

    public GoToTests()
    {
        Services.AddSingleton(Handbook.Beside(Path.Combine(AssetTree.Root, "handbook"))).AddScoped<HelpService>().AddScoped<IPlaces>(s => s.GetRequiredService<HelpService>());
        Services.AddSingleton<IPlaces, EstatePlaces>();
    }

    [Fact]
    public async Task With_nothing_typed_it_offers_the_rooms()
    {
        await using var house = await House();
        var dialog = await Asked();
        Assert.Equal(["BoardG B", "Gatesroom"], dialog.FindAll("[role=option]").Select(o => o.TextContent));
    }

    [Fact]
    public async Task A_database_is_found_by_a_part_of_its_name_and_enter_opens_it()
    {
        await using var house = await House();
        var dialog = await Asked();
        await Type(dialog, "memb");
        dialog.WaitForAssertion(() => Assert.Equal("membersdatabase", dialog.Find("[role=option][aria-selected=true]").TextContent));
        await dialog.Find("input").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        Assert.EndsWith("estate/members", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_arrows_choose_and_the_handbook_is_searched_too()
    {
        await using var house = await House();
        var dialog = await Asked();
        await Type(dialog, "rolling back");
        dialog.WaitForAssertion(() => Assert.Contains(dialog.FindAll("[role=option]"), o => o.TextContent == "Rolling backhandbook, The way back"));
        await Type(dialog, "memb");
        await dialog.Find("input").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowDown" });
        Assert.Equal("membersgate of the site", dialog.Find("[role=option][aria-selected=true]").TextContent);
    }

    [Fact]
    public async Task What_nothing_is_called_is_said_to_be_nothing()
    {
        await using var house = await House();
        var dialog = await Asked();
        await Type(dialog, "zebra crossing");
        dialog.WaitForAssertion(() => Assert.Contains("Nothing is called that", dialog.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_page_that_has_a_help_link_has_its_page_in_the_handbook()
    {
        var book = Handbook.Beside(Path.Combine(AssetTree.Root, "handbook"));
        Assert.All(HelpLinks.Pages.Values, slug => Assert.NotNull(book.Page(slug)));
        Assert.Equal("help/the-way-back", "help/" + book.Page("the-way-back")!.Slug);
        Assert.Equal("help", HelpLinks.For("somewhere/else"));
        Assert.Equal("help/the-window", HelpLinks.For("windows/7?x=1"));
    }

    private async Task<IRenderedComponent<MudDialogProvider>> Asked()
    {
        var provider = Render<MudDialogProvider>();
        var parameters = new DialogParameters<GoTo> { { goTo => goTo.Items, Items } };
        await provider.InvokeAsync(() => Services.GetRequiredService<IDialogService>().ShowAsync<GoTo>("Go to", parameters));
        provider.WaitForAssertion(() => provider.Find("[role=option]"));
        return provider;
    }

    private static Task Type(IRenderedComponent<MudDialogProvider> dialog, string words) => dialog.Find("input").InputAsync(new ChangeEventArgs { Value = words });
}
