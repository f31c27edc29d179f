using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpsConsole.FastMarket;

/// <summary>The console's whole configuration for the sample, as a file that a person can read.</summary>
public static class FastMarketConfiguration
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>fastmarket.json</c> into the directory and returns its path. It is written at every start; whoever wants another one copies it and names the copy.</summary>
    public static string Write(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, "fastmarket.json");
        FastMarketFiles.Folder(dataDirectory);
        var text = Json(dataDirectory);
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
        return file;
    }

    /// <summary>The configuration as text.</summary>
    public static string Json(string dataDirectory)
    {
        var directory = Path.GetFullPath(dataDirectory);
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["OpsConsole"] = new Dictionary<string, object>
            {
                ["Store"] = new { Provider = "Sqlite", ConnectionString = "Data Source=" + Path.Combine(directory, "opsconsole.db") },
                ["DataDirectory"] = directory,
                ["Policy"] = new { RequireRehearsal = false, RequireSecondPerson = true, Drain = new { Seconds = 5, Then = "End" } },
                ["Estate"] = Estate(directory),
            },
        }, Readable) + "\n";
    }

    private static Dictionary<string, object> Estate(string directory) => new()
    {
        ["Name"] = "FastMarket",
        ["Databases"] = FastMarketFiles.Databases.ToDictionary(d => d, d => new
        {
            Engine = "Sqlite",
            ConnectionString = "Data Source=" + FastMarketFiles.Database(directory, d),
            Releases = new { Path = FastMarketFiles.Releases(d), Layout = "GolangMigrate" },
            Checkpoint = new { Method = "Backup" },
        }),
        ["Sites"] = new Dictionary<string, object> { ["members"] = Site("members", "forum"), ["forum"] = Site("forum", "members") },
        ["Contracts"] = new object[]
        {
            Contract("forum", ">=7", "members", ">=5"),
            Contract("members", ">=5", "forum", ">=7"),
            Contract("forum", ">=8", "members", ">=6"),
        },
        ["Checks"] = Checks(),
        ["Tasks"] = new[] { new { Title = "Deploy the new sites to web1 and web2", After = "release", Who = "Operator", Undo = "Deploy the former sites to web1 and web2" } },
        ["TransactionKinds"] = Kinds(),
        ["Schedules"] = new Dictionary<string, object>
        {
            ["daily-interest"] = new { Database = "members", Cron = "0 0 * * *", TimeZone = "UTC", Sql = "insert into interest_runs (due) values (@due)" },
        },
    };

    private static object Site(string name, string other) => new
    {
        Databases = new[] { name, other },
        LeaseSeconds = 6,
        Sessions = new
        {
            Database = name,
            Sql = "select id, member, started_at, last_seen_at, address from web_sessions",
            EndSql = "delete from web_sessions where id = @id",
        },
        Staff = new { Users = new[] { FastMarketNames.Of(1), FastMarketNames.Of(2) }, Addresses = Array.Empty<string>() },
    };

    private static object Contract(string database, string versions, string other, string needs) =>
        new { Database = database, Versions = versions, Requires = new Dictionary<string, string> { [other] = needs } };

    private static Dictionary<string, object> Checks() => new()
    {
        ["no negative balance"] = new
        {
            Database = "members",
            Sql = new Dictionary<string, string>
            {
                ["<5"] = "select id from accounts where balance_cents < 0",
                [">=5"] = "select id from accounts where available_cents < 0 or reserved_cents < 0",
            },
            When = "Both",
        },
        ["every balance is the sum of its ledger"] = new
        {
            Database = "members",
            Sql = ByMembers(v => $"select id from accounts where {FastMarketSql.Whole(v)} <> (select coalesce(sum(amount_cents), 0) from ledger where account_id = accounts.id)"),
            When = "Both",
        },
        ["every author is a member"] = new
        {
            Subset = new
            {
                Of = new { Database = "forum", Sql = "select member_id from users" },
                In = new { Database = "members", Sql = "select id from members" },
            },
        },
        ["mirror"] = new
        {
            Equal = new
            {
                Of = new
                {
                    Database = "forum",
                    Sql = new Dictionary<string, string>
                    {
                        ["<7"] = "select member_id, name from users order by member_id",
                        [">=7"] = "select member_id, name from member_mirror order by member_id",
                    },
                },
                And = new { Database = "members", Sql = "select id, name from members order by id" },
            },
        },
        ["money"] = new { Equal = new { Before = new { Database = "members", Sql = ByMembers(v => $"select {Euros($"sum({FastMarketSql.Whole(v)})")} from accounts") } } },
    };

    private static Dictionary<string, object> Kinds() => new()
    {
        ["deposit"] = Money(FastMarketSql.Deposit),
        ["withdrawal"] = Money(FastMarketSql.Withdrawal),
        ["post"] = new
        {
            Fields = new { topic = "Integer", author = "Integer", body = "Text" },
            OrderKey = "author",
            Legs = FastMarketSql.Post.Select(l => new { l.Database, l.Sql, Rows = 1 }),
            Evidence = new Dictionary<string, object>
            {
                ["Posts in the topic"] = new { Database = "forum", Sql = "select count(*) from posts where topic_id = @topic" },
                ["Last post"] = new { Database = "forum", Sql = "select last_post_at from topics where id = @topic" },
            },
        },
    };

    private static object Money(Func<int, IReadOnlyList<MarketLeg>> legs) => new
    {
        Fields = new { account = "Integer", amount = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "100000.00" } },
        OrderKey = "account",
        SecondPersonAbove = 1000,
        Legs = legs(4).Zip(legs(5), (old, now) => new { old.Database, Sql = old.Sql == now.Sql ? (object)old.Sql : Both(old.Sql, now.Sql), Rows = 1 }),
        Evidence = new Dictionary<string, object>
        {
            ["Member"] = new { Database = "members", Sql = "select m.name from members m join accounts a on a.member_id = m.id where a.id = @account" },
            ["Balance"] = new { Database = "members", Sql = ByMembers(v => OfAccount(FastMarketSql.Spendable(v))) },
            ["Reserved"] = new { Database = "members", Sql = Both("select '0.00' from accounts where id = @account", OfAccount("reserved_cents")) },
            ["Ledger entries"] = new { Database = "members", Sql = "select count(*) from ledger where account_id = @account" },
        },
    };

    private static string OfAccount(string cents) => $"select {Euros(cents)} from accounts where id = @account";

    // Whole numbers all the way: a binary fraction would not be the amount.
    private static string Euros(string cents) =>
        $"case when {cents} < 0 then '-' else '' end || (abs({cents}) / 100) || '.' || printf('%02d', abs({cents}) % 100)";

    private static Dictionary<string, string> ByMembers(Func<int, string> sql) => Both(sql(4), sql(5));

    private static Dictionary<string, string> Both(string old, string now) => new() { ["<5"] = old, [">=5"] = now };
}
