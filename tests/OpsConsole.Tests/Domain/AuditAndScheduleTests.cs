using System.Text.Json;
using OpsConsole.Domain.Audit;
using OpsConsole.Domain.Schedules;
using Xunit;

namespace OpsConsole.Tests.Domain;

public sealed class AuditAndScheduleTests
{
    private static readonly DateTimeOffset T0 = new(2005, 11, 18, 9, 0, 0, TimeSpan.Zero);

    private static List<Entry> Chain(int length)
    {
        var entries = new List<Entry>();
        for (var i = 0; i < length; i++)
        {
            entries.Add(AuditChain.Append(entries.LastOrDefault(), T0.AddTicks(i * 13), "ann", "passkey", "freeze", "forum", $"{{\"b\":{i},\"a\":1}}"));
        }
        return entries;
    }

    [Fact]
    public void A_whole_chain_verifies_from_the_start_and_from_the_middle()
    {
        var chain = Chain(5);
        Assert.Null(AuditChain.Verify(chain));
        Assert.Null(AuditChain.Verify(chain.Skip(2)));
        Assert.Null(AuditChain.Verify([]));
        Assert.Equal("{\"a\":1,\"b\":0}", chain[0].DetailsJson);
    }

    [Fact]
    public void Any_changed_field_breaks_the_chain_at_that_entry()
    {
        var changes = new Func<Entry, Entry>[]
        {
            e => e with { At = e.At.AddSeconds(1) }, e => e with { Actor = "eve" }, e => e with { Proof = "key" }, e => e with { Action = "thaw" },
            e => e with { Subject = "members" }, e => e with { DetailsJson = "{}" }, e => e with { PreviousHash = AuditChain.Genesis }, e => e with { Hash = AuditChain.Genesis },
        };
        foreach (var change in changes)
        {
            var chain = Chain(5);
            chain[2] = change(chain[2]);
            Assert.Equal(3, AuditChain.Verify(chain)!.Sequence);
        }
    }

    [Fact]
    public void A_rewritten_entry_with_its_own_right_hash_breaks_the_next_one()
    {
        var chain = Chain(4);
        var forged = chain[1] with { Actor = "eve" };
        chain[1] = forged with { Hash = AuditChain.HashOf(forged) };
        Assert.Equal(3, AuditChain.Verify(chain)!.Sequence);
    }

    [Fact]
    public void A_missing_a_moved_and_a_repeated_entry_are_found()
    {
        var gap = Chain(4);
        gap.RemoveAt(1);
        Assert.Equal(3, AuditChain.Verify(gap)!.Sequence);
        var twice = Chain(2);
        twice.Add(twice[1]);
        Assert.NotNull(AuditChain.Verify(twice));
        Assert.NotNull(AuditChain.Verify(Chain(3).AsEnumerable().Reverse()));
    }

    [Fact]
    public void Moving_text_across_a_border_of_two_fields_changes_the_hash()
    {
        var entry = Chain(1)[0];
        Assert.NotEqual(AuditChain.HashOf(entry with { Actor = "ab", Proof = "c" }), AuditChain.HashOf(entry with { Actor = "a", Proof = "bc" }));
    }

    [Fact]
    public void The_hash_is_the_sum_of_each_field_with_its_length_before_it()
    {
        var entry = AuditChain.Append(Chain(1)[0], T0.AddTicks(1_234_567), "Zoë \ud83d\udd11", "key:ü", "freeze", "", "{\"text\":\"日本\"}");
        using var bytes = new MemoryStream();
        foreach (var field in new[] { "2", "2005-11-18T09:00:00.123456Z", entry.Actor, entry.Proof, entry.Action, entry.Subject, entry.DetailsJson, entry.PreviousHash })
        {
            var text = System.Text.Encoding.UTF8.GetBytes(field);
            bytes.Write([(byte)(text.Length >> 24), (byte)(text.Length >> 16), (byte)(text.Length >> 8), (byte)text.Length]);
            bytes.Write(text);
        }
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.ToArray())), entry.Hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void Details_that_are_no_plain_json_are_not_recorded(string details)
    {
        Assert.ThrowsAny<JsonException>(() => AuditChain.Append(null, T0, "ann", "passkey", "x", "y", details));
    }

    [Fact]
    public void An_occurrence_has_one_name_in_every_time_zone_and_can_be_read_back()
    {
        var name = Occurrences.NameOf("daily-interest", T0.ToOffset(TimeSpan.FromHours(5)));
        Assert.Equal("schedule/daily-interest/2005-11-18T09:00:00Z", name);
        Assert.True(Occurrences.TryParse(name, out var schedule, out var due));
        Assert.Equal(("daily-interest", T0), (schedule, due));
        foreach (var bad in new[] { "", "schedule//2005-11-18T09:00:00Z", "schedule/x/yesterday", "job/x/2005-11-18T09:00:00Z", "schedule/x/y/2005-11-18T09:00:00Z" })
        {
            Assert.False(Occurrences.TryParse(bad, out _, out _));
        }
    }

    [Fact]
    public void The_list_shows_done_missed_and_failed_oldest_first_and_nothing_of_the_future()
    {
        DateTimeOffset[] due = [T0.AddDays(3), T0.AddDays(1), T0, T0.AddDays(2), T0];
        string Name(int day) => Occurrences.NameOf("i", T0.AddDays(day));
        var list = Occurrences.List("i", due, [new(Name(0), "lock"), new(Name(0), null), new(Name(1), "no table")], T0.AddDays(2));

        Assert.Equal([OccurrenceState.Done, OccurrenceState.Failed, OccurrenceState.Missed], list.Select(o => o.State));
        Assert.Equal("no table", list[1].Because);
        Assert.Equal(Name(1), Occurrences.NextToCatchUp(list)!.Name);
        Assert.Null(Occurrences.NextToCatchUp(list.Take(1)));
    }
}
