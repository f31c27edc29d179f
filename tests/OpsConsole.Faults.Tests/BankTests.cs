using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>Money through the queue while the console dies under load: nothing is lost, nothing is booked twice.</summary>
public sealed class BankTests(PostgreSqlServer server, ITestOutputHelper output)
{
    private const int Clients = 16;

    [Fact]
    public async Task Two_thousand_transactions_posted_by_16_clients_with_30_percent_duplicates_committed_by_4_reviewers_while_the_console_is_killed_twice_sums_to_the_cent_each_key_once()
    {
        const int count = 2_000;
        var clock = Stopwatch.StartNew();
        await using var bank = await BankEstate.Make(server);
        Say($"people and keys after {clock.Elapsed.TotalSeconds:0.0} s");
        await bank.Console.Start();
        using var olga = bank.Console.As(bank.Operator);
        using var anton = bank.Console.As(bank.Approver);
        var window = await BankEstate.Review(olga, anton);
        Say($"in review after {clock.Elapsed.TotalSeconds:0.0} s");

        var random = new Random(1);
        var started = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        // One of eight goes into the till, which is a file.
        var deposits = Enumerable.Range(0, count).Select(n => (Key: $"key-{n:0000}", Database: n % 8 == 0 ? "till" : "bank", At: started.AddSeconds(n)))
            .Select(d => new Deposit(d.Key, d.Database, BankEstate.Accounts(d.Database)[random.Next(BankEstate.Accounts(d.Database).Count)], random.Next(1, 100_000) / 100m, d.At)).ToList();
        var (first, late) = WithRepeats(deposits, random);
        var crowd = new BankCrowd(bank.Console, bank.Site, bank.Reviewers);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(400));

        // Killed while all clients post.
        var from = Stopwatch.GetTimestamp();
        var posting = crowd.Post(first, Clients);
        await When(() => crowd.Posted >= first.Count * 2 / 5, posting);
        Say($"posts/s before the first kill: {crowd.Posted / Stopwatch.GetElapsedTime(from).TotalSeconds:0} by {Clients} clients (one row for each fsync: 2,395; to reach with 64 clients: 20,000)");
        await Again(bank.Console);
        Say($"up again after {clock.Elapsed.TotalSeconds:0.0} s, {crowd.Posted} posts answered, {crowd.Lost} requests lost");

        // Killed while the reviewers commit and the rest is posted.
        var (reviewing, before) = (Stopwatch.GetTimestamp(), crowd.Committed);
        var review = crowd.Review(count, limit.Token);
        await When(() => crowd.Committed >= count * 2 / 5, review);
        Say($"commits/s before the second kill: {(crowd.Committed - before) / Stopwatch.GetElapsedTime(reviewing).TotalSeconds:0} by {bank.Reviewers.Count} reviewers over HTTP, {crowd.Races} of their requests too late or too early (pgbench with the same legs: 4,131)");
        var more = crowd.Post(late[..(late.Count / 2)], Clients);
        var (killed, done) = (Stopwatch.GetTimestamp(), crowd.Committed);
        await Again(bank.Console);
        Say($"up again after {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s");
        var up = Stopwatch.GetTimestamp();
        await Task.WhenAll(posting, more, crowd.Post(late[(late.Count / 2)..], Clients), crowd.PostOther([.. deposits.Take(20)]));
        await review;
        Say($"commits/s after it: {(crowd.Committed - done) / Stopwatch.GetElapsedTime(up).TotalSeconds:0}; {crowd.Lost} requests lost in all; all decided after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.False(limit.IsCancellationRequested, $"not all were committed in time; {crowd.Committed} were. {string.Join('\n', crowd.Wrong.Take(5))}");
        Assert.True(crowd.Wrong.IsEmpty, string.Join('\n', crowd.Wrong.Take(5)));
        Assert.True(crowd.Lost > 0, "no request was lost, so the console was not killed under load");

        await EachKeyOnce(olga, deposits, crowd);
        await olga.Say($"api/v1/windows/{window}/finalize");
        await NightTests.LetIn(olga, window);
        foreach (var database in BankEstate.Databases) { await ToTheCent(bank, database, [.. deposits.Where(d => d.Database == database)]); }
        await EachOutcomeOnce(bank, deposits);
        var verified = await bank.Console.Command(null, "audit", "verify");
        Assert.StartsWith("whole: ", verified, StringComparison.Ordinal);
        Say($"{verified}; {clock.Elapsed.TotalSeconds:0.0} s in all");
    }

