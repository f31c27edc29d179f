using AngleSharp.Dom;
using Bunit;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Board;
using OpsConsole.Features.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Board;

public sealed class GatesPageTests : LivePageContext
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_operator_sees_who_keeps_a_freeze_from_being_certain_and_then_that_it_is()
    {
        await using var house = await House(Roles.Operator);
        await house.Ask("web1");
        await house.Ask("web2");
        var frozen = await house.Freeze();
        await house.Ack("web1", frozen.Version);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.Contains("because web2 has not acknowledged", Gate(page, "members").TextContent, StringComparison.Ordinal), Long);
        Assert.Contains("Not yet certain", Gate(page, "members").TextContent, StringComparison.Ordinal);
        await house.Ack("web2", frozen.Version);
        page.WaitForAssertion(() => Assert.Contains("Frozen, certain", Gate(page, "members").TextContent, StringComparison.Ordinal), Long);
        Assert.Contains("Open", Gate(page, "forum").QuerySelector(".gate-verdict")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_sees_the_buttons_dead_with_the_reason()
    {
        await using var house = await House();
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(Gate(page, "members").QuerySelectorAll("button")), Long);
        Assert.All(Gate(page, "members").QuerySelectorAll("button"), button => Assert.True(button.HasAttribute("disabled")));
        Assert.Contains("Freeze a site is for: Operator", Gate(page, "members").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_that_closes_databases_names_the_role_and_the_database()
    {
        await using var house = await House(Roles.Operator);
        var page = Render<GatesPage>();
        page.WaitForAssertion(() => Assert.Contains(Gate(page, "members").QuerySelectorAll("button"), b => b.TextContent == "Shut members_app out of members" && !b.HasAttribute("disabled")), Long);
    }

    [Fact]
    public async Task The_board_asks_for_a_person_while_a_gate_is_not_closed_for_certain()
    {
        await using var house = await House(Roles.Operator);
        await house.Ask("web1");
        var page = Render<BoardPage>();
        page.WaitForAssertion(() => Assert.Contains("Nothing needs you", page.Markup, StringComparison.Ordinal), Long);
        Assert.Contains("Nothing runs", page.Find(".board-line").TextContent, StringComparison.Ordinal);
        var frozen = await house.Freeze(FreezeDepth.Everyone);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Contains("members is not closed for certain: web1", page.Find(".needs").TextContent, StringComparison.Ordinal), Long);
        await house.Ack("web1", frozen.Version);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".needs")), Long);
    }

    [Fact]
    public async Task The_board_never_shows_an_unseen_database_as_well()
    {
        await using var house = await House(Roles.Operator);
        var page = Render<BoardPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".board-db").Count), Long);
        Assert.All(page.FindAll(".board-db"), row => Assert.Contains("not seen yet", row.TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("board-big\">0", page.Markup, StringComparison.Ordinal);
    }

    private static IElement Gate(IRenderedComponent<GatesPage> page, string site) => page.Find($"section[aria-label='{site}']");
}
