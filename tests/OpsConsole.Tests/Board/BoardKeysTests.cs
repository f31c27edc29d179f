using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Estate;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Board;

public sealed class BoardKeysTests : LivePageContext
{

    [Fact]
    public async Task J_and_k_go_down_and_up_and_enter_opens_the_database()
    {
        await using var house = await House(Roles.Operator);
        var tile = Rows();
        await Press(tile, "j");
        Assert.Equal("members", At(tile));
        await Press(tile, "j");
        Assert.Equal("forum", At(tile));
        await Press(tile, "k");
        Assert.Equal("members", At(tile));
        await Press(tile, "Enter");
        Assert.EndsWith("estate/members", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task X_selects_and_p_plans_what_is_selected()
    {
        await using var house = await House(Roles.Operator);
        var tile = Rows();
        Assert.Empty(tile.FindAll("footer"));
        await Press(tile, "j", "x", "j", "x");
        Assert.Contains("forum and members selected", tile.Find("footer").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, tile.FindAll(".board-db .is-you").Count);
        await Press(tile, "p");
        Assert.EndsWith("plan?forum=latest&members=latest", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F_goes_to_the_gates_and_p_with_nothing_selected_plans_all()
    {
        await using var house = await House(Roles.Operator);
        var tile = Rows();
        await Press(tile, "f");
        Assert.EndsWith("/gates", Address, StringComparison.Ordinal);
        await Press(tile, "p");
        Assert.EndsWith("/plan", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_stopped_answering_says_why_since_when_and_when_it_is_tried_again()
    {
        await using var house = await House(Roles.Operator);
        await house.Watch.Look(house.Databases[0].Database, Xunit.TestContext.Current.CancellationToken);
        var tile = Rows();
        tile.WaitForAssertion(() => Assert.Contains("next try in", tile.Find(".board-db.is-gone .board-fault").TextContent, StringComparison.Ordinal));
        Assert.NotEmpty(tile.FindAll(".board-fault .is-danger"));
    }

    private string Address => Services.GetRequiredService<NavigationManager>().Uri;

    private IRenderedComponent<EstateTile> Rows()
    {
        var tile = Render<EstateTile>();
        tile.WaitForAssertion(() => Assert.Equal(2, tile.FindAll(".board-db").Count));
        return tile;
    }

    private static string? At(IRenderedComponent<EstateTile> tile) => tile.Find(".board-db.is-at .board-name").TextContent;

    private static async Task Press(IRenderedComponent<EstateTile> tile, params string[] keys)
    {
        foreach (var key in keys) { await tile.InvokeAsync(() => tile.FindComponent<PageKeys>().Instance.Press(key, null)); }
    }
}
