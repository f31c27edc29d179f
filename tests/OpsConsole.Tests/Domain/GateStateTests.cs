using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using Xunit;

namespace OpsConsole.Tests.Domain;

public sealed class GateStateTests
{
    private static readonly DateTimeOffset T0 = new(2005, 11, 15, 22, 0, 0, TimeSpan.Zero);
    private static readonly AnnouncedWindow Window = new(T0.AddHours(-1), T0.AddHours(5));
    private static readonly Staff Crew = new(["root"], ["10.1.0.0/16", "192.0.2.7", "no address"]);

    [Fact]
    public void The_version_grows_with_every_change()
    {
        var gate = GateState.New("forum", 15);
        var versions = new List<long> { gate.Version };
        foreach (var change in new Func<GateState, GateState>[]
        {
            g => g.Announce(Window), g => g.Freeze(FreezeDepth.Logins, "soon", T0, 0), g => g.Freeze(FreezeDepth.Everyone, null, T0, 0),
            g => g.WithTrial(true, T0, 0), g => g.Thaw(0).State, g => g.Thaw(50).State, g => g.Open(),
        })
        {
            versions.Add((gate = change(gate)).Version);
        }
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), versions);
    }

    [Fact]
    public void After_a_trial_the_freeze_is_certain_only_when_those_who_came_in_meanwhile_are_out()
    {
        var gate = GateState.New("forum", 15).Announce(Window).Freeze(FreezeDepth.Everyone, null, T0, 0);
        Assert.True(gate.Certain(T0, 16_000).Is);
        gate = gate.WithTrial(true, T0, 20_000).WithTrial(false, T0, 60_000);
        Assert.False(gate.Certain(T0, 60_500).Is);
        Assert.True(gate.Certain(T0, 76_000).Is);
        Assert.Equal(GateState.New("forum", 15), GateState.New("forum", 15).WithTrial(true, T0, 0));
    }

    [Fact]
    public void A_shallower_freeze_does_not_open_a_deeper_one()
    {
        var gate = GateState.New("forum", 15).Freeze(FreezeDepth.Databases, "closed", T0, 0).Freeze(FreezeDepth.Logins, "other", T0, 5);
        Assert.Equal(("everyone", FreezeDepth.Databases, "other"), (gate.State, gate.Depth!.Value, gate.Message));
    }

    [Fact]
    public void A_freeze_is_certain_when_every_live_instance_has_acknowledged_it()
    {
        var gate = GateState.New("forum", 15).Announce(Window).Ask("a", T0, 0).Ask("b", T0, 0).Freeze(FreezeDepth.Everyone, null, T0, 0);
        Assert.Equal(["a", "b"], gate.Certain(T0, 100).WaitingFor);
        gate = gate.Acknowledge("a", gate.Version, T0).Acknowledge("b", gate.Version - 1, T0);
        Assert.Equal(["b"], gate.Certain(T0, 100).WaitingFor);
        Assert.Equal((true, "acknowledged"), Word(gate.Acknowledge("b", gate.Version, T0).Certain(T0, 100)));
    }

    [Fact]
    public void In_an_announced_window_silence_is_certain_after_a_lease_and_a_second()
    {
        var gate = GateState.New("forum", 15).Announce(Window).Ask("a", T0, 0).Freeze(FreezeDepth.Everyone, null, T0, 1000);
        Assert.False(gate.Certain(T0, 16_999).Is);
        Assert.Equal((true, "leasesRanOut"), Word(gate.Certain(T0, 17_000)));
    }

    [Fact]
    public void Without_an_announced_window_silence_proves_nothing_and_closed_databases_do()
    {
        var gate = GateState.New("forum", 15).Ask("a", T0, 0).Freeze(FreezeDepth.Databases, null, T0, 0);
        Assert.False(gate.Certain(T0, 1_000_000).Is);
        Assert.Equal((true, "databasesClosed"), Word(gate.WithDatabasesClosed(true).Certain(T0, 0)));
    }

    [Fact]
    public void An_instance_that_fell_silent_unannounced_is_not_outvoted_by_the_others()
    {
        var gate = GateState.New("forum", 15).Ask("silent", T0, 0).Ask("b", T0, 10_000).Freeze(FreezeDepth.Everyone, null, T0, 10_000);
        gate = gate.Acknowledge("b", gate.Version, T0);
        Assert.False(gate.Certain(T0, 20_000).Is);
    }

    [Fact]
    public void An_open_gate_is_not_certain_of_anything_and_none_acknowledges_the_future()
    {
        var gate = GateState.New("forum", 15).Ask("a", T0, 0).Acknowledge("a", 99, T0);
        Assert.False(gate.Certain(T0, 0).Is);
        Assert.Equal(["a"], gate.Freeze(FreezeDepth.Everyone, null, T0, 0).Certain(T0, 0).WaitingFor);
    }

    [Theory]
    [InlineData(-1, RefusalCode.InvalidField)]
    [InlineData(101, RefusalCode.InvalidField)]
    [InlineData(10, RefusalCode.WrongState)]
    public void A_thaw_that_is_no_thaw_is_refused(int share, string code)
    {
        var gate = GateState.New("forum", 15).Freeze(FreezeDepth.Everyone, null, T0, 0).Thaw(20).State;
        var (after, refusal) = gate.Thaw(share);
        Assert.Equal(code, refusal!.Code);
        Assert.Equal(gate, after);
        Assert.Equal(RefusalCode.WrongState, GateState.New("forum", 15).Thaw(0).Refusal!.Code);
        Assert.Equal(RefusalCode.WrongState, GateState.New("forum", 15).Freeze(FreezeDepth.Databases, null, T0, 0).WithDatabasesClosed(true).Thaw(0).Refusal!.Code);
    }

    [Theory]
    [InlineData("root", null, true)]
    [InlineData(null, "10.1.2.3", true)]
    [InlineData(null, "::ffff:10.1.2.3", true)]
    [InlineData(null, "192.0.2.7", true)]
    [InlineData("eve", "10.2.0.1", false)]
    [InlineData("ROOT", "no address", false)]
    [InlineData(null, null, false)]
    public void At_share_0_only_staff_come_in(string? user, string? address, bool passes)
    {
        var gate = GateState.New("forum", 15).Freeze(FreezeDepth.Everyone, null, T0, 0);
        Assert.False(gate.LetIn(user, address, Crew));
        Assert.Equal(passes, gate.WithTrial(true, T0, 0).LetIn(user, address, Crew));
        Assert.Equal(passes, gate.Thaw(0).State.LetIn(user, address, Crew));
        Assert.True(gate.Thaw(100).State.LetIn(user, address, Crew));
    }

    [Fact]
    public void A_member_comes_in_when_the_share_passes_their_bucket()
    {
        // From sha256sum: printf 'forum\nmember1' gives the first four bytes.
        var bucket = GateState.Bucket("forum", "member1");
        var gate = GateState.New("forum", 15).Freeze(FreezeDepth.Everyone, null, T0, 0);
        Assert.Equal(78, bucket);
        Assert.False(gate.Thaw(bucket).State.LetIn("member1", null, Staff.Nobody));
        Assert.True(gate.Thaw(bucket + 1).State.LetIn("member1", null, Staff.Nobody));
    }

    [Fact]
    public void Instances_that_are_long_gone_are_forgotten()
    {
        var gate = GateState.New("forum", 15).Ask("a", T0, 0).Ask("b", T0, 100_000);
        Assert.Equal(["b"], gate.Forget(100_000, 60_000).Instances.Select(i => i.Name));
    }

    private static (bool, string?) Word(Certainty certainty) => (certainty.Is, certainty.Because);
}
