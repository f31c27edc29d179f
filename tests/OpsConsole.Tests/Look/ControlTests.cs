using Bunit;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Look;

public sealed class ControlTests : LookContext
{
    [Fact]
    public void Every_state_has_a_word_a_colour_and_an_icon_of_its_own()
    {
        var marks = Enum.GetValues<Mark>();
        Assert.Equal(marks.Length, marks.Select(m => m.Icon()).Distinct().Count());
        Assert.Equal(marks.Length, marks.Select(m => m.Css()).Distinct().Count());
        Assert.Equal(marks.Length, marks.Select(m => m.Word()).Distinct().Count());
    }

    [Fact]
    public void A_state_is_shown_by_word_and_icon_not_by_colour_alone()
    {
        foreach (var mark in Enum.GetValues<Mark>())
        {
            var row = Render<StateMark>(p => p.Add(m => m.Mark, mark));
            Assert.Equal(mark.Word(), row.Find(".mark-word").TextContent);
            Assert.NotEmpty(row.FindAll("svg"));

            var chip = Render<StateChip>(p => p.Add(m => m.Mark, mark).Add(m => m.Word, "No answer, 41 s"));
            Assert.Contains("No answer, 41 s", chip.Find(".chip").TextContent, StringComparison.Ordinal);
            Assert.NotEmpty(chip.FindAll("svg"));
        }
    }

    [Fact]
    public void A_step_that_took_much_longer_than_rehearsed_says_late()
    {
        var late = Render<Bullet>(p => p.Add(b => b.Facts, new BulletFacts(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(126), Mark.Ok)));
        var fine = Render<Bullet>(p => p.Add(b => b.Facts, new BulletFacts(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(125), Mark.Ok)));

        Assert.Contains("late", late.Markup, StringComparison.Ordinal);
        Assert.Equal("126 % of the rehearsed time", late.Find(".bullet").GetAttribute("aria-label"));
        Assert.Empty(fine.FindAll(".mark"));
    }

    [Fact]
    public void A_step_without_rehearsal_says_so_instead_of_drawing_nothing()
    {
        var bullet = Render<Bullet>(p => p.Add(b => b.Facts, new BulletFacts(null, TimeSpan.FromSeconds(3), Mark.Ok)));
        Assert.Equal("not rehearsed", bullet.Find(".bullet").GetAttribute("aria-label"));
    }

    [Fact]
    public void The_gauge_says_when_it_is_too_late_to_go_back()
    {
        var open = Render<Gauge>(p => p.Add(g => g.Facts, new GaugeFacts(new TimeSpan(1, 44, 22), new TimeSpan(0, 7, 56))));
        var over = Render<Gauge>(p => p.Add(g => g.Facts, new GaugeFacts(TimeSpan.Zero, new TimeSpan(0, 7, 56))));

        Assert.Contains("1:44:22 to decide", open.Markup, StringComparison.Ordinal);
        Assert.Contains("7:56 needed", open.Markup, StringComparison.Ordinal);
        Assert.Equal("too late for this window", over.Find(".mark-word").TextContent);
    }

    [Fact]
    public void A_figure_older_than_its_limit_is_unknown()
    {
        var fresh = Render<AgeText>(p => p.Add(a => a.At, Night.AddSeconds(-2)).Add(a => a.Limit, TimeSpan.FromSeconds(15)));
        var old = Render<AgeText>(p => p.Add(a => a.At, Night.AddSeconds(-41)).Add(a => a.Limit, TimeSpan.FromSeconds(15)));
        var never = Render<AgeText>(p => p.Add(a => a.At, (DateTimeOffset?)null));

        Assert.Empty(fresh.FindAll(".is-unknown"));
        Assert.Equal("2 s", fresh.Find("time").TextContent);
        Assert.NotEmpty(old.FindAll(".is-unknown"));
        Assert.Equal("never seen", never.Find(".mark-word").TextContent);
    }

    [Fact]
    public void A_moment_carries_its_time_for_the_browser_and_utc_for_the_reader()
    {
        var time = Render<TimeText>(p => p.Add(t => t.At, Night)).Find("time");
        Assert.Equal("2026-11-17T02:07:42.000Z", time.GetAttribute("data-at"));
        Assert.Equal("clock", time.GetAttribute("data-kind"));
        Assert.Equal("2026-11-17 02:07:42 UTC", time.GetAttribute("title"));
    }

    [Theory]
    [InlineData(1250, false, "1,250.00")]
    [InlineData(-40, true, "−40.00")]
    [InlineData(75, true, "+75.00")]
    [InlineData(0, true, "0.00")]
    public void Amounts_have_two_decimals_groups_and_a_true_minus(int value, bool signed, string shown) =>
        Assert.Equal(shown, Spoken.Money(value, signed));

