using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using Xunit;

namespace OpsConsole.Tests.Domain;

public sealed class QueueTests
{
    private static readonly DateTimeOffset T0 = new(2005, 11, 18, 9, 0, 0, TimeSpan.Zero);
    private static QueuedTransaction One(bool above = false, long sequence = 1, params string[] keys) =>
        new($"t{sequence}", "members", $"k{sequence}", "deposit", sequence, "site-key", "hash", keys.Length == 0 ? ["account=1"] : keys, above);

    [Fact]
    public void Below_the_limit_commit_is_approval_and_commit_in_one()
    {
        var done = One().BeginCommit("rita", T0, new()).MarkCommitted(T0);
        Assert.Equal(QueuedStatus.Committed, done.Status);
        Assert.Equal("rita", done.Approval!.By);
        Assert.Null(done.Refuse("commit", "rita", new()));
        Assert.Throws<InvalidOperationException>(() => done.BeginCommit("rita", T0, new()));
    }

    [Fact]
    public void Above_the_limit_two_people_are_needed_and_neither_is_the_poster()
    {
        var big = One(above: true);
        Assert.Equal(RefusalCode.SecondPersonNeeded, big.Refuse("commit", "rita", new())!.Code);
        Assert.Equal(RefusalCode.SecondPersonNeeded, big.Refuse("approve", "SITE-KEY", new())!.Code);
        var approved = big.Approve("rita", T0);
        Assert.Equal(RefusalCode.SecondPersonNeeded, approved.Refuse("commit", "Rita", new())!.Code);
        Assert.Null(approved.Refuse("commit", "olaf", new()));
    }

    [Fact]
    public void Who_posted_it_cannot_commit_it_alone_below_the_limit_either()
    {
        Assert.Equal(RefusalCode.SecondPersonNeeded, One().Refuse("commit", "site-key", new())!.Code);
    }

    [Fact]
    public void An_approval_holds_for_that_payload_only()
    {
        var other = One(above: true).Approve("rita", T0) with { PayloadSha256 = "other" };
        Assert.Equal(RefusalCode.SecondPersonNeeded, other.Refuse("commit", "olaf", new())!.Code);
    }

    [Fact]
    public void The_closed_desk_an_earlier_one_and_legs_elsewhere_hold_the_commit_back()
    {
        foreach (var facts in new QueueFacts[] { new(DeskOpen: false), new(EarlierUndecided: "t0"), new(WaitsForFinalize: true) })
        {
            Assert.Equal(RefusalCode.NotNow, One().Refuse("commit", "rita", facts)!.Code);
        }
    }

    [Theory]
    [InlineData("preview")]
    [InlineData("approve")]
    [InlineData("commit")]
    [InlineData("reject")]
    public void While_the_desk_is_closed_nothing_is_decided(string verb) => Assert.Equal(RefusalCode.NotNow, One().Refuse(verb, "rita", new(DeskOpen: false))!.Code);

    [Fact]
    public void In_doubt_is_settled_by_the_marker_and_runs_again_under_the_same_key()
    {
        var doubt = One().BeginCommit("rita", T0, new()).MarkInDoubt("connection lost");
        Assert.Equal(RefusalCode.WrongState, doubt.Refuse("commit", "rita", new())!.Code);
        Assert.Equal(RefusalCode.WrongState, doubt.Refuse("reject", "rita", new())!.Code);
        Assert.Equal(QueuedStatus.Committed, doubt.MarkCommitted(T0).Status);
        var again = doubt.MarkNotApplied().BeginCommit("rita", T0, new());
        Assert.Equal((2, "k1"), (again.Attempt, again.Key));
    }

    [Fact]
    public void What_the_target_refused_is_pending_without_its_approval()
    {
        var refused = One(above: true).Approve("rita", T0).BeginCommit("olaf", T0, new()).MarkRefused("no account 1");
        Assert.Equal((QueuedStatus.Pending, "no account 1"), (refused.Status, refused.Reason));
        Assert.Null(refused.Approval);
    }

    [Fact]
    public void A_rollback_of_the_group_returns_what_was_committed_and_nothing_else()
    {
        var back = One(above: true).Approve("rita", T0).BeginCommit("olaf", T0, new()).MarkCommitted(T0).RollBackWithGroup();
        Assert.Equal(QueuedStatus.Pending, back.Status);
        Assert.Equal(RefusalCode.SecondPersonNeeded, back.Refuse("commit", "olaf", new())!.Code);
        var rejected = One().Reject("rita", "twice", null, T0);
        Assert.Equal(rejected, rejected.RollBackWithGroup());
    }

    [Fact]
    public void Held_and_rejected_need_a_reason_and_nothing_leaves_rejected()
    {
        Assert.Throws<InvalidOperationException>(() => One().Hold("rita", " ", null));
        var rejected = One().Reject("rita", "twice", null, T0);
        Assert.All(QueuedTransaction.Verbs, v => Assert.Equal(RefusalCode.WrongState, rejected.Refuse(v, "olaf", new())!.Code));
        Assert.Equal(RefusalCode.NotFound, rejected.Refuse("explode", "olaf", new())!.Code);
    }

    private static readonly TransactionKind Deposit = new("deposit",
    [
        new("account", FieldType.Integer), new("amount", FieldType.Money, Currencies: ["EUR", "JPY"], Min: 0.01m, Max: 100000m), new("note", FieldType.Text, Optional: true, Max: 5),
        new("on", FieldType.Date, true), new("at", FieldType.Instant, true), new("id", FieldType.Uuid, true), new("rate", FieldType.Decimal, true), new("yes", FieldType.Boolean, true),
    ], ["account"], new Dictionary<string, decimal> { ["EUR"] = 1000 });

