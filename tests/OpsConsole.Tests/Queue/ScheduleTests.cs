using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Features.Schedules;
using OpsConsole.Ground;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Windows;
using Xunit;

namespace OpsConsole.Tests.Queue;

/// <summary>Work by the clock: each due time of the window once, oldest first, and again after a rollback.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly QueueHouse house = new();
    public ValueTask InitializeAsync() => house.InitializeAsync();
    public ValueTask DisposeAsync() => house.DisposeAsync();

    private ScheduleService Schedules => house.Services.GetRequiredService<ScheduleService>();
    private static DateTimeOffset Midnight => new(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);

    /// <summary>A window that has seen three midnights.</summary>
    private OpenWindow ThreeDays(WindowStatus status = WindowStatus.Reviewing) =>
        house.Window.Now = new OpenWindow("w1", "Night", status, ["members"], Midnight.AddDays(-3).AddHours(1), null, null, null);

    [Fact]
    public async Task Every_midnight_of_the_window_is_caught_up_once_and_oldest_first()
    {
        ThreeDays();
        var before = Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!);
        Assert.Equal(3, before.Missed);
        Assert.All(before.Occurrences, o => Assert.Equal(OccurrenceStatus.Missed, o.State));
        var both = await Task.WhenAll(Schedules.CatchUp(QueueHouse.Olaf, "interest", default), Schedules.CatchUp(QueueHouse.Olaf, "interest", default));
        Assert.All(both, b => Assert.True(b.Refusal is null or { Code: RefusalCode.InProgress or RefusalCode.WrongState }, b.Refusal?.Text));
        Assert.Null((await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal);
        Assert.Equal(3L, await house.Number("select count(*) from interest"));
        Assert.Equal(3L, await house.Number("select count(*) from interest a where not exists (select 1 from interest b where b.rowid < a.rowid and b.due > a.due)"));
        var after = Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!);
        Assert.Equal((0, 3), (after.Missed, after.Occurrences.Count(o => o.State == OccurrenceStatus.Done)));
    }

    [Fact]
    public async Task Outside_a_window_nothing_is_missed_because_the_site_does_its_work_itself()
    {
        Assert.Empty(Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!).Occurrences);
    }

    [Fact]
    public async Task One_that_the_database_refuses_says_why_and_holds_up_the_later_ones()
    {
        ThreeDays();
        await house.Sql("create trigger no before insert on interest begin select raise(abort, 'no interest today'); end");
        var refused = await Schedules.CatchUp(QueueHouse.Olaf, "interest", default);
        Assert.Equal(RefusalCode.NotNow, refused.Refusal!.Code);
        Assert.Contains("no interest today", refused.Refusal.Text, StringComparison.Ordinal);
        Assert.Equal([OccurrenceStatus.Failed, OccurrenceStatus.Missed, OccurrenceStatus.Missed],
            Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!).Occurrences.Select(o => o.State));
        await house.Sql("drop trigger no");
        Assert.Null((await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal);
        Assert.Equal(3L, await house.Number("select count(*) from interest"));
    }

    [Fact]
    public async Task A_rollback_makes_them_missed_again_and_what_is_missed_holds_finalize_back()
    {
        var window = ThreeDays();
        var witness = house.Services.GetServices<IWindowWitness>().OfType<ScheduleWitness>().Single();
        await Schedules.CatchUp(QueueHouse.Olaf, "interest", default);
        await using var db = house.Store.CreateDbContext();
        Assert.Equal((3, 0), (await witness.CommittedIn(db, window, default), (await witness.Undecided(db, window, default)).Missed));
        await house.Recorder.Write((write, t) => witness.RolledBack(write, window, t), default);
        Assert.Equal(3, (await witness.Undecided(db, window, default)).Missed);
    }

    /// <summary>The first of three, as it stands between the word that it begins and the database.</summary>
    private async Task BegunAndNeverEnded()
    {
        ThreeDays();
        await Schedules.Collect(default);
        await house.Recorder.Write(async (write, t) =>
        {
            var row = await write.Db.Set<OccurrenceRow>().OrderBy(o => o.Due).FirstAsync(t);
            (row.Status, row.Epoch) = (OccurrenceStatus.Committing, house.Services.GetRequiredService<DriverLease>().Epoch);
        }, default);
    }

    [Fact]
    public async Task One_that_was_cut_off_before_the_database_is_missed_after_the_start_and_runs_once()
    {
        await BegunAndNeverEnded();
        Assert.Equal(RefusalCode.InProgress, (await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal!.Code);
        Assert.True(await house.Services.GetRequiredService<DriverLease>().Take(default));
        foreach (var step in house.Services.GetServices<IStartStep>().OrderBy(s => s.Order)) { await step.Run(default); }
        Assert.Null((await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal);
        Assert.Equal(3L, await house.Number("select count(*) from interest"));
    }

    [Fact]
    public async Task One_that_this_console_began_and_never_brought_to_an_end_is_settled_by_its_marker_without_a_restart()
    {
        await BegunAndNeverEnded();
        await house.Services.GetRequiredService<ScheduleCommits>().SettleAll(default);
        Assert.Equal(3, Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!).Missed);
        Assert.Null((await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal);
        Assert.Equal(3L, await house.Number("select count(*) from interest"));
    }

    [Fact]
    public async Task Only_an_operator_catches_up_and_only_while_the_desk_is_open()
    {
        ThreeDays();
        Assert.Equal(RefusalCode.NotAllowed, (await Schedules.CatchUp(QueueHouse.Rita, "interest", default)).Refusal!.Code);
        ThreeDays(WindowStatus.Running);
        Assert.Equal(RefusalCode.NotNow, (await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await Schedules.CatchUp(QueueHouse.Olaf, "nothing", default)).Refusal!.Code);
        Assert.Equal(0L, await house.Number("select count(*) from interest"));
    }

    [Theory]
    [InlineData(WindowStatus.Finalized)]
    [InlineData(WindowStatus.Thawing)]
    public async Task Until_the_gates_are_open_again_what_falls_due_is_missed_and_cannot_be_caught_up(WindowStatus status)
    {
        ThreeDays(status);
        var schedule = Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!);
        Assert.Equal(3, schedule.Missed);
        Assert.Equal(RefusalCode.NotNow, (await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal!.Code);
        Assert.Equal(0L, await house.Number("select count(*) from interest"));
    }

    [Fact]
    public async Task What_was_left_at_finalize_and_what_fell_due_before_the_end_is_caught_up_after_it_and_nothing_later()
    {
        ThreeDays(WindowStatus.Finalized);
        await Schedules.List(QueueHouse.Vera, default);
        house.Window.Ended = house.Window.Now! with { Status = WindowStatus.Closed, StartedAt = Midnight.AddDays(-4).AddHours(1), EndedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1) };
        house.Window.Now = null;
        Assert.Equal(4, Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!).Missed);
        Assert.Null((await Schedules.CatchUp(QueueHouse.Olaf, "interest", default)).Refusal);
        Assert.Equal(4L, await house.Number("select count(*) from interest"));
    }

    [Fact]
    public async Task A_window_that_ended_long_ago_is_not_looked_at_again()
    {
        house.Window.Ended = ThreeDays(WindowStatus.Closed) with { EndedAt = TimeProvider.System.GetUtcNow().AddHours(-2) };
        house.Window.Now = null;
        Assert.Empty(Assert.Single((await Schedules.List(QueueHouse.Vera, default)).Value!).Occurrences);
    }
}
