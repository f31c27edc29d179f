using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Features.Schedules;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>What the rooms of the queue and of the schedules tell of a window: to the cent, and the same again after its end.</summary>
public sealed class StoryTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();
    public ValueTask InitializeAsync() => house.InitializeAsync();
    public ValueTask DisposeAsync() => house.DisposeAsync();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task<(List<StoryKind> Kinds, List<StoryHand> Hands, List<StoryOccurrence> Due)> Tell(OpenWindow window)
    {
        var (kinds, hands, due) = (new List<StoryKind>(), new List<StoryHand>(), new List<StoryOccurrence>());
        foreach (var story in house.Services.GetServices<IQueueStory>())
        {
            kinds.AddRange(await story.Transactions(window, default));
            hands.AddRange(await story.Hands(window, default));
            due.AddRange(await story.Schedules(window, default));
        }
        return (kinds, hands, due);
    }

    [Fact]
    public async Task Every_transaction_of_the_window_is_told_once_by_kind_and_status_to_the_cent()
    {
        await house.Queue.Reject(QueueHouse.Olaf, await house.Post("before", "7.00"), "before the window", null, default);
        var carried = await house.Post("carried", "0.10");
        await Task.Delay(5);
        var window = house.Window.Set(WindowStatus.Reviewing) with { StartedAt = Now };
        await house.Queue.Commit(QueueHouse.Rita, carried, default);
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("k1", "0.20"), default);
        await house.Queue.Commit(QueueHouse.Olaf, await house.Post("k2", "12.50"), default);
        await house.Queue.Reject(QueueHouse.Rita, await house.Post("k3", "5.00"), "twice", null, default);
        await house.Queue.Hold(QueueHouse.Rita, await house.Post("k4", "6.00", kind: "withdrawal"), "asked", null, default);
        await house.Post("k5", "8.00", 2, "withdrawal");
        var (kinds, hands, _) = await Tell(window);
        Assert.Equal([new StoryKind("deposit", "EUR", 4, 17.80m, 3, 12.80m, 1, 5.00m, 0, 0, 0), new StoryKind("withdrawal", "EUR", 2, 14.00m, 0, 0, 0, 0, 1, 0, 1)], kinds);
        Assert.Equal([("rita", "committed", 2), ("olaf", "committed", 1), ("rita", "rejected", 1)], hands.Select(h => (h.By, h.Outcome, h.Count)));
        Assert.All(hands, h => Assert.True(window.StartedAt <= h.From && h.From <= h.To));
        var exceptions = await house.Services.GetServices<IQueueStory>().OfType<QueueStory>().Single().Exceptions(window, default);
        Assert.Equal([("k3", "rejected", "rita", "twice"), ("k4", "held", null, "asked")], exceptions.Select(e => (e.Key, e.Status, e.By, e.Reason)));
    }

    [Fact]
    public async Task Who_approved_above_the_limit_is_told_with_how_many_and_from_when_to_when()
    {
        var window = house.Window.Set(WindowStatus.Reviewing) with { StartedAt = Now };
        var (first, second) = (await house.Post("k1", "1500.00"), await house.Post("k2", "1600.00", 2));
        await house.Queue.Approve(QueueHouse.Olaf, first, default);
        await Task.Delay(5);
        await house.Queue.Approve(QueueHouse.Olaf, second, default);
        await house.Queue.Commit(QueueHouse.Rita, first, default);
        await house.Queue.Commit(QueueHouse.Rita, await house.Post("k3", "5.00"), default);
        var hands = (await Tell(window)).Hands;
        Assert.Equal([("olaf", "approvedAboveLimit", 2), ("rita", "committed", 2)], hands.Select(h => (h.By, h.Outcome, h.Count)));
        Assert.True(window.StartedAt <= hands[0].From && hands[0].From < hands[0].To);
    }

    [Fact]
    public async Task What_is_decided_after_the_end_is_told_as_left()
    {
        var window = house.Window.Set(WindowStatus.Closed) with { StartedAt = Now.AddMinutes(-1) };
        var late = await house.Post("k1");
        await Task.Delay(5);
        window = window with { EndedAt = Now };
        await Task.Delay(5);
        house.Window.Now = null;
        await house.Queue.Commit(QueueHouse.Rita, late, default);
        await house.Post("afterwards");
        var (kinds, hands, _) = await Tell(window);
        Assert.Equal(new StoryKind("deposit", "EUR", 1, 12.50m, 0, 0, 0, 0, 0, 0, 1), Assert.Single(kinds));
        Assert.Empty(hands);
    }

    [Fact]
    public async Task What_fell_due_is_told_with_what_became_of_it()
    {
        var midnight = new DateTimeOffset(Now.UtcDateTime.Date, TimeSpan.Zero);
        var window = house.Window.Now = new OpenWindow("w1", "Night", WindowStatus.Reviewing, ["members"], midnight.AddDays(-2).AddHours(1), null, null, null);
        var schedules = house.Services.GetRequiredService<ScheduleService>();
        await schedules.List(QueueHouse.Vera, default);
        Assert.Equal([("missed", null), ("missed", null)], (await Tell(window)).Due.Select(d => (d.Outcome, d.By)));
        await schedules.CatchUp(QueueHouse.Olaf, "interest", default);
        var due = (await Tell(window)).Due;
        Assert.Equal([(midnight.AddDays(-1), "caughtUp", "olaf"), (midnight, "caughtUp", "olaf")], due.Select(d => (d.DueAt, d.Outcome, d.By!)));
    }

    [Fact]
    public async Task A_window_that_was_never_started_has_nothing_to_tell()
    {
        await house.Post("k1");
        var (kinds, hands, due) = await Tell(new OpenWindow("w1", "Night", WindowStatus.Draft, ["members"], null, null, null, null));
        Assert.True(kinds.Count == 0 && hands.Count == 0 && due.Count == 0);
    }
}
