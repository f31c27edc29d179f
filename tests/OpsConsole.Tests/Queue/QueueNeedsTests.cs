using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Features.TransactionQueue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>What the board asks a reviewer for, and when the review is expected to end.</summary>
public sealed class QueueNeedsTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();

    public ValueTask InitializeAsync() => house.InitializeAsync();
    public ValueTask DisposeAsync() => house.DisposeAsync();

    private Task<IReadOnlyList<Need>> Needs(Actor actor) => house.Services.GetServices<INeeds>().OfType<QueueNeeds>().Single().Read(actor, default);

    [Fact]
    public async Task Who_may_decide_is_asked_for_what_waits_and_for_what_is_held()
    {
        house.Window.Set(WindowStatus.Reviewing);
        await house.Post("k1");
        await house.Post("k2", account: 2);
        var held = await house.Post("k3", account: 3);
        await house.Queue.Hold(QueueHouse.Rita, held, "asks first", null, default);
        Assert.Equal([(Mark.YouPress, "2 transactions to decide"), (Mark.Attention, "1 transaction held")], (await Needs(QueueHouse.Rita)).Select(n => (n.Mark, n.What)));
        Assert.Empty(await Needs(QueueHouse.Person("Vera", Roles.Viewer)));
    }

    [Fact]
    public async Task An_approver_is_asked_for_what_is_above_the_limit_and_for_nothing_else()
    {
        await house.Post("k1");
        await house.Post("k2", "1000.01", account: 2);
        Assert.Equal(["1 transaction above the limit to approve"], (await Needs(QueueHouse.Person("Anton", Roles.Approver))).Select(n => n.What));
        house.Window.Set(WindowStatus.Running);
        Assert.Empty(await Needs(QueueHouse.Person("Anton", Roles.Approver)));
    }

    [Fact]
    public async Task While_the_desk_is_closed_nobody_is_asked_to_decide()
    {
        await house.Post("k1");
        house.Window.Set(WindowStatus.Running);
        Assert.Empty(await Needs(QueueHouse.Rita));
    }

    [Fact]
    public async Task Of_a_window_that_has_ended_what_came_after_it_is_not_its()
    {
        await house.Post("k1");
        var window = house.Window.Set(WindowStatus.Reviewing);
        var witness = house.Services.GetServices<IWindowWitness>().OfType<QueueWitness>().Single();
        await Task.Delay(5);
        var ended = window with { Status = WindowStatus.Closed, EndedAt = TimeProvider.System.GetUtcNow() };
        await Task.Delay(5);
        await house.Post("k2", account: 2);
        await using var db = house.Store.CreateDbContext();
        Assert.Equal((2, 1), ((await witness.Undecided(db, window, default)).Pending, (await witness.Undecided(db, ended, default)).Pending));
    }

    [Fact]
    public async Task The_end_of_the_review_is_told_from_the_pace_of_the_last_decisions_and_not_before_there_are_three()
    {
        var now = DateTimeOffset.UnixEpoch;
        Assert.Null(QueuePace.SecondsEach([now, now.AddSeconds(30)]));
        Assert.Equal(15, QueuePace.SecondsEach([now.AddSeconds(30), now, now.AddSeconds(15)]));

        var window = house.Window.Set(WindowStatus.Reviewing);
        var witness = house.Services.GetServices<IWindowWitness>().OfType<QueueWitness>().Single();
        async Task<DateTimeOffset?> About(DateTimeOffset at)
        {
            await using var db = house.Store.CreateDbContext();
            return await witness.DoneAbout(db, window, at, default);
        }
        for (var n = 1; n <= 5; n++)
        {
            var id = await house.Post($"k{n}", account: n);
            if (n > 3) { continue; }
            Assert.Null(await About(TimeProvider.System.GetUtcNow()));
            await house.Queue.Commit(QueueHouse.Rita, id, default);
        }
        var asked = TimeProvider.System.GetUtcNow();
        Assert.True(await About(asked) > asked);
        Assert.Null(await About(asked.AddHours(1)));
    }
}
