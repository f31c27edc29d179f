using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Features.Sessions;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Tests.Board;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Sessions;

public sealed class SessionsPageTests : LivePageContext
{
    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_operator_sees_who_holds_up_whom_and_selects_what_to_end()
    {
        await using var house = await Filled(Roles.Operator);
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => Assert.Contains("blocks 1", page.Find("tbody tr").TextContent, StringComparison.Ordinal));
        Assert.Contains("waits", page.FindAll("tbody tr")[1].TextContent, StringComparison.Ordinal);
        Assert.True(page.Find(".btn-danger").HasAttribute("disabled"));
        Assert.Contains("Nothing is selected", page.Find("footer").TextContent, StringComparison.Ordinal);
        await page.Find("input[aria-label='Select session 18842']").ChangeAsync(new ChangeEventArgs { Value = true });
        Assert.Contains("End 1 session on members", page.Find(".btn-danger").TextContent, StringComparison.Ordinal);
        Assert.False(page.Find(".btn-danger").HasAttribute("disabled"));
        Assert.Contains("ending them frees 1 that wait", page.Find("footer").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ending_asks_with_target_and_count_and_then_says_what_it_did()
    {
        await using var house = await Filled(Roles.Operator);
        var dialogs = Render<MudDialogProvider>();
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => page.Find("input[aria-label='Select session 18842']"));
        await page.Find("input[aria-label='Select session 18842']").ChangeAsync(new ChangeEventArgs { Value = true });
        var asked = page.Find(".btn-danger").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("End 1 session on members?", dialogs.Markup, StringComparison.Ordinal));
        Assert.Empty(house.Databases[0].Calls);
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        await dialogs.FindAll("button").Single(b => b.TextContent == "End 1 session on members").ClickAsync();
        await asked;
        page.WaitForAssertion(() => Assert.Contains("Ended 1 session on members", page.Find("[role=status].band").TextContent, StringComparison.Ordinal));
        Assert.Contains("end 18842", house.Databases[0].Calls);
        page.WaitForAssertion(() => Assert.DoesNotContain("18842", page.Find("tbody").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_viewer_sees_the_sessions_and_a_dead_button_with_the_reason()
    {
        await using var house = await Filled();
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => page.Find("tbody tr"));
        Assert.True(page.Find(".btn-danger").HasAttribute("disabled"));
        Assert.Contains("End a session is for: Operator", page.Find("footer").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consoles_own_session_has_no_box_to_select_it()
    {
        await using var house = await Filled(Roles.Operator);
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => page.Find("tbody tr"));
        var own = page.FindAll("tbody tr").Single(r => r.TextContent.Contains("this console", StringComparison.Ordinal));
        Assert.Null(own.QuerySelector("input"));
    }

    [Fact]
    public async Task What_cannot_be_told_is_unknown_and_never_zero()
    {
        await using var house = await Filled(Roles.Operator);
        Services.GetRequiredService<NavigationManager>().NavigateTo("sessions?of=forum");
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => Assert.Contains("Who is connected to forum cannot be told", page.Markup, StringComparison.Ordinal));
        Assert.Contains("2forum cannot tell", page.Find(".sessions-figures").TextContent, StringComparison.Ordinal);
        Assert.Contains("?", page.Find(".segments a[href='sessions?of=forum']").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(">0<", page.Find(".sessions-figures").InnerHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_logged_in_is_listed_by_name_without_the_key_to_the_session()
    {
        await using var house = await Filled(Roles.Operator);
        Services.GetRequiredService<NavigationManager>().NavigateTo("sessions?of=site%3Amembers");
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));
        Assert.Contains("ada", page.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-1", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_prepared_transaction_is_named_though_it_is_in_no_session()
    {
        await using var house = await Filled(Roles.Operator);
        house.Databases[0].Prepared.Add(new PreparedTransaction("shop_70311_pay", "members_app", GateHouse.Night.AddHours(-3), false));
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => Assert.Contains("shop_70311_pay", page.Find(".band.is-attention").TextContent, StringComparison.Ordinal));
        Assert.Contains("not of this console", page.Find(".band.is-attention").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_can_be_narrowed_to_who_waits()
    {
        await using var house = await Filled(Roles.Operator);
        Services.GetRequiredService<NavigationManager>().NavigateTo("sessions?of=members&show=blocked");
        var page = Render<SessionsPage>();
        page.WaitForAssertion(() => Assert.Contains("19007", Assert.Single(page.FindAll("tbody tr")).TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_but_an_operator_ends_a_session_and_nothing_is_touched()
    {
        await using var house = await Filled();
        var sessions = Services.GetRequiredService<SessionsService>();
        Assert.Equal(RefusalCode.NotAllowed, (await sessions.End(GateHouse.Vera, "members", "18842", Token)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotAllowed, (await sessions.EndConnections(GateHouse.Vera, "members", ["18842"], Token)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotAllowed, (await sessions.EndMembers(GateHouse.Vera, "members", ["secret-1"], Token)).Refusal!.Code);
        Assert.Empty(house.Databases[0].Calls);
        Assert.Empty(house.Databases[0].Commits);
    }

    [Fact]
    public async Task To_end_everybody_asks_for_a_fresh_proof()
    {
        await using var house = await Filled();
        var sessions = Services.GetRequiredService<SessionsService>();
        var tired = GateHouse.Rosa with { SteppedUpUntil = null };
        Assert.Equal(RefusalCode.StepUpNeeded, (await sessions.EndConnections(tired, "members", ["18842", "19007"], Token)).Refusal!.Code);
        Assert.Equal(RefusalCode.StepUpNeeded, (await sessions.EndMembers(tired, "members", ["secret-1", "secret-2"], Token)).Refusal!.Code);
        Assert.Empty(house.Databases[0].Calls);
        Assert.Equal(2, (await sessions.EndConnections(GateHouse.Rosa, "members", ["18842", "19007"], Token)).Value);
    }

    [Fact]
    public async Task A_members_session_is_ended_by_the_sites_own_words_under_a_marker_and_its_key_stays_out_of_the_journal()
    {
        await using var house = await Filled();
        var sessions = Services.GetRequiredService<SessionsService>();
        var ended = await sessions.EndMembers(GateHouse.Rosa, "members", ["secret-1"], Token);
        Assert.Null(ended.Refusal);
        var commit = Assert.Single(house.Databases[0].Commits);
        Assert.Equal("delete from web_sessions where id = @id", Assert.Single(commit.Legs).Sql);
        Assert.Equal("secret-1", Assert.Single(commit.Parameters).Value);
        await using var db = house.Store.CreateDbContext();
        Assert.DoesNotContain("secret-1", JsonSerializer.Serialize(await db.Acts.ToListAsync(Token)) + JsonSerializer.Serialize(await db.Audit.ToListAsync(Token)), StringComparison.Ordinal);
    }

    private async Task<GateHouse> Filled(params string[] roles)
    {
        var house = await House(roles);
        house.Databases[0].Connected =
        [
            SessionTreeTests.One("19007", seconds: 131, blockedBy: "18842"), SessionTreeTests.One("18842", seconds: 846), SessionTreeTests.One("17203", own: true),
        ];
        house.Databases[0].Members = new ResultRows(["id", "member", "started_at", "last_seen_at", "address"],
            [["secret-1", "ada", "2026-11-17 02:00:00", "2026-11-17 02:29:00", "10.1.1.1"], ["secret-2", "grace", "2026-11-17 01:00:00", null, null]], false);
        return house;
    }
}
