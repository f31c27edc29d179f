namespace OpsConsole.FastMarket;

/// <summary>One statement of a transaction and the database it belongs to.</summary>
public sealed record MarketLeg(string Database, string Sql);

/// <summary>
/// The SQL of the two sites, as the release that belongs to a schema version has it. The console's legs are the same text, so what is committed from the queue is
/// what the site would have done. Amounts are bound as text with exactly two decimals ("12.34"), the currency's own number: taking the point out leaves the cents, and no
/// binary fraction comes in between.
/// </summary>
public static class FastMarketSql
{
    /// <summary>The bound amount in cents.</summary>
    public const string Cents = "cast(replace(@amount, '.', '') as integer)";

    /// <summary>What can be spent, by the members' version.</summary>
    public static string Spendable(int members) => members < 5 ? "balance_cents" : "available_cents";

    /// <summary>All that an account holds.</summary>
    public static string Whole(int members) => members < 5 ? "balance_cents" : "available_cents + reserved_cents";

    /// <summary>Parameters: @account, @amount, @key, @started_at.</summary>
    public static IReadOnlyList<MarketLeg> Deposit(int members) =>
    [
        new("members", $"update accounts set {Spendable(members)} = {Spendable(members)} + {Cents} where id = @account"),
        new("members", $"insert into ledger (account_id, kind, amount_cents, reference, at) values (@account, 'deposit', {Cents}, @key, @started_at)"),
    ];

    /// <summary>Changes no row where the account does not hold enough.</summary>
    public static IReadOnlyList<MarketLeg> Withdrawal(int members) =>
    [
        new("members", $"update accounts set {Spendable(members)} = {Spendable(members)} - {Cents} where id = @account and {Spendable(members)} >= {Cents}"),
        new("members", $"insert into ledger (account_id, kind, amount_cents, reference, at) values (@account, 'withdrawal', -{Cents}, @key, @started_at)"),
    ];

    /// <summary>Parameters: @topic, @author, @body, @started_at.</summary>
    public static IReadOnlyList<MarketLeg> Post { get; } =
    [
        new("forum", "insert into posts (topic_id, author_id, body, created_at) values (@topic, @author, @body, @started_at)"),
        new("forum", "update topics set last_post_at = max(coalesce(last_post_at, ''), @started_at) where id = @topic"),
        new("forum", "update users set posts = posts + 1 where id = @author"),
    ];

    /// <summary>What the members' site reads for a member's page. From release 5 on it reads the forum's mirror, which the forum has from 7 on.</summary>
    public static IReadOnlyList<MarketLeg> MemberPage(int members) => members < 5
        ? [new("members", "select m.name, sum(a.balance_cents) from members m join accounts a on a.member_id = m.id where m.id = @member group by m.id")]
        :
        [
            new("members", "select m.name, sum(a.available_cents), sum(a.reserved_cents) from members m join accounts a on a.member_id = m.id where m.id = @member group by m.id"),
            new("forum", "select name, standing from member_mirror where member_id = @member"),
        ];

    /// <summary>What the forum reads for a topic's page: its own tables, and what the author can spend, from members.</summary>
    public static IReadOnlyList<MarketLeg> TopicPage(int forum)
    {
        List<MarketLeg> reads =
        [
            new("forum", forum < 7
                ? "select u.name, p.body from posts p join users u on u.id = p.author_id where p.topic_id = @topic order by p.created_at desc limit 20"
                : "select m.name, m.standing, p.body from posts p join users u on u.id = p.author_id join member_mirror m on m.member_id = u.member_id where p.topic_id = @topic order by p.created_at desc limit 20"),
            new("members", $"select {(forum < 7 ? "balance_cents" : "available_cents")} from accounts where member_id = @member"),
        ];
        if (forum >= 8)
        {
            reads.Add(new("forum", "select badge from badges where member_id = @member"));
            reads.Add(new("members", "select s.month, s.closing_cents from statements s join accounts a on a.id = s.account_id where a.member_id = @member order by s.month desc limit 1"));
        }
        return reads;
    }
}
