using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>Commits whose session on the server lives longer than who began it, or shorter: the marker says what became of them, and only they are touched.</summary>
public sealed class DoubtTests(PostgreSqlServer server)
{
    private const int Slow = 7, Slower = 8, Free = 9;

    [Fact]
    public async Task A_commit_whose_console_died_while_its_transaction_was_open_on_the_server_is_ended_there_and_then_booked_once()
    {
        await using var bank = await BankEstate.Make(server, reviewers: 2);
        await Sleeps(bank, Slow);
        await bank.Console.Start();
        var id = await Post(bank, "cut off", Slow);
        using (var rosa = bank.Console.As(bank.Reviewers[0]))
        {
            var dying = rosa.PostAsJsonAsync($"api/v1/transactions/{id}/commit", new { });
            await Session(bank, Slow);
            await bank.Console.Kill();
            await Assert.ThrowsAsync<HttpRequestException>(() => dying);
        }
        // The server has not noticed: marker and legs are still on their way to a commit that nobody would see.
        Assert.Equal("1", await bank.Text(Sleeping(Slow)));
        await bank.Console.Start();
        Assert.Equal("0", await bank.Text(Sleeping(Slow)));
        Assert.DoesNotContain("cut off", await bank.Applied("bank"));

        using var later = bank.Console.As(bank.Reviewers[1]);
        Assert.Equal("approved", (await later.See($"api/v1/transactions/{id}")).GetProperty("status").GetString());
        await Wakes(bank, Slow);
        Assert.Equal("committed", (await later.Say($"api/v1/transactions/{id}/commit")).GetProperty("status").GetString());
        Assert.Equal("cut off", Assert.Single(await bank.Ledger("bank")).Reference);
        Assert.Equal(BankEstate.Opening + 12.50m, (await bank.Balances("bank"))[Slow]);
    }

    [Fact]
    public async Task A_session_that_is_ended_in_the_middle_of_a_commit_leaves_the_other_commits_alone_and_what_cannot_be_read_is_in_doubt_until_it_can()
    {
        await using var bank = await BankEstate.Make(server, reviewers: 2);
        await Sleeps(bank, Slow);
        await Sleeps(bank, Slower);
        await bank.Console.Start();
        using var rosa = bank.Console.As(bank.Reviewers[0]);
        using var other = bank.Console.As(bank.Reviewers[1]);

        // Ended by somebody else while a second one is under way on the same database.
        var (ended, neighbour) = (await Post(bank, "ended", Slow), await Post(bank, "neighbour", Slower));
        var first = Task.Run(() => rosa.PostAsJsonAsync($"api/v1/transactions/{ended}/commit", new { }));
        await Session(bank, Slow);
        var second = Task.Run(() => other.PostAsJsonAsync($"api/v1/transactions/{neighbour}/commit", new { }));
        await Session(bank, Slower);
        Assert.Equal("1", await bank.Text(Ending(Slow)));
        using (var answer = await first)
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("nothing was changed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.False(second.IsCompleted, "the neighbour was disturbed");
        await Wakes(bank, Slower);
        using (var answer = await second) { Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync()); }
        Assert.Equal(["neighbour"], await bank.Applied("bank"));

        // Ended while the database lets nobody in, so that its marker cannot be read either.
        first = Task.Run(() => rosa.PostAsJsonAsync($"api/v1/transactions/{ended}/commit", new { }));
        await Session(bank, Slow);
        await bank.ShutAll();
        using (var answer = await first)
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.Equal("inDoubt", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        }
        var free = await Post(bank, "free", Free);
        await bank.LetAllIn();
        var from = Stopwatch.GetTimestamp();
        while ((await rosa.See($"api/v1/transactions/{ended}")).GetProperty("status").GetString() == "inDoubt")
        {
            Assert.True(Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(60), "it can be read again, and is still in doubt");
            await Task.Delay(100);
        }
        await Wakes(bank, Slow);
        Assert.Equal("approved", (await rosa.See($"api/v1/transactions/{ended}")).GetProperty("status").GetString());
        Assert.Equal("committed", (await rosa.Say($"api/v1/transactions/{ended}/commit")).GetProperty("status").GetString());
        Assert.Equal("committed", (await other.Say($"api/v1/transactions/{free}/commit")).GetProperty("status").GetString());
        Assert.Equal(["neighbour", "ended", "free"], (await bank.Ledger("bank")).Select(b => b.Reference));
    }

    /// <summary>A booking on this account stays open, inside its transaction, until the account wakes.</summary>
    private static Task Sleeps(BankEstate bank, int account) => bank.Run(string.Create(CultureInfo.InvariantCulture, $"""
        create table if not exists naps (account integer primary key);
        insert into naps values ({account});
        create or replace function nap() returns trigger language plpgsql as $f$
          begin
            perform set_config('application_name', current_setting('application_name') || '#' || new.account, true);
            while exists (select 1 from naps where account = new.account) loop perform pg_sleep(0.02); end loop;
            return new;
          end $f$;
        create or replace trigger nap before insert on ledger for each row execute function nap()
        """));

    private static Task Wakes(BankEstate bank, int account) => bank.Run(string.Create(CultureInfo.InvariantCulture, $"delete from naps where account = {account}"));

    private static string Sleeping(int account, string shown = "count(*)") => string.Create(CultureInfo.InvariantCulture,
        $"select {shown}::text from pg_stat_activity where datname like 'bank_%' and state = 'active' and application_name like 'opsconsole/%#{account}'");

    private static string Ending(int account) => Sleeping(account, "count(pg_terminate_backend(pid))");

    /// <summary>Waits until the booking on this account is under way on the server.</summary>
    private static async Task Session(BankEstate bank, int account)
    {
        for (var tries = 0; await bank.Text(Sleeping(account)) != "1"; tries++)
        {
            Assert.True(tries < 400, "the commit never came to the server");
            await Task.Delay(50);
        }
    }

    private static async Task<string> Post(BankEstate bank, string key, int account)
    {
        using var http = bank.Console.As(bank.Site);
        http.DefaultRequestHeaders.Add("Idempotency-Key", key);
        return (await http.Say("api/v1/transactions", new Deposit(key, "bank", account, 12.50m, TimeProvider.System.GetUtcNow()).Body, HttpStatusCode.Created)).GetProperty("id").GetString()!;
    }
}
