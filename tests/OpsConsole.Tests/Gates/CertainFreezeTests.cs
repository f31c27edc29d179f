using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using Xunit;

namespace OpsConsole.Tests.Gates;

public sealed class CertainFreezeTests
{
    [Fact]
    public async Task A_freeze_is_certain_when_every_live_instance_has_acknowledged_and_not_before()
    {
        await using var house = await GateHouse.Open();
        await house.Ask("web1");
        await house.Ask("web2");
        var frozen = await house.Freeze();
        Assert.Equal(["web1", "web2"], frozen.Certain.WaitingFor);
        await house.Ack("web1", frozen.Version);
        Assert.False(house.Certain().Is);
        Assert.Equal(["web2"], house.Certain().WaitingFor);
        await house.Ack("web2", frozen.Version);
        Assert.Equal((true, "acknowledged"), (house.Certain().Is, house.Certain().Because));
    }

    [Fact]
    public async Task In_an_announced_window_a_silent_instance_is_waited_for_until_one_lease_and_a_second_are_over()
    {
        await using var house = await GateHouse.Open();
        await house.Announce();
        await house.Ask("web1");
        await house.Freeze();
        await house.Pass(15.9);
        Assert.False(house.Certain().Is);
        await house.Pass(0.2);
        Assert.Equal((true, "leasesRanOut"), (house.Certain().Is, house.Certain().Because));
    }

    [Fact]
    public async Task Outside_an_announced_window_silence_never_makes_a_freeze_certain()
    {
        await using var house = await GateHouse.Open();
        await house.Ask("web1");
        await house.Freeze();
        await house.Pass(3600);
        Assert.False(house.Certain().Is);
    }

    [Fact]
    public async Task An_instance_that_was_never_told_of_the_window_is_waited_for_beyond_its_lease()
    {
        await using var house = await GateHouse.Open();
        await house.Ask("web1");
        await house.Announce();
        await house.Freeze();
        await house.Pass(60);
        Assert.Equal(["web1"], house.Certain().WaitingFor);
        Assert.False(house.Certain().Is);
    }

    [Fact]
    public async Task A_deeper_freeze_during_a_freeze_has_to_be_acknowledged_anew()
    {
        await using var house = await GateHouse.Open();
        await house.Ask("web1");
        var logins = await house.Freeze();
        await house.Ack("web1", logins.Version);
        Assert.True(house.Certain().Is);
        var everyone = await house.Freeze(FreezeDepth.Everyone);
        Assert.True(everyone.Version > logins.Version);
        Assert.False(house.Certain().Is);
        Assert.Equal("everyone", (await house.Ask("web1")).State);
    }

    [Fact]
    public async Task A_replayed_old_acknowledgement_takes_nothing_back_and_proves_nothing()
    {
        await using var house = await GateHouse.Open();
        var before = await house.Ask("web1");
        var frozen = await house.Freeze();
        await house.Ack("web1", before.Version);
        Assert.False(house.Certain().Is);
        await house.Ack("web1", frozen.Version);
        await house.Ack("web1", before.Version);
        Assert.True(house.Certain().Is);
    }

    [Fact]
    public async Task A_word_from_the_future_acknowledges_no_freeze_that_comes_later()
    {
        await using var house = await GateHouse.Open();
        await house.Ask("web1");
        await house.Ack("web1", 9_999);
        await house.Freeze();
        Assert.False(house.Certain().Is);
    }

    [Fact]
    public async Task Who_waits_for_news_is_woken_by_the_freeze()
    {
        await using var house = await GateHouse.Open();
        var open = await house.Ask("web1");
        var waiting = house.Gates.Ask(GateHouse.KeyOf("members"), "members", "web1", open.Version, 25, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        await house.Freeze();
        var told = (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Value!;
        Assert.Equal(("logins", "stop", "Back at five."), (told.State, told.Jobs, told.Message));
        Assert.True(told.Version > open.Version);
    }

    [Fact]
    public async Task Who_waits_for_news_is_answered_before_its_lease_is_over()
    {
        await using var house = await GateHouse.Open();
        var open = await house.Ask("web1");
        var waiting = house.Gates.Ask(GateHouse.KeyOf("members"), "members", "web1", open.Version, 25, CancellationToken.None);
        house.Clock.Advance(TimeSpan.FromSeconds(4));
        await house.Lease.Renew(CancellationToken.None);
        house.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(open.Version, (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Value!.Version);
    }

    [Fact]
    public async Task A_site_is_told_nothing_by_a_console_that_lost_its_lease()
    {
        await using var house = await GateHouse.Open();
        house.Clock.Advance(TimeSpan.FromSeconds(7));
        var answer = await house.Gates.Ask(GateHouse.KeyOf("members"), "members", "web1", null, 0, CancellationToken.None);
        Assert.Equal(RefusalCode.NotNow, answer.Refusal!.Code);
    }

    [Fact]
    public async Task A_key_opens_only_the_gate_of_its_own_site()
    {
        await using var house = await GateHouse.Open();
        Assert.Equal(RefusalCode.NotAllowed, (await house.Gates.Ask(GateHouse.KeyOf("forum"), "members", "web1", null, 0, CancellationToken.None)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotAllowed, house.Gates.Check(GateHouse.KeyOf("forum"), "members", "m", null).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await house.Gates.Ask(GateHouse.KeyOf("shop"), "shop", "web1", null, 0, CancellationToken.None)).Refusal!.Code);
    }

    [Fact]
    public async Task A_viewer_freezes_nothing()
    {
        await using var house = await GateHouse.Open();
        var answer = await house.Gates.Freeze(GateHouse.Vera, "members", FreezeDepth.Logins, null, "why not", false, CancellationToken.None);
        Assert.Equal(RefusalCode.NotAllowed, answer.Refusal!.Code);
        Assert.Equal("open", (await house.Ask("web1")).State);
    }

    [Fact]
    public async Task An_operator_without_a_fresh_proof_freezes_nothing()
    {
        await using var house = await GateHouse.Open();
        var answer = await house.Gates.Freeze(GateHouse.Rosa with { SteppedUpUntil = null }, "members", FreezeDepth.Logins, null, "upgrade", false, CancellationToken.None);
        Assert.Equal(RefusalCode.StepUpNeeded, answer.Refusal!.Code);
        Assert.Equal("open", (await house.Ask("web1")).State);
    }
}