    [Theory]
    [InlineData(31, "31 ms", "0 s")]
    [InlineData(4_000, "4 s", "4 s")]
    [InlineData(232_000, "3:52", "3 min")]
    [InlineData(6_262_000, "1:44:22", "1 h 44 min")]
    public void Durations_are_written_one_way_in_tables_and_one_way_in_sentences(int milliseconds, string table, string sentence)
    {
        Assert.Equal(table, Spoken.Duration(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(sentence, Spoken.Sentence(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [Fact]
    public void The_runway_names_the_running_step_and_both_lines()
    {
        var facts = new RunwayFacts(Night, Night.AddHours(2), Night.AddHours(1),
            [new(Night, Night.AddMinutes(50), RunwayPart.Done, "Upgrade"), new(Night.AddMinutes(50), Night.AddHours(1), RunwayPart.Running, "Review")],
            [], [], [new(Night.AddMinutes(80), RunwayLineKind.Finalize, "Finalize"), new(Night.AddMinutes(110), RunwayLineKind.TurnBack, "Turn back")]);
        var runway = Render<Runway>(p => p.Add(r => r.Facts, facts));

        Assert.Equal("Review, 50 % of the window is over", runway.Find("svg").GetAttribute("aria-label"));
        var words = runway.FindAll("text").Select(t => t.TextContent).ToList();
        Assert.Contains("Finalize", words);
        Assert.Contains("Turn back", words);
    }

    [Fact]
    public void The_plan_shows_what_goes_together_the_way_back_and_the_point_of_no_return()
    {
        var ok = new PlanWayBack(Mark.Ok, "checkpoint", "31 ms + 4 s", "equal, 3:52");
        var plan = Render<PlanGrid>(p => p.Add(g => g.Facts, new PlanGridFacts(
            [new("forum", "MariaDB 11.4"), new("members", "PostgreSQL 16")],
            [
                new("Now", [new("6", false), new("4", false)], false, false, null),
                new("1", [new("7", true, "forum 7", "4:21"), new("5", true, "members 5")], true, true, ok),
                new("After", [new("7", false), new("5", false)], false, false, new PlanWayBack(Mark.Refused, "none"), AfterFinalize: true),
            ], "frozen, about 1 h 21 min")));

        var heads = plan.FindAll("thead th").Select(h => h.TextContent.Trim()).ToList();
        Assert.Contains(heads, h => h.StartsWith("together", StringComparison.Ordinal) && h.EndsWith('1'));
        Assert.Contains(heads, h => h.StartsWith("Finalize, point of no return", StringComparison.Ordinal));
        Assert.Contains("frozen, about 1 h 21 min", plan.Markup, StringComparison.Ordinal);
        Assert.Contains("31 ms + 4 s", plan.Markup, StringComparison.Ordinal);
        Assert.Contains("none", plan.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forbidden_pair_names_its_contract()
    {
        var matrix = Render<StateMatrix>(p => p.Add(m => m.Facts, new StateMatrixFacts("forum", ["6", "7"], "members", ["5"],
            [[new(false, false, "B"), new(true, true)]])));
        var cells = matrix.FindAll("td");
        Assert.Equal("B", cells[0].TextContent.Trim());
        Assert.Equal("on the way", cells[1].TextContent.Trim());
    }

    [Fact]
    public void The_four_states_speak_in_words_and_only_failure_is_an_alert()
    {
        var empty = Render<EmptyBlock>(p => p.Add(b => b.Title, "No transaction waits").Add(b => b.Text, "All 94 are decided."));
        var loading = Render<LoadingBlock>(p => p.Add(b => b.WaitsFor, "forum"));
        var again = 0;
        var failed = Render<FailedBlock>(p => p.Add(b => b.Title, "forum does not answer").Add(b => b.ServerWords, "<b>ERROR</b>").Add(b => b.AgainText, "Try forum again").Add(b => b.Again, () => again++));
        var refused = Render<RefusedBlock>(p => p.Add(b => b.Title, "You approved it, so you cannot commit it"));

        Assert.Contains("All 94 are decided.", empty.Markup, StringComparison.Ordinal);
        Assert.Contains("forum", loading.Find(".loading-note").TextContent, StringComparison.Ordinal);
        Assert.NotNull(failed.Find("[role=alert]"));
        Assert.Equal("<b>ERROR</b>", failed.Find("pre").TextContent);
        Assert.Empty(failed.FindAll("pre b"));
        failed.Find("button").Click();
        Assert.Equal(1, again);
        Assert.Empty(refused.FindAll("[role=alert]"));
        Assert.Empty(refused.FindAll(".is-danger"));
    }
}
