using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.FastMarket;
using Xunit;

namespace OpsConsole.Tests.FastMarket;

public sealed class SeedTests(MarketFixture market) : IClassFixture<MarketFixture>
{
    [Fact]
    public void It_has_the_members_the_ledger_and_the_posts_that_it_promises()
    {
        using var members = MarketFixture.Open(market.Seeded, "members");
        using var forum = MarketFixture.Open(market.Seeded, "forum");
        Assert.Equal(2_000, MarketFixture.Number(members, "select count(*) from members"));
        Assert.Equal(50_000, MarketFixture.Number(members, "select count(*) from ledger"));
        Assert.Equal(20_000, MarketFixture.Number(forum, "select count(*) from posts"));
        Assert.Equal(["deposit", "interest", "transfer", "withdrawal"], MarketFixture.Rows(members, "select distinct kind from ledger order by 1").Select(r => (string)r[0]!));
        Assert.Equal(4, FastMarketFiles.Version(members));
        Assert.Equal(6, FastMarketFiles.Version(forum));
        Assert.Equal("wal", (string)MarketFixture.Rows(forum, "pragma journal_mode").Single()[0]!);
    }

    [Fact]
    public void Every_balance_is_the_sum_of_its_ledger_and_was_never_below_zero()
    {
        using var members = MarketFixture.Open(market.Seeded, "members");
        Assert.Empty(MarketFixture.Rows(members, "select id from accounts a where balance_cents <> (select sum(amount_cents) from ledger where account_id = a.id)"));
        Assert.Empty(MarketFixture.Rows(members, "select 1 from (select sum(amount_cents) over (partition by account_id order by id) as running from ledger) where running < 0"));
        Assert.Equal(0, MarketFixture.Number(members, "select sum(amount_cents) from ledger where kind = 'transfer'"));
    }

    [Fact]
    public void Every_reference_holds_and_the_forums_users_are_the_members()
    {
        using var members = MarketFixture.Open(market.Seeded, "members");
        using var forum = MarketFixture.Open(market.Seeded, "forum");
        Assert.Empty(MarketFixture.Rows(members, "pragma foreign_key_check"));
        Assert.Empty(MarketFixture.Rows(forum, "pragma foreign_key_check"));
        Assert.Equal(MarketFixture.Rows(members, "select id, name from members order by id"), MarketFixture.Rows(forum, "select member_id, name from users order by member_id"));
    }

