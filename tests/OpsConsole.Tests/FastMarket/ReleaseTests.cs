using System.Globalization;
using Microsoft.Data.Sqlite;
using OpsConsole.FastMarket;
using Xunit;

namespace OpsConsole.Tests.FastMarket;

public sealed class ReleaseTests(MarketFixture market) : IClassFixture<MarketFixture>
{
    [Theory]
    [InlineData("members", 6)]
    [InlineData("forum", 8)]
    public void Each_release_up_and_down_gives_back_the_schema_to_the_letter_and_every_row(string database, int latest)
    {
        var copy = market.Copy();
        var contents = new Stack<(int Version, string Content)>();
        for (var v = FastMarketFiles.FirstVersion(database) + 1; v <= latest; v++)
        {
            contents.Push((v, MarketFixture.Content(copy, database)));
            MarketFixture.Release(copy, database, v, up: true);
            Assert.False(contents.Peek().Content == MarketFixture.Content(copy, database));
        }
        foreach (var (version, content) in contents)
        {
            MarketFixture.Release(copy, database, version, up: false);
            Assert.True(content == MarketFixture.Content(copy, database), string.Create(CultureInfo.InvariantCulture, $"{database} {version} does not go back"));
        }
        for (var v = FastMarketFiles.FirstVersion(database); v >= 1; v--)
        {
            MarketFixture.Release(copy, database, v, up: false);
        }
        using var connection = MarketFixture.Open(copy, database);
        Assert.Equal(["schema_migrations"], MarketFixture.Rows(connection, "select name from sqlite_master where type = 'table'").Select(r => (string)r[0]!));
    }

    [Fact]
    public void Members_5_reserves_what_was_asked_for_and_moves_no_money()
    {
        var copy = market.Copy();
        long before;
        long asked;
        using (var old = MarketFixture.Open(copy, "members"))
        {
            before = MarketFixture.Number(old, "select sum(balance_cents) from accounts");
            asked = MarketFixture.Number(old, "select sum(amount_cents) from withdrawal_requests where settled_at is null");
        }
        MarketFixture.Release(copy, "members", 5, up: true);
        using var members = MarketFixture.Open(copy, "members");
        Assert.True(asked > 0);
        Assert.Equal(asked, MarketFixture.Number(members, "select sum(reserved_cents) from accounts"));
        Assert.Equal(before, MarketFixture.Number(members, "select sum(available_cents + reserved_cents) from accounts"));
        Assert.Equal(0, MarketFixture.Number(members, "select count(*) from accounts where available_cents < 0"));
    }

    [Fact]
    public void Members_6_closes_each_statement_at_the_balance()
    {
        var copy = market.Copy();
        MarketFixture.Release(copy, "members", 5, up: true);
        MarketFixture.Release(copy, "members", 6, up: true);
        using var members = MarketFixture.Open(copy, "members");
        Assert.Empty(MarketFixture.Rows(members,
            """
            select a.id from accounts a
            where available_cents + reserved_cents <> (select closing_cents from statements s where s.account_id = a.id order by month desc limit 1)
            """));
    }

    [Theory]
    [InlineData(4, 6, true)]
    [InlineData(5, 7, true)]
    [InlineData(6, 7, true)]
    [InlineData(6, 8, true)]
    [InlineData(5, 6, false)]
    [InlineData(4, 7, false)]
    [InlineData(6, 6, false)]
    [InlineData(4, 8, false)]
    [InlineData(5, 8, false)]
    public void The_two_sites_run_exactly_where_the_contracts_allow_it(int membersVersion, int forumVersion, bool run)
    {
        var copy = market.Copy();
        for (var v = 5; v <= membersVersion; v++)
        {
            MarketFixture.Release(copy, "members", v, up: true);
        }
        for (var v = 7; v <= forumVersion; v++)
        {
            MarketFixture.Release(copy, "forum", v, up: true);
        }
        using var members = MarketFixture.Open(copy, "members");
        using var forum = MarketFixture.Open(copy, "forum");
        void Pages()
        {
            foreach (var read in (MarketLeg[])[.. FastMarketSql.MemberPage(membersVersion), .. FastMarketSql.TopicPage(forumVersion)])
            {
                MarketFixture.Rows(read.Database == "members" ? members : forum, read.Sql, ("@member", 7), ("@topic", 1));
            }
        }
        if (run)
        {
            Pages();
        }
        else
        {
            Assert.StartsWith("SQLite Error 1: 'no such", Assert.Throws<SqliteException>(Pages).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(4, "0.29", 29)]
    [InlineData(5, "1400.00", 140_000)]
    [InlineData(6, "99999.99", 9_999_999)]
    public void A_deposit_credits_the_exact_cents_on_every_version(int version, string amount, long cents)
    {
        var copy = market.Copy();
        for (var v = 5; v <= version; v++)
        {
            MarketFixture.Release(copy, "members", v, up: true);
        }
        using var members = MarketFixture.Open(copy, "members");
        var balance = $"select {FastMarketSql.Spendable(version)} from accounts where id = 7";
        var before = MarketFixture.Number(members, balance);
        foreach (var leg in FastMarketSql.Deposit(version))
        {
            MarketFixture.Rows(members, leg.Sql, ("@account", 7), ("@amount", amount), ("@key", "k"), ("@started_at", "2005-11-15"));
        }
        Assert.Equal(before + cents, MarketFixture.Number(members, balance));
        Assert.Equal(cents, MarketFixture.Number(members, "select amount_cents from ledger where reference = 'k'"));
        foreach (var leg in FastMarketSql.Withdrawal(version).Take(1))
        {
            using var command = members.CreateCommand();
            command.CommandText = leg.Sql;
            command.Parameters.AddWithValue("@account", 7);
            command.Parameters.AddWithValue("@amount", "9999999.00");
            Assert.Equal(0, command.ExecuteNonQuery());
        }
    }
}