    private static FieldsRead Read(string json) => Deposit.Read(JsonDocument.Parse(json).RootElement);

    [Fact]
    public void Good_fields_become_values()
    {
        var read = Read("""{"account":7,"amount":{"value":"12.34","currency":"EUR"},"on":"2005-11-18","at":"2005-11-18T10:30:00+01:00","rate":1.50,"yes":true}""");
        Assert.Empty(read.Errors);
        Assert.Equal((7L, 12.34m, "EUR"), (read.Values["account"], read.Values["amount"], read.Values["amount_currency"]));
        Assert.Equal(new DateTimeOffset(2005, 11, 18, 9, 30, 0, TimeSpan.Zero), read.Values["at"]);
        Assert.Equal(["account=7"], Deposit.OrderKeysOf(read.Values));
        Assert.Null(read.Values["note"]);
    }

    private const string Amount = "\"amount\":{\"value\":\"1\",\"currency\":\"EUR\"}";

    [Theory]
    [InlineData("{\"account\":7}", "amount", "missing", "amount is missing.")]
    [InlineData("{\"account\":\"7\"," + Amount + "}", "account", "type", "account has to be a whole number.")]
    [InlineData("{\"account\":7.5," + Amount + "}", "account", "type", "account has to be a whole number.")]
    [InlineData("{\"account\":99999999999999999999," + Amount + "}", "account", "type", "account has to be a whole number.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":1.5,\"currency\":\"EUR\"}}", "amount", "type", "amount has to be an object such as {\"value\": \"12.34\", \"currency\": \"EUR\"}.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":\"1e3\",\"currency\":\"EUR\"}}", "amount", "type", "amount has to be an object such as {\"value\": \"12.34\", \"currency\": \"EUR\"}.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":\"1\",\"currency\":\"USD\"}}", "amount", "currency", "amount has the currency USD; taken are EUR, JPY.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":\"1.5\",\"currency\":\"JPY\"}}", "amount", "digits", "amount has 1 decimal places; JPY has 0.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":\"0.00\",\"currency\":\"EUR\"}}", "amount", "range", "amount is 0.00; the least is 0.01.")]
    [InlineData("{\"account\":7,\"amount\":{\"value\":\"100000.01\",\"currency\":\"EUR\"}}", "amount", "range", "amount is 100000.01; the most is 100000.")]
    [InlineData("{\"account\":7," + Amount + ",\"note\":\"too long\"}", "note", "range", "note has 8 characters; at most 5 are allowed.")]
    [InlineData("{\"account\":7," + Amount + ",\"on\":\"18.11.2005\"}", "on", "type", "on has to be a date such as 2005-11-18.")]
    [InlineData("{\"account\":7," + Amount + ",\"at\":\"2005-11-18T10:30:00\"}", "at", "type", "at has to be an instant with its offset, such as 2005-11-18T09:30:00Z.")]
    [InlineData("{\"account\":7," + Amount + ",\"id\":\"7\"}", "id", "type", "id has to be a UUID such as 6fa459ea-ee8a-3ca4-894e-db77e160355e.")]
    [InlineData("{\"account\":7," + Amount + ",\"yes\":\"true\"}", "yes", "type", "yes has to be true or false.")]
    [InlineData("{\"account\":7," + Amount + ",\"rate\":\"1,5\"}", "rate", "type", "rate has to be a number such as 12.5.")]
    [InlineData("{\"account\":7," + Amount + ",\"other\":1}", "other", "unknown", "The kind deposit has no field other.")]
    [InlineData("{\"account\":7,\"account\":8," + Amount + "}", "account", "type", "account is there twice.")]
    [InlineData("[]", "fields", "type", "fields has to be an object.")]
    public void Bad_fields_are_named_with_what_would_be_right(string json, string field, string code, string message)
    {
        var read = Read(json);
        Assert.Equal(new FieldError(field, code, message), Assert.Single(read.Errors));
        Assert.Empty(read.Values);
    }

    [Fact]
    public void Every_fault_is_reported_at_once()
    {
        Assert.Equal(3, Read("""{"account":"x","other":1}""").Errors.Count);
    }

    [Theory]
    [InlineData("1000.00", "EUR", false)]
    [InlineData("1000.01", "EUR", true)]
    [InlineData("1", "JPY", true)]
    public void The_limit_is_by_currency_and_a_currency_without_one_is_above(string value, string currency, bool above)
    {
        Assert.Equal(above, Deposit.IsAboveLimit(Read($$$"""{"account":7,"amount":{"value":"{{{value}}}","currency":"{{{currency}}}"}}""").Values));
    }

    [Fact]
    public void The_payload_hash_is_the_same_for_the_same_content_in_any_order()
    {
        static string Hash(string kind, string json) => TransactionKind.PayloadSha256(kind, JsonDocument.Parse(json).RootElement);
        var hash = Hash("deposit", """{"a":1,"b":{"c":"\u00e9","d":2}}""");
        Assert.Equal(hash, Hash("deposit", "{ \"b\": {\"d\":2,\"c\":\"é\"}, \"a\":1 }"));
        Assert.NotEqual(hash, Hash("withdrawal", """{"a":1,"b":{"c":"é","d":2}}"""));
        Assert.NotEqual(hash, Hash("deposit", """{"a":1.0,"b":{"c":"é","d":2}}"""));
        Assert.Throws<JsonException>(() => Hash("deposit", """{"a":1,"a":2}"""));
    }
}
