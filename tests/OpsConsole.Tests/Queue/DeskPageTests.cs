using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Queue;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>The desk as a reviewer sees and presses it, over a real store and a real database.</summary>
public sealed class DeskPageTests : BunitContext, IAsyncLifetime
{
    private readonly QueueHouse house = new();
    private static readonly Actor Ines = QueueHouse.Person("Ines", Roles.Reviewer);

    public ValueTask InitializeAsync() => house.InitializeAsync();

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await house.DisposeAsync();
    }

    private async Task<IRenderedComponent<DeskPage>> Open(string? id = null, params string[] roles)
    {
        await using (var db = house.Store.CreateDbContext())
        {
            db.Users.Add(new Person { Id = "p1", UserName = "Ines", SecurityStamp = "s" });
            foreach (var role in roles.Length == 0 ? [Roles.Reviewer] : roles)
            {
                db.Roles.Add(new IdentityRole(role) { Id = role, NormalizedName = role.ToUpperInvariant() });
                db.UserRoles.Add(new IdentityUserRole<string> { UserId = "p1", RoleId = role });
            }
            await db.SaveChangesAsync();
        }
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddScoped<KeyBook>().AddSingleton(TimeProvider.System).AddSingleton(house.Store).AddSingleton(house.Queue).AddSingleton<StepUps>();
        Services.AddSingleton(house.Services.GetRequiredService<DeskService>()).AddSingleton(house.Services.GetRequiredService<ConsoleSettings>()).AddSingleton(house.Services.GetRequiredService<ChangeFeed>());
        Services.AddScoped<ActorSource>().AddScoped<StepUpProof>().AddSingleton<IHttpContextAccessor>(new HttpContextAccessor());
        Services.AddScoped<AuthenticationStateProvider, SignedIn>().AddScoped<StoreContext>(_ => house.Store.CreateDbContext());
        Services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<StoreContext>();
        SetRendererInfo(new RendererInfo("Server", true));
        return Render<DeskPage>(p => p.Add(d => d.Id, id));
    }

    private sealed class SignedIn : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(GateHouse.Principal("p1", "s")));
    }

    private static string Shown(IRenderedComponent<DeskPage> page) => page.Find("[data-subject]").GetAttribute("data-subject")!;
    private static Task Key(IRenderedComponent<DeskPage> page, string key, string? shown = null) => page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Press(key, shown ?? Shown(page)));
    private static IElement Button(IRenderedComponent<DeskPage> page, string words) => page.FindAll("button").Single(b => b.TextContent.Contains(words, StringComparison.Ordinal));
    private static void Sees(IRenderedComponent<DeskPage> page, string words) => page.WaitForAssertion(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal));
    private static string Text(IRenderedComponent<DeskPage> page, string selector) => string.Join(' ', page.Find(selector).TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task It_shows_what_one_transaction_changes_and_C_commits_it_and_goes_on_to_the_next()
    {
        var first = await house.Post("k1");
        await house.Post("k2", "33.00", account: 2);
        var page = await Open();
        Sees(page, "2 statements, 2 rows as declared");
        Assert.Equal("12.50 EUR", Text(page, ".desk-amount"));
        Assert.Contains("11250", Text(page, ".desk-evidence"), StringComparison.Ordinal);
        await Key(page, "c");
        Sees(page, "Committed deposit of 12.50 EUR, account 1");
        Sees(page, "Balance 11250");
        Assert.Equal("33.00 EUR", Text(page, ".desk-amount"));
        Assert.Equal(QueuedStatus.Committed, (await house.See(first)).Status);
    }

    [Fact]
    public async Task A_second_press_of_C_does_not_commit_the_next_one_that_has_come_up_meanwhile()
    {
        var first = await house.Post("k1");
        var second = await house.Post("k2", "33.00", account: 2);
        var page = await Open();
        Sees(page, "2 statements, 2 rows as declared");
        Assert.Equal(first, Shown(page));
        await Key(page, "c");
        page.WaitForAssertion(() => Assert.Equal("33.00 EUR", Text(page, ".desk-amount")));
        // The browser still showed the first one when the key went down again, however late it comes.
        await Key(page, "c", first);
        Assert.Equal(QueuedStatus.Pending, (await house.See(second)).Status);
        await Key(page, "c");
        Assert.Equal((QueuedStatus.Committed, QueuedStatus.Committed), ((await house.See(first)).Status, (await house.See(second)).Status));
    }

    [Fact]
    public async Task However_often_C_goes_down_on_one_the_next_is_not_committed_while_the_desk_goes_on_to_it()
    {
        List<string> ids = [];
        for (var n = 1; n <= 12; n++) { ids.Add(await house.Post($"k{n}", account: (n % 3) + 1)); }
        var page = await Open();
        for (var n = 0; n < ids.Count - 1; n++)
        {
            page.WaitForElement(".desk-next .desk-evidence .after");
            Assert.Equal(ids[n], Shown(page));
            // As fast as they come in: some arrive when the desk has gone on and the browser has not been told yet.
            List<Task> presses = [];
            while (Shown(page) == ids[n])
            {
                presses.Add(Key(page, "c", ids[n]));
                await Task.Yield();
            }
            await Task.WhenAll(presses);
            Assert.Equal((QueuedStatus.Committed, QueuedStatus.Pending), ((await house.See(ids[n])).Status, (await house.See(ids[n + 1])).Status));
        }
    }

    [Fact]
    public async Task What_the_database_would_refuse_stays_as_it_is_and_the_desk_says_so_and_commits_nothing()
    {
        await house.Sql("update accounts set balance = 500 where id = 1");
        var id = await house.Post("k1", "12.50", kind: "withdrawal");
        var page = await Open();
        Sees(page, "The database would refuse");
        Assert.Contains("Balance500500", Text(page, ".desk-evidence"), StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", Text(page, ".desk-evidence"), StringComparison.Ordinal);
        Assert.True(Button(page, "Commit").HasAttribute("disabled"));
        await Key(page, "c");
        Assert.Equal((QueuedStatus.Pending, 500L), ((await house.See(id)).Status, await house.Balance()));
    }

    [Fact]
    public async Task The_next_one_is_run_ahead_while_this_one_is_read()
    {
        await house.Post("k1");
        await house.Post("k2", "33.00", account: 2);
        var page = await Open();
        page.WaitForElement(".desk-next .desk-evidence .after");
        Assert.Contains("33.00", Text(page, ".desk-next-head"), StringComparison.Ordinal);
        Assert.Contains("13300", Text(page, ".desk-next .desk-evidence"), StringComparison.Ordinal);
        Assert.Equal(10000L, await house.Balance(2));
    }

    [Fact]
    public async Task Without_a_preview_no_key_and_no_button_decides()
    {
        var id = await house.Post("k1");
        house.Window.Set(WindowStatus.Running);
        var page = await Open();
        Sees(page, "The desk is closed");
        Assert.True(Button(page, "Commit").HasAttribute("disabled"));
        foreach (var key in (string[])["c", "s", "a", "r", "h"]) { await Key(page, key); }
        Assert.Equal((QueuedStatus.Pending, 10000L), ((await house.See(id)).Status, await house.Balance()));
    }

    [Fact]
    public async Task A_database_that_has_changed_since_the_figures_were_read_is_shown_again_before_anything_is_committed()
    {
        var id = await house.Post("k1");
        var page = await Open();
        Sees(page, "rows as declared");
        await house.Sql("update accounts set balance = 500 where id = 1");
        // Ten seconds are an age for a test: the clock of the drawn preview is set back instead.
        page.Instance.SetBack(TimeSpan.FromSeconds(11));
        await Key(page, "c");
        Sees(page, "has changed since the preview was drawn");
        Assert.Equal((QueuedStatus.Pending, 500L), ((await house.See(id)).Status, await house.Balance()));
        Assert.Contains("1750", Text(page, ".desk-evidence"), StringComparison.Ordinal);
        await Key(page, "c");
        page.WaitForAssertion(() => Assert.Contains("Committed deposit", page.Markup, StringComparison.Ordinal));
        Assert.Equal(1750L, await house.Balance());
    }

    [Fact]
    public async Task Who_comes_too_late_sees_who_was_faster_and_what_the_database_shows()
    {
        var id = await house.Post("k1");
        var page = await Open(id);
        Sees(page, "rows as declared");
        await house.Queue.Commit(QueueHouse.Olaf, id, default);
        await Key(page, "c");
        Sees(page, "olaf was faster");
        Sees(page, "committed, read back: Balance 11250. Nothing was done twice.");
        Assert.Equal(11250L, await house.Balance());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_reads_one_that_somebody_else_decides_is_told_so_without_a_press(bool byAddress)
    {
        var id = await house.Post("k1");
        await house.Post("k2", "33.00", account: 2);
        var page = await Open(byAddress ? id : null);
        Sees(page, "rows as declared");
        await house.Queue.Commit(QueueHouse.Olaf, id, default);
        Sees(page, "olaf was faster");
        Sees(page, "committed, read back: Balance 11250. Nothing was done twice.");
        // With the news, or with the next reading: the commit may end in the middle of one.
        page.WaitForAssertion(() => Assert.Equal(byAddress ? "12.50 EUR" : "33.00 EUR", Text(page, ".desk-amount")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_press_that_meets_it_while_somebody_else_commits_it_is_answered(bool byAddress)
    {
        var id = await house.Post("k1");
        await house.Post("k2", "33.00", account: 2);
        var page = await Open(byAddress ? id : null);
        Sees(page, "rows as declared");
        await using (var db = house.Store.CreateDbContext())
        {
            var row = await db.Set<QueuedTransactionRow>().SingleAsync(t => t.Id == id);
            (row.Status, row.CommittedBy) = (QueuedStatus.Committing, "olaf");
            await db.SaveChangesAsync();
        }
        house.Services.GetRequiredService<ChangeFeed>().Moved(Topics.Queue);
        Sees(page, "Committing");
        await Key(page, "c");
        Sees(page, "olaf was faster");
        Assert.Equal("12.50 EUR", Text(page, ".desk-amount"));
        Assert.Equal(10000L, await house.Balance());
    }

    private async Task AnotherReviewer()
    {
        await using var db = house.Store.CreateDbContext();
        db.Users.Add(new Person { Id = "p2", UserName = "Olaf", SecurityStamp = "s" });
        db.UserRoles.Add(new IdentityUserRole<string> { UserId = "p2", RoleId = Roles.Reviewer });
        await db.SaveChangesAsync();
    }

    [Fact]
    public async Task An_approver_sees_the_preview_and_approves_what_is_above_the_limit_and_nothing_else()
    {
        await house.Post("k1");
        var above = await house.Post("k2", "1000.01", account: 2);
        var page = await Open(null, Roles.Approver);
        Sees(page, "2 statements, 2 rows as declared");
        Assert.Equal("1,000.01 EUR", Text(page, ".desk-amount"));
        await Key(page, "c");
        await Key(page, "s");
        Sees(page, "You approved");
        Assert.Equal((QueuedStatus.Approved, "Ines"), ((await house.See(above)).Status, (await house.See(above)).Approval!.By));
    }

    [Fact]
    public async Task The_only_one_who_may_commit_leaves_the_approval_to_an_approver()
    {
        var id = await house.Post("k1", "1000.01");
        var page = await Open();
        Sees(page, "Nobody else may commit");
        await Key(page, "s");
        Assert.Equal(QueuedStatus.Pending, (await house.See(id)).Status);
    }

    [Fact]
    public async Task What_is_below_the_limit_needs_no_second_person_and_no_key_asks_for_one()
    {
        var id = await house.Post("k1");
        var page = await Open();
        Sees(page, "rows as declared");
        await Key(page, "a");
        Assert.Equal(QueuedStatus.Pending, (await house.See(id)).Status);
    }

    [Fact]
    public async Task Above_the_limit_S_approves_and_U_takes_it_back_and_the_approver_cannot_commit()
    {
        var id = await house.Post("k1", "1000.01");
        var page = await Open();
        await AnotherReviewer();
        await Key(page, "p");
        Sees(page, "rows as declared");
        await Key(page, "s");
        Sees(page, "You approved");
        Assert.True(Button(page, "Commit").HasAttribute("disabled"));
        await Key(page, "c");
        Assert.Equal(QueuedStatus.Approved, (await house.See(id)).Status);
        await Key(page, "u");
        Sees(page, "Withdrew your approval");
        Assert.Equal(QueuedStatus.Pending, (await house.See(id)).Status);
    }

    [Fact]
    public async Task Above_the_limit_a_commit_asks_and_its_answer_is_given_by_Enter()
    {
        var id = await house.Post("k1", "1000.01");
        await house.Queue.Approve(QueueHouse.Olaf, id, default);
        var page = await Open(id);
        var dialogs = Render<MudDialogProvider>();
        Sees(page, "You commit");
        var asked = Key(page, "c");
        dialogs.WaitForAssertion(() => Assert.Contains("Commit deposit of 1,000.01 EUR, account 1?", dialogs.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain(dialogs.FindAll(".ask-acts .btn-primary"), b => b.HasAttribute("data-no-enter"));
        Assert.Contains("olaf", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll(".ask-acts button").Single(b => b.TextContent == "Leave it approved").ClickAsync(new());
        await asked;
        Assert.Equal(QueuedStatus.Approved, (await house.See(id)).Status);
    }

    [Fact]
    public async Task What_somebody_else_has_open_says_so_and_is_not_offered_first()
    {
        var first = await house.Post("k1");
        await house.Post("k2", "33.00", account: 2);
        await house.Services.GetRequiredService<DeskService>().Claim(QueueHouse.Olaf, first, default);
        var page = await Open();
        Sees(page, "rows as declared");
        Assert.Equal("33.00 EUR", Text(page, ".desk-amount"));
        await Key(page, "k");
        Sees(page, "olaf has it open");
    }

    [Fact]
    public async Task E_shows_the_statements_and_N_keeps_a_note()
    {
        var id = await house.Post("k1");
        var page = await Open();
        Sees(page, "rows as declared");
        await Key(page, "e");
        Sees(page, "insert into ledger");
        page.Find("#desk-note").Input("the member called");
        await Button(page, "Add the note").ClickAsync(new());
        Sees(page, "the member called");
        Assert.Equal("Ines", Assert.Single((await house.Services.GetRequiredService<DeskService>().Look(Ines, id, default)).Value!.Notes).By);
    }

    [Fact]
    public async Task The_filter_leaves_one_kind_and_the_foot_counts_what_is_left_in_it()
    {
        await house.Post("k1");
        await house.Post("k2", "33.00", account: 2, kind: "withdrawal");
        var page = await Open();
        Sees(page, "2 left");
        await page.Find("select[data-filter]").ChangeAsync(new ChangeEventArgs { Value = "withdrawal" });
        page.WaitForAssertion(() => Assert.Equal("33.00 EUR", Text(page, ".desk-amount")));
        Assert.Contains("1 left in your filter, 33.00 EUR", Text(page, ".desk-foot"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Roles.Operator, true)]
    [InlineData(Roles.Reviewer, false)]
    public async Task An_empty_queue_says_what_was_done_and_leads_an_operator_to_finalize(string role, bool may)
    {
        house.Window.Now = house.Window.Set(WindowStatus.Reviewing) with { StartedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) };
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("k1"), default);
        var page = await Open(null, role);
        Sees(page, "1 committed 12.50 EUR, 0 rejected, 0 held.");
        Assert.Equal(may ? ["windows/w1?ask=finalize"] : Array.Empty<string>(), page.FindAll(".state-act a").Select(a => a.GetAttribute("href")!));
        Assert.Equal(!may, page.Markup.Contains("An operator finalizes Night.", StringComparison.Ordinal));
    }
}
