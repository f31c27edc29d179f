using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Acts;
using Xunit;

namespace OpsConsole.Tests.Gates;

public sealed class FreezeRestartTests
{
    [Fact]
    public async Task A_version_only_grows_across_restarts_and_a_freeze_stays()
    {
        await using var first = await GateHouse.Open();
        var frozen = await first.Freeze(FreezeDepth.Everyone);
        await using var second = await first.Restart();
        var told = await second.Ask("web1");
        Assert.Equal(("everyone", frozen.Version), (told.State, told.Version));
        Assert.True((await second.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None)).Value!.Version > frozen.Version);
    }

    [Fact]
    public async Task After_a_restart_an_instance_of_before_is_waited_for_until_a_full_lease_is_over()
    {
        await using var first = await GateHouse.Open();
        await first.Announce();
        await first.Ask("web1");
        await first.Ask("web2");
        var frozen = await first.Freeze();
        await first.Ack("web1", frozen.Version);
        await using var second = await first.Restart();
        await second.Ask("web1");
        Assert.Equal(["web2"], second.Certain().WaitingFor);
        await second.Pass(15.5);
        Assert.False(second.Certain().Is);
        await second.Pass(1);
        Assert.True(second.Certain().Is);
    }

    [Fact]
    public async Task A_windows_gate_can_be_closed_further_by_hand_also_while_it_thaws_and_is_told_nothing_else()
    {
        await using var house = await GateHouse.Open();
        Task<Answer<GateState>> ByHand(FreezeDepth depth) => house.Freezing.Freeze(GateHouse.Rosa, "members", depth, null, "members see wrong balances", false, null, null, CancellationToken.None);
        Assert.Null((await house.Freezing.Freeze(GateHouse.Rosa, "members", FreezeDepth.Logins, "Maintenance.", null, false, "w1", null, CancellationToken.None)).Refusal);
        Assert.Equal(RefusalCode.WrongState, (await ByHand(FreezeDepth.Logins)).Refusal!.Code);
        var deeper = (await ByHand(FreezeDepth.Everyone)).Value!;
        Assert.Equal((GateDoor.Everyone, "Maintenance."), (deeper.Door, deeper.Message));
        Assert.Null((await house.Freezing.Thaw(GateHouse.Rosa, "members", 25, "w1", null, CancellationToken.None)).Refusal);
        Assert.Equal(GateDoor.Everyone, (await ByHand(FreezeDepth.Everyone)).Value!.Door);
    }

    [Fact]
    public async Task A_drain_by_hand_goes_on_after_a_restart_and_ends_with_its_freeze()
    {
        await using var first = await GateHouse.Open();
        await first.Freeze(FreezeDepth.Everyone);
        await first.Pass(1);
        Assert.Null(await first.Drains.Begin(GateHouse.Rosa, "members", CancellationToken.None));
        var ordered = first.Drains.Of("members");
        await first.Pass(20);
        await using var second = await first.Restart();
        Assert.Equal(ordered, second.Drains.Of("members"));
        await second.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None);
        Assert.Null(second.Drains.Of("members"));
        await second.Pass(1);
        await second.Freeze(FreezeDepth.Everyone);
        await using var third = await second.Restart();
        Assert.Null(third.Drains.Of("members"));
    }

    [Fact]
    public async Task What_was_acknowledged_before_a_restart_counts_after_it()
    {
        await using var first = await GateHouse.Open();
        await first.Ask("web1");
        var frozen = await first.Freeze();
        await first.Ack("web1", frozen.Version);
        await using var second = await first.Restart();
        Assert.Equal("acknowledged", second.Certain().Because);
    }

    [Fact]
    public async Task Since_when_a_freeze_is_certain_is_told_across_a_restart()
    {
        await using var first = await GateHouse.Open();
        await first.Freeze(FreezeDepth.Databases);
        var since = first.Clock.GetUtcNow();
        await first.Recorder.Write((write, _) => { write.Audit(global::OpsConsole.Ground.Access.Actor.Console, "gate.certain", "members"); return Task.CompletedTask; }, CancellationToken.None);
        await first.Pass(30);
        var second = await first.Restart();
        Assert.Equal((true, since), (second.Certain().Is, second.Certain().Since));
    }

    [Fact]
    public async Task A_site_that_was_frozen_by_hand_is_told_of_until_it_is_open_again()
    {
        await using var house = await GateHouse.Open();
        Assert.Empty(await house.Gates.Read(GateHouse.Rosa, CancellationToken.None));
        var frozen = await house.Freeze(FreezeDepth.Databases);
        Assert.True(frozen.Certain.Is);
        Assert.Contains((await house.Gates.Read(GateHouse.Rosa, CancellationToken.None)), n => n.What == "members is frozen by hand: everyone is out, its databases are closed");
        await house.Gates.Thaw(GateHouse.Rosa, "members", 5, CancellationToken.None);
        Assert.Contains((await house.Gates.Read(GateHouse.Rosa, CancellationToken.None)), n => n.What == "members was frozen by hand and lets in 5 %");
        await house.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None);
        Assert.DoesNotContain(await house.Gates.Read(GateHouse.Rosa, CancellationToken.None), n => n.What.StartsWith("members", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doors_that_came_open_during_a_freeze_are_shut_again_at_start()
    {
        await using var first = await GateHouse.Open();
        await first.Freeze(FreezeDepth.Databases);
        first.Databases[0].State = DoorState.Open;
        await using var second = await first.Restart();
        Assert.Equal(DoorState.Closed, second.Databases[0].State);
        Assert.Equal("databasesClosed", second.Certain().Because);
    }

    [Fact]
    public async Task A_close_by_hand_that_was_cut_off_is_done_again_so_that_no_session_is_left_behind_shut_doors()
    {
        await using var first = await GateHouse.Open();
        await first.Freeze(FreezeDepth.Databases);
        await first.Recorder.Write((write, _) =>
        {
            write.Db.Acts.Add(new ActRow { Id = "a", Kind = "close", Subject = "members", StartedAt = write.Now, IntentJson = "{}" });
            return Task.CompletedTask;
        }, CancellationToken.None);
        await using var second = await first.Restart();
        Assert.Equal(2, second.Databases[0].Calls.Count(c => c == "CloseDoors"));
        await using var third = await second.Restart();
        Assert.Equal(2, third.Databases[0].Calls.Count(c => c == "CloseDoors"));
    }

    [Fact]
    public async Task A_freeze_down_to_the_databases_that_was_cut_off_before_their_doors_is_carried_out_at_start()
    {
        await using var first = await GateHouse.Open();
        await first.Book.Change(GateHouse.Rosa, "members", "gate.frozen", g => (g.Freeze(FreezeDepth.Databases, null, first.Clock.GetUtcNow(), 0), null), null, null, CancellationToken.None);
        Assert.Equal(DoorState.Open, first.Databases[0].State);
        await using var second = await first.Restart();
        Assert.Equal(DoorState.Closed, second.Databases[0].State);
        Assert.Equal("databasesClosed", second.Certain().Because);
    }

    [Fact]
    public async Task The_rights_to_put_back_are_those_of_before_the_first_close_even_after_a_second()
    {
        await using var house = await GateHouse.Open();
        await house.Freeze(FreezeDepth.Databases);
        await house.Freezing.Close(GateHouse.Rosa, ["members"], null, null, CancellationToken.None);
        Assert.Equal("""{"was":"Open"}""", (await house.Doors.Find("members", CancellationToken.None))!.Json);
        Assert.Single(house.Databases[0].Calls, "ReadDoors");
    }

    [Fact]
    public async Task A_thaw_by_hand_puts_the_rights_back_before_it_lets_anybody_in()
    {
        await using var house = await GateHouse.Open();
        await house.Freeze(FreezeDepth.Databases);
        var thawed = await house.Gates.Thaw(GateHouse.Rosa, "members", 5, CancellationToken.None);
        Assert.Equal(("thawing", 5), (thawed.Value!.State, thawed.Value.Share));
        Assert.Equal(DoorState.Open, house.Databases[0].State);
        Assert.Null(await house.Doors.Find("members", CancellationToken.None));
    }

    [Fact]
    public async Task Closing_a_shared_database_is_refused_with_the_names_of_the_other_sites()
    {
        await using var house = await GateHouse.Open();
        var answer = await house.Gates.Freeze(GateHouse.Rosa, "members", FreezeDepth.Databases, null, "upgrade", false, CancellationToken.None);
        Assert.Equal(RefusalCode.WrongState, answer.Refusal!.Code);
        Assert.Contains("forum", answer.Refusal.Text, StringComparison.Ordinal);
        Assert.Equal(("open", DoorState.Open), ((await house.Ask("web1")).State, house.Databases[0].State));
    }

    [Fact]
    public async Task A_freeze_that_was_cut_off_before_its_effect_is_carried_out_at_start_and_a_thaw_is_not()
    {
        await using var first = await GateHouse.Open();
        await first.Freeze(FreezeDepth.Everyone, "forum");
        await first.Recorder.Write((write, _) =>
        {
            write.Db.Acts.Add(new ActRow { Id = "a", Kind = "freeze", Subject = "members", StartedAt = write.Now, IntentJson = """{"site":"members","depth":1,"message":"Back at five.","reason":"upgrade"}""" });
            write.Db.Acts.Add(new ActRow { Id = "b", Kind = "thaw", Subject = "forum", StartedAt = write.Now, IntentJson = """{"site":"forum","share":100,"open":true}""" });
            return Task.CompletedTask;
        }, CancellationToken.None);
        await using var second = await first.Restart();
        Assert.Equal("everyone", (await second.Ask("web1")).State);
        Assert.Equal("everyone", (await second.Ask("web1", "forum")).State);
        await using var db = second.Store.CreateDbContext();
        Assert.Empty(await ActRunner.CutOff(db, CancellationToken.None));
    }

    [Fact]
    public async Task A_gate_that_a_window_holds_is_not_thawed_by_hand()
    {
        await using var house = await GateHouse.Open();
        await house.Freezing.Freeze(GateHouse.Rosa, "members", FreezeDepth.Everyone, null, null, false, "w1", 1, CancellationToken.None);
        Assert.Equal(RefusalCode.WrongState, (await house.Gates.Thaw(GateHouse.Rosa, "members", 100, CancellationToken.None)).Refusal!.Code);
        Assert.Null((await house.Freezing.Thaw(GateHouse.Rosa, "members", 100, "w1", 9, CancellationToken.None)).Refusal);
        Assert.Equal("thawing", (await house.Ask("web1")).State);
        Assert.Equal("open", (await house.Freezing.OpenGate(GateHouse.Rosa, "members", "w1", 10, CancellationToken.None)).Value!.State);
        Assert.Null(house.Book.HeldBy("members"));
    }
}