    /// <summary>30 of 100 posts repeat a key: a third of them at once, a third somewhat later, a third when much of it is committed.</summary>
    private static (List<Deposit> First, List<Deposit> Late) WithRepeats(List<Deposit> deposits, Random random)
    {
        var repeated = Enumerable.Range(0, deposits.Count * 3 / 7).Select(_ => random.Next(deposits.Count)).ToLookup(n => n);
        List<Deposit> first = [], soon = [], late = [];
        foreach (var (deposit, at) in deposits.Select((d, n) => (d, n)))
        {
            first.Add(deposit);
            foreach (var _ in repeated[at]) { (random.Next(3) switch { 0 => first, 1 => soon, _ => late }).Add(deposit); }
            if (soon.Count > 40) { first.AddRange(soon); soon.Clear(); }
        }
        return ([.. first, .. soon], late);
    }

    private static async Task When(Func<bool> condition, Task meanwhile)
    {
        for (var from = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(2))
        {
            if (meanwhile.IsCompleted) { await meanwhile; }
            Assert.False(meanwhile.IsCompleted && !condition(), "it was over before the moment came");
            Assert.True(Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(240), "the moment never came");
        }
    }

    private static async Task Again(ConsoleProcess console)
    {
        await console.Kill();
        await console.Start();
    }

    private static async Task EachKeyOnce(HttpClient olga, List<Deposit> deposits, BankCrowd crowd)
    {
        var queue = new List<JsonElement>();
        while (await BankCrowd.List(olga, $"limit=500&after={queue.Count.ToString(CultureInfo.InvariantCulture)}") is { Count: > 0 } page) { queue.AddRange(page); }
        Assert.Equal(Enumerable.Range(1, deposits.Count).Select(n => (long)n), queue.Select(t => t.GetProperty("sequence").GetInt64()));
        Assert.Equal(deposits.Select(d => d.Key).Order(StringComparer.Ordinal), queue.Select(t => t.GetProperty("key").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(queue, t => Assert.Equal("committed", t.GetProperty("status").GetString()));
        var ids = queue.ToDictionary(t => t.GetProperty("key").GetString()!, t => t.GetProperty("id").GetString()!);
        Assert.Equal(deposits.Count, crowd.Answers.Count);
        foreach (var (key, answers) in crowd.Answers)
        {
            Assert.All(answers, a => Assert.Equal(ids[key], a.Id));
            Assert.True(answers.Count(a => !a.Replayed) <= 1, $"{key} was taken as new more than once");
        }
    }

    private static async Task ToTheCent(BankEstate bank, string database, List<Deposit> deposits)
    {
        var ledger = await bank.Ledger(database);
        var keys = deposits.Select(d => d.Key).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(keys, ledger.Select(b => b.Reference).Order(StringComparer.Ordinal));
        Assert.Equal(deposits.Sum(d => d.Amount), ledger.Sum(b => b.Amount));
        var balances = await bank.Balances(database);
        Assert.Equal(deposits.Sum(d => d.Amount) + (balances.Count * BankEstate.Opening), balances.Values.Sum());
        foreach (var (account, balance) in balances) { Assert.Equal(BankEstate.Opening + deposits.Where(d => d.Account == account).Sum(d => d.Amount), balance); }
        Assert.Equal(keys, (await bank.Applied(database)).Order(StringComparer.Ordinal));
    }

    /// <summary>What the site is told in the end; and in each account the bookings came in the order of capture.</summary>
    private static async Task EachOutcomeOnce(BankEstate bank, List<Deposit> deposits)
    {
        using var site = bank.Console.As(bank.Site);
        var outcomes = new List<JsonElement>();
        for (string? after = null; ;)
        {
            var page = await site.See($"api/v1/outcomes?limit=500{(after is null ? "" : $"&after={after}")}");
            if (page.GetProperty("items").GetArrayLength() == 0) { break; }
            outcomes.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(deposits.Select(d => d.Key).Order(StringComparer.Ordinal), outcomes.Select(o => o.GetProperty("key").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(outcomes, o => Assert.Equal("committed", o.GetProperty("status").GetString()));
        using var rosa = bank.Console.As(bank.Reviewers[0]);
        var captured = new Dictionary<string, long>();
        while (await BankCrowd.List(rosa, $"limit=500&after={captured.Count.ToString(CultureInfo.InvariantCulture)}") is { Count: > 0 } page)
        {
            foreach (var t in page) { captured[t.GetProperty("key").GetString()!] = t.GetProperty("sequence").GetInt64(); }
        }
        foreach (var account in (await Task.WhenAll(BankEstate.Databases.Select(bank.Ledger))).SelectMany(l => l).GroupBy(b => b.Account))
        {
            var order = account.OrderBy(b => b.Number).Select(b => captured[b.Reference]).ToList();
            Assert.Equal(order.Order(), order);
        }
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
