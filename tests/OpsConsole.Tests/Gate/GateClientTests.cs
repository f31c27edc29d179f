using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Gate;
using Xunit;

namespace OpsConsole.Tests.Gate;

public sealed class GateClientTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2005, 11, 15, 6, 0, 0, TimeSpan.Zero));
    private readonly FakeConsole console;
    private readonly string folder = Directory.CreateTempSubdirectory("gate").FullName;
    private readonly List<GateClient> clients = [];

    public GateClientTests() => console = new(time);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
        console.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private GateClient Client(Func<GateWord, int>? sessions = null)
    {
        var client = new GateClient(new()
        {
            BaseAddress = new("http://console/ops"),
            Site = "forum",
            Key = "key",
            Instance = "web1",
            Time = time,
            Handler = console,
            MemoryFile = Path.Combine(folder, "gate.json"),
            OnState = sessions is null ? null : (word, _) => ValueTask.FromResult(sessions(word)),
        });
        clients.Add(client);
        return client;
    }

    /// <summary>Lets the fake clock run in small strides until it is so; bounded by the real clock.</summary>
    private async Task Until(Func<bool> so, double strideSeconds = 0.1)
    {
        for (var i = 0; i < 2000 && !so(); i++)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(strideSeconds));
        }
        Assert.True(so());
    }

    [Fact]
    public async Task It_refuses_until_the_first_answer_and_acknowledges_it()
    {
        var client = Client();
        Assert.Equal(GateReason.NeverHeard, client.Ask("ann", null).Reason);
        client.Start();
        await Until(() => client.Ask("ann", null).Allowed && console.Count(console.Acks) == 1);
        Assert.Equal((1, null), console.Acks[0]);
    }

    [Fact]
    public async Task A_freeze_arrives_through_the_long_poll_and_is_acknowledged_once_no_session_is_left()
    {
        var left = 3;
        var client = Client(word => word.State == GateState.Everyone ? --left : 0);
        client.Start();
        await Until(() => client.AcknowledgedVersion == 1);
        console.Say("everyone");
        await Until(() => client.AcknowledgedVersion == 2);
        Assert.False(client.Ask("ann", null, GateAsk.Session).Allowed);
        Assert.Equal([(1, 0), (2, 2), (2, 1), (2, 0)], console.Acks);
    }

    [Fact]
    public async Task A_wait_is_never_so_long_that_the_lease_runs_out_while_the_console_lives()
    {
        var client = Client();
        client.Start();
        await Until(() => console.Count(console.Asked) > 0 && !client.IsUnheard);
        var unheard = false;
        await Until(() => { unheard |= client.IsUnheard; return console.Count(console.Asked) > 12; });
        Assert.False(unheard);
        Assert.Contains("&after=1&wait=5", console.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_an_announced_window_a_dead_console_shuts_the_gate_and_a_living_one_opens_it_again()
    {
        console.Say("open", new(time.GetUtcNow().AddMinutes(-1), time.GetUtcNow().AddDays(1)));
        var client = Client();
        client.Start();
        await Until(() => client.Ask("ann", null).Allowed);
        console.Dead = true;
        await Until(() => client.Ask("ann", null).Reason == GateReason.AnnouncedAndUnheard);
        Assert.True(client.IsUnheard);
        Assert.False(client.JobsMayRun);
        Assert.NotNull(client.Fault);
        console.Dead = false;
        await Until(() => client.Ask("ann", null).Allowed);
    }

    [Fact]
    public async Task A_restarted_site_remembers_that_it_was_frozen_though_the_console_is_dead()
    {
        console.Say("everyone");
        var first = Client();
        first.Start();
        await Until(() => first.AcknowledgedVersion == 2);
        console.Dead = true;
        Assert.Equal(GateReason.Frozen, Client().Ask("ann", null).Reason);
    }

    [Fact]
    public async Task An_acknowledgement_that_the_console_did_not_take_is_sent_again()
    {
        console.AckRefused = true;
        var client = Client();
        client.Start();
        await Until(() => client.Fault is not null);
        Assert.Equal(0, client.AcknowledgedVersion);
        console.AckRefused = false;
        await Until(() => client.AcknowledgedVersion == 1);
    }

    [Fact]
    public async Task The_middleware_answers_503_with_a_page_that_carries_the_message_as_text()
    {
        console.Say("logins");
        var client = Client();
        client.Start();
        await Until(() => client.AcknowledgedVersion == 2);
        var passed = 0;
        var middleware = new GateMiddleware(_ => { passed++; return Task.CompletedTask; }, client, new());

        async Task<(HttpContext Context, string Body)> Get(string path)
        {
            var context = new DefaultHttpContext { Request = { Path = path }, Response = { Body = new MemoryStream() } };
            await middleware.InvokeAsync(context);
            context.Response.Body.Position = 0;
            using var reader = new StreamReader(context.Response.Body);
            return (context, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        var (refused, page) = await Get("/login");
        Assert.Equal(503, refused.Response.StatusCode);
        Assert.Equal("60", refused.Response.Headers.RetryAfter);
        Assert.Contains("<h1>", page, StringComparison.Ordinal);
        Assert.Equal(0, passed);
        await Get("/topics/1");
        await Get("/health/live");
        Assert.Equal(2, passed);
    }

    [Fact]
    public void An_answer_costs_nanoseconds()
    {
        var known = new GateKnowledge(GateWord.From(new("forum", "open", 1, 3600, TimeProvider.System.GetUtcNow())),
            new(TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp(), TimeSpan.FromHours(1), TimeProvider.System.GetUtcNow()));
        var allowed = 0;
        double best = double.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var start = TimeProvider.System.GetTimestamp();
            for (var i = 0; i < 100_000; i++)
            {
                allowed += GateRules.Decide(known, "forum", GateStaff.None, TimeProvider.System, "ann", null, GateAsk.Login).Allowed ? 1 : 0;
            }
            best = Math.Min(best, TimeProvider.System.GetElapsedTime(start).TotalNanoseconds / 100_000);
        }
        Assert.Equal(1_000_000, allowed);
        // Tens of nanoseconds; the bound leaves room for a busy machine and still tells memory from any wait.
        Assert.True(best < 5_000, best.ToString(CultureInfo.InvariantCulture));
    }
}
