using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using OpsConsole.FastMarket;
using Xunit;

namespace OpsConsole.Tests.FastMarket;

public sealed class SimulationTests(MarketFixture market) : IClassFixture<MarketFixture>
{
    private readonly Console console = new();

    private FastMarketSimulation Simulation(string directory) => new(new()
    {
        ConsoleAddress = new("http://console/"),
        MembersKey = "m",
        ForumKey = "f",
        DataDirectory = directory,
        Handler = console,
        Pace = TimeSpan.FromMilliseconds(4),
        QueuePace = TimeSpan.FromMilliseconds(4),
    });

    private static async Task Until(Func<bool> so)
    {
        for (var i = 0; i < 1500 && !so(); i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.True(so());
    }

    [Fact]
    public async Task Members_live_meet_the_freeze_hand_over_what_they_started_and_come_back()
    {
        var copy = market.Copy();
        using var sites = Simulation(copy);
        await sites.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => sites.Activity is { Posts: > 5, Deposits: > 3, Withdrawals: > 1, Sessions: > 8 });
        Assert.Equal(0, sites.Activity.Queued);

        console.Say("everyone");
        await Until(() => console.AcksOf(2) == 4);
        Assert.Equal(0, sites.Activity.Sessions);
        var before = MarketFixture.Content(copy, "members");
        using (var members = MarketFixture.Open(copy, "members"))
        {
            Assert.Equal(0, MarketFixture.Number(members, "select count(*) from web_sessions"));
            Assert.Equal("delete", (string)MarketFixture.Rows(members, "pragma journal_mode = delete").Single()[0]!);
            Assert.Empty(MarketFixture.Rows(members, "select id from accounts a where balance_cents <> (select sum(amount_cents) from ledger where account_id = a.id)"));
        }
        await Until(() => sites.Activity.Queued == 60);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.True(before == MarketFixture.Content(copy, "members"), "something was written behind the gate");
        var amounts = console.Posted.Select(p => p.Amount).ToList();
        Assert.Equal(60, console.Posted.Select(p => p.Key).Distinct().Count());
        Assert.All(amounts, a => Assert.InRange(a, 5.00m, 1400.00m));
        Assert.Contains(amounts, a => a > 1000m);
        Assert.Contains(console.Posted.GroupBy(p => p.Account), g => g.Count() > 1);

        MarketFixture.Release(copy, "members", 5, up: true);
        MarketFixture.Release(copy, "forum", 7, up: true);
        var frozen = sites.Activity;
        console.Say("open");
        await Until(() => sites.Activity.Deposits > frozen.Deposits + 2 && sites.Activity.Posts > frozen.Posts + 2);
        await sites.StopAsync(TestContext.Current.CancellationToken);
        using var after = MarketFixture.Open(copy, "members");
        Assert.Empty(MarketFixture.Rows(after, "select id from accounts a where available_cents + reserved_cents <> (select sum(amount_cents) from ledger where account_id = a.id)"));
    }

    [Fact]
    public async Task Sites_that_are_started_anew_in_one_freeze_go_on_counting_and_never_give_a_key_other_content()
    {
        var copy = market.Copy();
        console.Say("everyone");
        using (var first = Simulation(copy))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
            await Until(() => first.Activity.Queued >= 25);
            await first.StopAsync(TestContext.Current.CancellationToken);
        }
        using var second = Simulation(copy);
        await second.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => console.Posted.Select(p => p.Key).Distinct().Count() >= 60);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(60, console.Posted.Select(p => p.Key).Distinct().Count());
        Assert.All(console.Posted.GroupBy(p => p.Key), g => Assert.Single(g.Distinct()));
        // The next freeze has its own.
        console.Say("open");
        await Until(() => !File.Exists(Path.Combine(copy, "sites", "handed.json")));
        console.Say("everyone");
        await Until(() => console.Posted.Select(p => p.Key).Distinct().Count() > 60);
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Databases_that_are_away_are_lived_with_and_not_made_anew()
    {
        var copy = market.Copy();
        using var sites = Simulation(copy);
        await sites.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => sites.Activity.Posts > 2);
        console.Say("everyone");
        await Until(() => console.AcksOf(2) == 4);
        foreach (var database in FastMarketFiles.Databases)
        {
            File.Move(Path.Combine(copy, database + ".db"), Path.Combine(copy, database + ".away"));
        }
        // The gate opens although the files are not back: every action fails, and the sites go on.
        console.Say("open");
        var faults = sites.Activity.Faults;
        await Until(() => sites.Activity.Faults > faults + 10);
        Assert.False(File.Exists(Path.Combine(copy, "members.db")));
        foreach (var database in FastMarketFiles.Databases)
        {
            File.Move(Path.Combine(copy, database + ".away"), Path.Combine(copy, database + ".db"));
        }
        var posts = sites.Activity.Posts;
        await Until(() => sites.Activity.Posts > posts + 2);
        await sites.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The console's side of the wire for both sites.</summary>
    private sealed class Console : HttpMessageHandler
    {
        private readonly Lock gate = new();
        private readonly List<(string Instance, long Version)> acks = [];
        private readonly List<(string Key, long Account, decimal Amount)> posted = [];
        private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private (string State, long Version) now = ("open", 1);

        public List<(string Key, long Account, decimal Amount)> Posted
        {
            get { lock (gate) { return [.. posted]; } }
        }

        public int AcksOf(long version)
        {
            lock (gate) { return acks.Where(a => a.Version == version).Select(a => a.Instance).Distinct().Count(); }
        }

        public void Say(string state)
        {
            lock (gate)
            {
                now = (state, now.Version + 1);
                changed.SetResult();
                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var body = request.Content is null ? default : await request.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            if (path == "/api/v1/transactions")
            {
                var fields = body.GetProperty("fields");
                lock (gate)
                {
                    posted.Add((request.Headers.GetValues("Idempotency-Key").Single(), fields.GetProperty("account").GetInt64(),
                        decimal.Parse(fields.GetProperty("amount").GetProperty("value").GetString()!, CultureInfo.InvariantCulture)));
                    return new(HttpStatusCode.Created) { Content = JsonContent.Create(new { id = posted.Count, status = "pending" }) };
                }
            }
            if (path == "/api/v1/outcomes")
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            if (path.EndsWith("/acks", StringComparison.Ordinal))
            {
                lock (gate)
                {
                    acks.Add((body.GetProperty("instance").GetString()!, body.GetProperty("version").GetInt64()));
                    return new(HttpStatusCode.NoContent);
                }
            }
            Task news;
            lock (gate)
            {
                news = changed.Task;
                if (HttpUtility.ParseQueryString(request.RequestUri.Query)["after"] != now.Version.ToString(CultureInfo.InvariantCulture))
                {
                    return Answer();
                }
            }
            await Task.WhenAny(news, Task.Delay(1000, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            lock (gate) { return Answer(); }
        }

        private HttpResponseMessage Answer() => new(HttpStatusCode.OK)
        {
            Content = JsonContent.Create(new { state = now.State, version = now.Version, leaseSeconds = 6, now = TimeProvider.System.GetUtcNow(), jobs = "run" }),
        };
    }
}
