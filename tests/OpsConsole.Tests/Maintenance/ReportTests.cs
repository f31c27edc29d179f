using OpsConsole.Domain;
using OpsConsole.Features.Maintenance;
using OpsConsole.Features.Reports;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

public sealed class ReportTests
{
    [Fact]
    public async Task The_report_tells_of_the_steps_the_checkpoints_and_what_was_decided()
    {
        await using var house = await WindowHouse.Open();
        house.Members.Refuses = "5";
        var window = await house.Driven();
        await house.Must(WindowHouse.Rosa, window.Id, "note", new VerbBody(Text: "<b>who | opened 52907?</b>"));
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "a duplicate"));
        await house.Drive(window.Id);
        var report = await Read(house, window.Id);
        Assert.Equal(2, report.Checkpoints.Count);
        var decision = Assert.Single(report.Decisions);
        Assert.Equal(("notDone", "rollback", "Rosa"), (decision.Observed, decision.Chosen, decision.By));
        Assert.Equal("Rosa", report.Window.RolledBackBy);
        var html = ReportPage.Of(report, "/ops", TimeProvider.System.GetUtcNow());
        Assert.Contains("/ops/css/report.css", html, StringComparison.Ordinal);
        Assert.Contains("Rolled back", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>who", html, StringComparison.Ordinal);
        var text = ReportText.Of(report, TimeProvider.System.GetUtcNow());
        Assert.Contains("# November upgrade", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>who |", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_queue_tells_is_added_up_by_kind()
    {
        await using var house = await WindowHouse.Open();
        var made = await house.Make();
        var report = await Read(house, made.Id, new Told());
        Assert.Equal((3, 2, 1), (report.Transactions.Started, report.Transactions.Committed, report.Transactions.Rejected));
        Assert.Contains("1,250.00", ReportPage.Of(report, "", TimeProvider.System.GetUtcNow()), StringComparison.Ordinal);
        Assert.Equal("daily-interest", Assert.Single(report.Schedules).Schedule);
    }

    [Fact]
    public async Task Page_Markdown_and_JSON_tell_the_same_facts()
    {
        await using var house = await WindowHouse.Open();
        house.Members.Refuses = "5";
        var window = await house.Driven();
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "a duplicate"));
        await house.Drive(window.Id);
        var report = await Read(house, window.Id, new Told());
        var (html, text) = (ReportPage.Of(report, "", TimeProvider.System.GetUtcNow()), ReportText.Of(report, TimeProvider.System.GetUtcNow()).Replace("\\", "", StringComparison.Ordinal));
        var tables = ReportTables.Others(report).Prepend(ReportTables.Steps(report)).ToList();
        Assert.Contains(tables, t => t.Title == "Reconciliation, EUR");
        foreach (var table in tables)
        {
            Assert.Contains($"## {table.Title}", text, StringComparison.Ordinal);
            Assert.Contains($">{table.Title}</h2>", html, StringComparison.Ordinal);
            foreach (var row in table.Rows.Append(table.Sum ?? []))
            {
                // A step's number stands on the page as its place.
                foreach (var cell in table.Id == "steps" ? row.Skip(1) : row) { Assert.Contains($">{System.Net.WebUtility.HtmlEncode(cell)}<", html, StringComparison.Ordinal); }
                Assert.Contains(string.Join(" | ", row), text, StringComparison.Ordinal);
            }
        }
        var json = System.Text.Json.JsonSerializer.SerializeToElement(report, System.Text.Json.JsonSerializerOptions.Web).GetProperty("transactions");
        Assert.Equal((3, 2, 1, 0), (json.GetProperty("started").GetInt32(), json.GetProperty("committed").GetInt32(), json.GetProperty("rejected").GetInt32(), json.GetProperty("left").GetInt32()));
        Assert.Equal(1250m, json.GetProperty("byKind")[0].GetProperty("committedSum").GetDecimal());
    }

    [Fact]
    public async Task Who_approved_above_the_limit_stands_among_the_hands_on_page_in_Markdown_and_in_JSON()
    {
        await using var house = await WindowHouse.Open();
        var report = await Read(house, (await house.Make()).Id, new Told());
        Assert.Contains(ReportTables.Others(report).Single(t => t.Id == "people").Rows, r => r[0] == "Approved above the limit" && r[1] == "Ruth" && r[2] == "7");
        Assert.Contains(">Approved above the limit<", ReportPage.Of(report, "", TimeProvider.System.GetUtcNow()), StringComparison.Ordinal);
        Assert.Contains("Approved above the limit | Ruth | 7", ReportText.Of(report, TimeProvider.System.GetUtcNow()), StringComparison.Ordinal);
        Assert.Contains("\"approvedAboveLimit\",\"count\":7", System.Text.Json.JsonSerializer.Serialize(report, System.Text.Json.JsonSerializerOptions.Web), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_names_each_step_as_the_run_page_does_and_says_once_that_it_was_done()
    {
        await using var house = await WindowHouse.Open();
        var report = await Read(house, (await house.Driven()).Id);
        Assert.Contains(report.Timeline, l => l.What.StartsWith("Release together forum 7 + members 5 done in ", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Timeline, l => l.What.EndsWith("began", StringComparison.Ordinal) || l.What == "done");
    }

    [Fact]
    public async Task A_review_that_is_under_way_is_open()
    {
        await using var house = await WindowHouse.Open();
        var report = await Read(house, (await house.Driven()).Id);
        Assert.Equal("reviewing", report.Window.Status);
        Assert.Equal("open", ReportTables.Steps(report).Rows.Single(r => r[1].StartsWith("Review", StringComparison.Ordinal))[2]);
    }

    [Fact]
    public async Task What_is_not_decided_is_named_with_its_sum_and_never_hidden()
    {
        await using var house = await WindowHouse.Open();
        var report = await Read(house, (await house.Make()).Id, new Told(Left: 1, LeftSum: 75.50m));
        var figure = Words.Figures(report, TimeProvider.System.GetUtcNow()).Single(f => f.Label == "Not decided");
        Assert.Equal(("1", "75.50 EUR; 0 held, 0 in doubt, 1 left"), (figure.Value, figure.Note));
    }

    [Fact]
    public async Task There_is_no_report_of_a_window_that_is_not_there()
    {
        await using var house = await WindowHouse.Open();
        var answer = await Service(house).Read(WindowHouse.Vera, "none", CancellationToken.None);
        Assert.Equal(RefusalCode.NotFound, answer.Refusal!.Code);
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/html,application/xhtml+xml;q=0.9", "text/html")]
    [InlineData("text/markdown; charset=utf-8", "text/markdown")]
    [InlineData("application/json, text/html", "application/json")]
    public void The_form_is_the_first_one_that_is_asked_for(string accept, string form) => Assert.Equal(form, ReportRoom.Wanted(accept));

    private static ReportService Service(WindowHouse house, params IQueueStory[] queues) => new(new WindowTeller(house.Book), queues, house.Settings, TimeProvider.System);

    private static async Task<Report> Read(WindowHouse house, string id, params IQueueStory[] queues)
    {
        var answer = await Service(house, queues).Read(WindowHouse.Vera, id, CancellationToken.None);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    private sealed class Told(int Left = 0, decimal LeftSum = 0) : IQueueStory
    {
        public Task<IReadOnlyList<StoryKind>> Transactions(OpenWindow window, CancellationToken token) =>
            Task.FromResult<IReadOnlyList<StoryKind>>([new("withdrawal", "EUR", 3 + Left, 1300m + LeftSum, 2, 1250m, 1, 50m, 0, 0, Left)]);
        public Task<IReadOnlyList<StoryHand>> Hands(OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StoryHand>>(
            [new("Ruth", "approvedAboveLimit", 7, WindowNight, WindowNight.AddMinutes(2)), new("Rosa", "committed", 2, WindowNight, WindowNight.AddMinutes(4))]);
        public Task<IReadOnlyList<StoryOccurrence>> Schedules(OpenWindow window, CancellationToken token) =>
            Task.FromResult<IReadOnlyList<StoryOccurrence>>([new("daily-interest", WindowNight, "caughtUp", "Rosa", WindowNight)]);
        private static readonly DateTimeOffset WindowNight = new(2026, 11, 17, 3, 0, 0, TimeSpan.Zero);
    }
}