    [Fact]
    public void The_same_seed_and_clock_make_the_same_content_and_another_seed_another()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2005, 11, 15, 6, 0, 0, TimeSpan.Zero));
        var (one, two, other) = (market.Copy() + "a", market.Copy() + "b", market.Copy() + "c");
        FastMarketSeed.Create(one, 1, clock);
        FastMarketSeed.Create(two, 1, clock);
        FastMarketSeed.Create(other, 2, clock);
        Assert.True(MarketFixture.Content(one, "members") == MarketFixture.Content(two, "members"));
        Assert.True(MarketFixture.Content(one, "forum") == MarketFixture.Content(two, "forum"));
        Assert.False(MarketFixture.Content(one, "members") == MarketFixture.Content(other, "members"));
    }

    [Fact]
    public void A_database_that_was_closed_by_renaming_is_not_made_again()
    {
        var copy = market.Copy();
        File.Move(Path.Combine(copy, "members.db"), Path.Combine(copy, "members.away"));
        File.Move(Path.Combine(copy, "forum.db"), Path.Combine(copy, "forum.away"));
        Assert.False(FastMarketSeed.Create(copy));
        Assert.False(File.Exists(Path.Combine(copy, "members.db")));
        Assert.Throws<SqliteException>(() => MarketFixture.Open(copy, "members"));
        Assert.False(File.Exists(Path.Combine(copy, "members.db")));
    }

    [Fact]
    public void A_day_of_interest_is_one_row_and_cannot_be_credited_twice()
    {
        var copy = market.Copy();
        MarketFixture.Release(copy, "members", 5, up: true);
        using var members = MarketFixture.Open(copy, "members");
        var before = MarketFixture.Number(members, "select sum(available_cents + reserved_cents) from accounts");
        using var accrue = members.CreateCommand();
        accrue.CommandText = "insert into interest_runs (due) values ('2005-11-16')";
        Assert.Equal(1, accrue.ExecuteNonQuery());
        Assert.Throws<SqliteException>(() => accrue.ExecuteNonQuery());
        var credited = MarketFixture.Number(members, "select sum(amount_cents) from ledger where reference like 'interest/2005-11-16/%'");
        Assert.InRange(credited, 1, before / 9_000);
        Assert.Equal(before + credited, MarketFixture.Number(members, "select sum(available_cents + reserved_cents) from accounts"));
    }

    [Fact]
    public void The_check_on_the_money_reads_as_money_to_the_cent_and_the_same_on_both_schemas()
    {
        var copy = market.Copy();
        using var json = JsonDocument.Parse(FastMarketConfiguration.Json(copy));
        var sql = json.RootElement.GetProperty("OpsConsole").GetProperty("Estate").GetProperty("Checks").GetProperty("money").GetProperty("Equal").GetProperty("Before").GetProperty("Sql");
        string Reads(string versions)
        {
            using var members = MarketFixture.Open(copy, "members");
            return Assert.IsType<string>(MarketFixture.Rows(members, sql.GetProperty(versions).GetString()!).Single()[0]);
        }
        long cents;
        using (var members = MarketFixture.Open(copy, "members")) { cents = MarketFixture.Number(members, "select sum(balance_cents) from accounts"); }
        var before = Reads("<5");
        Assert.Equal((cents / 100m).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture), before);
        MarketFixture.Release(copy, "members", 5, up: true);
        Assert.Equal(before, Reads(">=5"));
    }

    [Fact]
    public void The_folder_is_made_for_its_owner_alone_and_one_that_is_there_stays_as_it_is()
    {
        var copy = market.Copy();
        var (made, there) = (Path.Combine(copy, "new"), Directory.CreateDirectory(Path.Combine(copy, "old")).FullName);
#pragma warning disable CA1416 // the tests run on Linux
        var before = File.GetUnixFileMode(there);
        FastMarketConfiguration.Write(made);
        FastMarketConfiguration.Write(there);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
        Assert.Equal(before, File.GetUnixFileMode(there));
#pragma warning restore CA1416
    }

    [Fact]
    public void The_configuration_is_json_whose_folders_are_there_and_whose_sql_runs_on_every_version_that_it_names()
    {
        var copy = market.Copy();
        var file = FastMarketConfiguration.Write(copy);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var estate = json.RootElement.GetProperty("OpsConsole").GetProperty("Estate");
        foreach (var database in estate.GetProperty("Databases").EnumerateObject())
        {
            Assert.NotEmpty(Directory.GetFiles(database.Value.GetProperty("Releases").GetProperty("Path").GetString()!, "*.up.sql"));
        }
        var explained = 0;
        void Explain(bool upgraded)
        {
            foreach (var (database, sql) in Statements(estate, upgraded))
            {
                using var connection = MarketFixture.Open(copy, database);
                var names = System.Text.RegularExpressions.Regex.Matches(sql, "@[a-z_]+").Select(m => m.Value).Distinct();
                MarketFixture.Rows(connection, "explain " + sql, [.. names.Select(n => (n, (object)"1.00"))]);
                explained++;
            }
        }
        Explain(upgraded: false);
        MarketFixture.Release(copy, "members", 5, up: true);
        MarketFixture.Release(copy, "forum", 7, up: true);
        Explain(upgraded: true);
        Assert.InRange(explained, 50, 100);
    }

    /// <summary>Every Sql of the configuration with its database, as it stands before or after the upgrade.</summary>
    private static IEnumerable<(string Database, string Sql)> Statements(JsonElement element, bool upgraded)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var found in element.EnumerateArray().SelectMany(e => Statements(e, upgraded)))
            {
                yield return found;
            }
        }
        if (element.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }
        if (element.TryGetProperty("Database", out var database))
        {
            foreach (var name in (string[])["Sql", "EndSql"])
            {
                if (element.TryGetProperty(name, out var sql))
                {
                    yield return (database.GetString()!, sql.ValueKind == JsonValueKind.String
                        ? sql.GetString()!
                        : sql.EnumerateObject().Single(p => p.Name.StartsWith('>') == upgraded).Value.GetString()!);
                }
            }
        }
        foreach (var found in element.EnumerateObject().SelectMany(p => Statements(p.Value, upgraded)))
        {
            yield return found;
        }
    }
}
