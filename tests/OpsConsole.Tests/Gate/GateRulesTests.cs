using System.Net;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Gate;
using Xunit;

namespace OpsConsole.Tests.Gate;

public sealed class GateRulesTests
{
    private static readonly DateTimeOffset Start = new(2005, 11, 15, 6, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider time = new(Start);

    private static GateWord Word(string state, long version = 1, AnnouncedWindow? announced = null, int? share = null) =>
        GateWord.From(new("forum", state, version, 15, Start, "Back at nine.", 120, "run", announced, share));

    private GateKnowledge Heard(GateWord word) => new(word, new(time.GetTimestamp(), time.GetTimestamp(), TimeSpan.FromSeconds(15), time.GetUtcNow()));

    private GateDecision Ask(GateKnowledge known, string? user = "ann", GateAsk ask = GateAsk.Login, GateStaff? staff = null, string? address = null) =>
        GateRules.Decide(known, "forum", staff ?? GateStaff.None, time, user, address is null ? null : IPAddress.Parse(address), ask);

    private AnnouncedWindow Around(double fromSeconds, double toSeconds) => new(Start.AddSeconds(fromSeconds), Start.AddSeconds(toSeconds));

    [Fact]
    public void An_open_gate_lets_everybody_in() => Assert.Equal(new(true, GateReason.Open, 0, null), Ask(Heard(Word("open"))));

    [Theory]
    [InlineData("everyone")]
    [InlineData("drained")]
    [InlineData("OPEN")]
    [InlineData("")]
    [InlineData(null)]
    public void A_state_that_is_not_known_shuts_everybody_out(string? state)
    {
        var known = Heard(Word(state!));
        Assert.False(Ask(known).Allowed);
        Assert.Equal(new(false, GateReason.Frozen, 120, "Back at nine."), Ask(known, ask: GateAsk.Session));
        Assert.False(GateRules.JobsMayRun(known, time));
    }

    [Fact]
    public void With_logins_frozen_a_session_goes_on_and_a_login_does_not()
    {
        var known = Heard(Word("logins"));
        Assert.Equal(GateReason.Frozen, Ask(known).Reason);
        Assert.True(Ask(known, ask: GateAsk.Session).Allowed);
    }

    [Fact]
    public void What_was_frozen_stays_frozen_after_the_lease_ran_out()
    {
        var known = Heard(Word("everyone"));
        time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(GateReason.Frozen, Ask(known).Reason);
    }

    [Fact]
    public void A_dead_console_locks_nobody_out_when_nothing_is_announced()
    {
        var known = Heard(Word("open"));
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(new(true, GateReason.OpenUnheard, 0, null), Ask(known));
        Assert.True(GateRules.JobsMayRun(known, time));
    }

    [Fact]
    public void In_an_announced_window_a_lease_that_ran_out_refuses_logins_to_the_moment()
    {
        var known = Heard(Word("open", announced: Around(0, 60)));
        time.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
        Assert.True(Ask(known).Allowed);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(GateReason.AnnouncedAndUnheard, Ask(known).Reason);
        Assert.False(GateRules.JobsMayRun(known, time));
        Assert.True(Ask(known, ask: GateAsk.Session).Allowed);
        time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(GateReason.OpenUnheard, Ask(known).Reason);
    }

    [Fact]
    public void Before_an_announced_window_a_lease_that_ran_out_refuses_nobody_yet()
    {
        var known = Heard(Word("open", announced: Around(30, 60)));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(Ask(known).Allowed);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(Ask(known).Allowed);
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_lengthen_a_lease()
    {
        var known = Heard(Word("open", announced: Around(-3600, 3600)));
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(GateReason.AnnouncedAndUnheard, GateRules.Decide(known, "forum", GateStaff.None, new SetBack(time), "ann", null, GateAsk.Login).Reason);
    }

    /// <summary>The wall clock was set back by half an hour; the monotonic one was not.</summary>
    private sealed class SetBack(FakeTimeProvider inner) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;
        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow().AddMinutes(-30);
        public override long GetTimestamp() => inner.GetTimestamp();
    }

    [Fact]
    public void The_lease_counts_from_sending_not_from_the_answer()
    {
        var sent = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(5));
        var known = new GateKnowledge(Word("open"), new(sent, time.GetTimestamp(), TimeSpan.FromSeconds(15), time.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(GateRules.IsUnheard(known, time));
    }

    [Fact]
    public void While_the_answer_was_on_its_way_either_end_of_the_window_counts_as_inside()
    {
        var sent = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(4));
        var lease = new GateLease(sent, time.GetTimestamp(), TimeSpan.Zero, Start);
        Assert.True(lease.MayBeInside(Around(4, 9), time));
        Assert.True(lease.MayBeInside(Around(-9, 1), time));
        Assert.False(lease.MayBeInside(Around(5, 9), time));
        Assert.False(lease.MayBeInside(Around(-9, 0), time));
    }

    [Fact]
    public void Who_never_heard_a_word_refuses()
    {
        Assert.Equal(GateReason.NeverHeard, Ask(GateKnowledge.None).Reason);
        Assert.Equal(GateReason.NeverHeard, Ask(GateKnowledge.None, ask: GateAsk.Session).Reason);
        Assert.False(GateRules.JobsMayRun(GateKnowledge.None, time));
    }

    [Fact]
    public void A_remembered_word_has_no_lease_and_goes_by_the_sites_own_clock()
    {
        Assert.Equal(GateReason.Frozen, Ask(new(Word("everyone"), null)).Reason);
        Assert.Equal(GateReason.OpenUnheard, Ask(new(Word("open"), null)).Reason);
        Assert.Equal(GateReason.AnnouncedAndUnheard, Ask(new(Word("open", announced: Around(-1, 1)), null)).Reason);
    }

    [Fact]
    public void A_thaw_needs_a_newer_version()
    {
        var frozen = Heard(Word("everyone", 7));
        Assert.Same(frozen, GateRules.Take(frozen, Word("open", 6), Heard(Word("open")).Lease!.Value));
        Assert.Equal(GateState.Everyone, GateRules.Take(frozen, Word("open", 7), frozen.Lease!.Value).Word!.State);
        Assert.Equal(GateState.Open, GateRules.Take(frozen, Word("open", 8), frozen.Lease!.Value).Word!.State);
    }

    [Fact]
    public void An_older_answer_renews_no_lease_and_the_same_version_does()
    {
        var known = Heard(Word("open", 5));
        time.Advance(TimeSpan.FromSeconds(20));
        var fresh = Heard(Word("open")).Lease!.Value;
        Assert.True(GateRules.IsUnheard(GateRules.Take(known, Word("open", 4), fresh), time));
        var renewed = GateRules.Take(known, Word("open", 5, Around(0, 9)), fresh);
        Assert.False(GateRules.IsUnheard(renewed, time));
        Assert.Equal(Around(0, 9), renewed.Word!.Announced);
    }

    [Fact]
    public void A_thaw_lets_in_staff_then_a_share_then_all()
    {
        var staff = new GateStaff(["ida"], ["10.1.0.0/16", "::1"]);
        var none = Heard(Word("thawing", share: 0));
        Assert.Equal(GateReason.Staff, Ask(none, "ida", staff: staff).Reason);
        Assert.Equal(GateReason.Staff, Ask(none, "ann", staff: staff, address: "::ffff:10.1.2.3").Reason);
        Assert.Equal(GateReason.Staff, Ask(none, null, staff: staff, address: "::1").Reason);
        Assert.Equal(GateReason.NotYet, Ask(none, "ann", staff: staff, address: "10.2.0.1").Reason);
        Assert.True(Ask(Heard(Word("thawing", share: 100)), null).Allowed);
        Assert.False(Ask(Heard(Word("thawing", share: 99)), null).Allowed);
        Assert.False(Ask(Heard(Word("everyone")), "ida", staff: staff).Allowed);
    }

    [Fact]
    public void A_growing_share_takes_nobody_out_again_and_lets_in_about_as_many_as_it_says()
    {
        var inside = Enumerable.Range(0, 2000).Select(i => $"member{i}").Where(u => Ask(Heard(Word("thawing", share: 25)), u).Allowed).ToList();
        Assert.InRange(inside.Count, 420, 580);
        Assert.All(inside, u => Assert.True(Ask(Heard(Word("thawing", share: 50)), u).Allowed));
    }

    [Theory]
    [InlineData("forum", "ann", 29)]
    [InlineData("members", "ann", 37)]
    [InlineData("forum", "Zoë", 64)]
    public void The_bucket_is_the_one_that_every_other_client_computes(string site, string user, int bucket) =>
        Assert.Equal(bucket, ThawBucket.Of(site, user));

    [Fact]
    public void No_order_of_answers_lets_an_older_version_win() =>
        Gen.Select(Gen.Long[1, 9], Gen.Int[0, 3].Select(i => new[] { "open", "everyone", "logins", "thawing" }[i])).Array[1, 20].Sample(answers =>
        {
            var known = GateKnowledge.None;
            foreach (var (version, state) in answers)
            {
                known = GateRules.Take(known, Word(state, version), Heard(Word(state)).Lease!.Value);
            }
            var newest = answers.Max(a => a.Item1);
            return known.Word!.Version == newest && known.Word.State == Word(answers.First(a => a.Item1 == newest).Item2).State;
        });
}
