using OpsConsole.Domain;
using OpsConsole.Engines;
using OpsConsole.Features.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using Xunit;
using static OpsConsole.Tests.Maintenance.WindowHouse;

namespace OpsConsole.Tests.Maintenance;

public sealed class PreflightTests
{
    [Fact]
    public async Task What_cannot_be_told_is_not_green()
    {
        await using var house = await Open();
        var made = await house.Make();
        var looked = (await house.Windows.Preflight(Vera, made.Id, CancellationToken.None)).Value!;
        Assert.Equal(Mark.Ok, looked.Lamps.Single(l => l.What == "Databases answer").Mark);
        Assert.Equal(Mark.Unknown, looked.Lamps.Single(l => l.What == "Room for the checkpoint").Mark);
        Assert.Equal(Mark.Unknown, looked.Lamps.Single(l => l.What == "Window long enough").Mark);
        Assert.Equal(made.Digest, looked.Now!.Digest);
    }

    [Fact]
    public async Task Another_script_of_the_same_version_is_red()
    {
        await using var house = await Open();
        var made = await house.Make();
        house.Forum.Rewrite("7");
        var looked = (await house.Windows.Preflight(Vera, made.Id, CancellationToken.None)).Value!;
        Assert.Equal(Mark.Danger, looked.Lamps.Single(l => l.What == "Versions, scripts, contracts").Mark);
    }

    [Fact]
    public async Task A_second_window_of_the_same_name_is_not_made_while_the_first_is_open()
    {
        await using var house = await Open();
        var first = await house.Make();
        var second = await house.Windows.Make(Rosa, "november Upgrade", first.To, null, null, CancellationToken.None);
        Assert.Equal(RefusalCode.WrongState, second.Refusal!.Code);
        await house.Must(Rosa, first.Id, "abandon", new VerbBody(Reason: "another month"));
        Assert.Null((await house.Windows.Make(Rosa, "November upgrade", first.To, null, null, CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task The_sites_are_told_of_what_is_approved_of_a_new_end_and_that_a_window_was_given_up_and_of_no_draft()
    {
        await using var house = await Open();
        var window = await house.Make();
        Assert.Null(house.Gates.Find("forum")!.Announced);
        await house.Must(WindowHouse.Ruth, window.Id, "approve");
        Assert.Equal(window.ClosesAt, house.Gates.Find("forum")!.Announced!.To);
        Assert.Null((await house.Windows.Change(Rosa, window.Id, "Another name", null, null, null, CancellationToken.None)).Refusal);
        Assert.Null(house.Gates.Find("forum")!.Announced);
        await house.Must(WindowHouse.Ruth, window.Id, "approve");
        var later = window.ClosesAt!.Value.AddHours(1);
        await house.Must(Rosa, window.Id, "extend", new VerbBody(ClosesAt: later, Reason: "more to copy"));
        Assert.Equal(later, house.Gates.Find("forum")!.Announced!.To);
        await house.Must(Rosa, window.Id, "abandon", new VerbBody(Reason: "another day"));
        Assert.Null(house.Gates.Find("forum")!.Announced);
    }

    [Fact]
    public async Task A_window_that_is_given_its_end_after_the_approval_is_told_to_the_sites_then()
    {
        await using var house = await Open();
        var opens = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var window = (await house.Windows.Make(Rosa, "open end", new Dictionary<string, string> { ["forum"] = "7", ["members"] = "5" }, opens, null, CancellationToken.None)).Value!;
        await house.Must(WindowHouse.Ruth, window.Id, "approve");
        Assert.Null(house.Gates.Find("forum")!.Announced);
        await house.Must(Rosa, window.Id, "extend", new VerbBody(ClosesAt: opens.AddHours(2), Reason: "it has to end"));
        Assert.Equal(opens.AddHours(2), house.Gates.Find("forum")!.Announced!.To);
    }

    [Fact]
    public async Task The_list_tells_of_each_window_what_it_changes_and_who_approved_it()
    {
        await using var house = await Open();
        await house.Approved();
        var line = Assert.Single((await house.Windows.Lines(Vera, CancellationToken.None)).Value!);
        Assert.Equal(("approved", "Ruth", "Rosa"), (line.Status, line.ApprovedBy, line.MadeBy));
        Assert.Equal("forum 5 → 7 and members 4 → 5", WindowWords.Targets(line.From, line.To));
        await house.Must(Rosa, line.Id, "start");
        Assert.NotNull(Assert.Single((await house.Windows.Lines(Vera, CancellationToken.None)).Value!).StartedAt);
    }

    [Theory]
    [InlineData("alter table accounts add column iban text;", "accounts: nobody reads or writes")]
    [InlineData("create unique index accounts_iban_uq on accounts (iban);", "accounts: nobody writes")]
    [InlineData("update public.accounts set iban = null;", "public.accounts: the rows it changes")]
    public void A_script_says_by_its_text_whom_it_shuts_out(string sql, string expected) => Assert.Equal([expected], ScriptLocks.Of(EngineKind.PostgreSql, sql));

    [Fact]
    public void An_index_that_is_built_beside_the_writers_and_a_comment_shut_nobody_out() =>
        Assert.Empty(ScriptLocks.Of(EngineKind.PostgreSql, "-- drop table accounts\ncreate index concurrently i on accounts (iban); /* truncate ledger */"));

    [Fact]
    public void One_database_in_one_file_has_one_writer() => Assert.Single(ScriptLocks.Of(EngineKind.Sqlite, "select 1"));
}
