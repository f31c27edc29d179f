using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.FastMarket;

/// <summary>Makes the sample's two databases, with some years of history, through the releases' own scripts. The same seed and clock make the same content.</summary>
public static class FastMarketSeed
{
    /// <summary>Members, and forum users with the same ids.</summary>
    public const int Members = 2_000;
    /// <summary>Entries in the ledger.</summary>
    public const int LedgerEntries = 50_000;
    /// <summary>Posts in the forum.</summary>
    public const int Posts = 20_000;
    private const int Accounts = 2_200;
    private const int Topics = 900;

    /// <summary>
    /// Makes both databases where the directory has never had them. A mark is left beside them: a database that is missing later was closed by being renamed, or was
    /// taken away by somebody, and is not made again.
    /// </summary>
    /// <returns>true: they were made now</returns>
    public static bool Create(string directory, int seed = 2005, TimeProvider? time = null)
    {
        FastMarketFiles.Folder(directory);
        var mark = Path.Combine(directory, "fastmarket.seeded");
        if (File.Exists(mark) || FastMarketFiles.Databases.Any(d => File.Exists(FastMarketFiles.Database(directory, d))))
        {
            return false;
        }
        var now = (time ?? TimeProvider.System).GetUtcNow();
        now = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        Make(directory, "members", connection => FillMembers(connection, new Random(seed), now));
        Make(directory, "forum", connection => FillForum(connection, new Random(seed + 1), now));
        // Both get their names only when both are whole.
        foreach (var database in FastMarketFiles.Databases)
        {
            File.Move(FastMarketFiles.Database(directory, database) + ".new", FastMarketFiles.Database(directory, database));
        }
        File.WriteAllText(mark, now.ToString("O", CultureInfo.InvariantCulture) + "\n");
        return true;
    }

    private static void Make(string directory, string database, Action<SqliteConnection> fill)
    {
        var file = FastMarketFiles.Database(directory, database) + ".new";
        File.Delete(file);
        using var connection = FastMarketFiles.Open(file, SqliteOpenMode.ReadWriteCreate);
        FastMarketFiles.Run(connection, "pragma journal_mode = memory; pragma synchronous = off");
        using (var transaction = connection.BeginTransaction())
        {
            var version = FastMarketFiles.FirstVersion(database);
            for (var v = 1; v <= version; v++)
            {
                FastMarketFiles.Run(connection, FastMarketFiles.Script(database, v, up: true));
            }
            FastMarketFiles.Run(connection, "create table schema_migrations (version uint64,dirty bool); create unique index version_unique on schema_migrations (version)");
            FastMarketFiles.Run(connection, "insert into schema_migrations values (@v, 0)", ("@v", version));
            fill(connection);
            transaction.Commit();
        }
        FastMarketFiles.Run(connection, "pragma synchronous = full; pragma journal_mode = wal");
    }

    private static void FillMembers(SqliteConnection connection, Random random, DateTimeOffset now)
    {
        var begin = now.AddYears(-4);
        using var member = new Inserter(connection, "insert into members (id, name, email, joined_at) values (@0, @1, @2, @3)");
        using var account = new Inserter(connection, "insert into accounts (id, member_id, balance_cents, opened_at) values (@0, @1, @2, @3)");
        using var entry = new Inserter(connection, "insert into ledger (account_id, kind, amount_cents, reference, at) values (@0, @1, @2, @3, @4)");
        using var request = new Inserter(connection, "insert into withdrawal_requests (account_id, amount_cents, requested_at, settled_at) values (@0, @1, @2, @3)");
        for (var i = 1; i <= Members; i++)
        {
            var name = FastMarketNames.Of(i);
            member.Add(i, name, name.Replace(' ', '.').ToLowerInvariant() + "@example.org", Stamp(begin.AddHours(i)));
        }
        var balances = new long[Accounts + 1];
        var step = (now.AddMinutes(-5) - begin.AddHours(Members)) / LedgerEntries;
        var written = 0;
        void Write(int accountId, string kind, long cents)
        {
            balances[accountId] += cents;
            entry.Add(accountId, kind, cents, string.Create(CultureInfo.InvariantCulture, $"{kind}/{++written:D6}"), Stamp(begin.AddHours(Members) + step * written));
        }
        // Accounts first as they will be, balances afterwards: foreign keys hold all the way.
        for (var a = 1; a <= Accounts; a++)
        {
            account.Add(a, a <= Members ? a : (a - Members) * 10, 0, Stamp(begin.AddHours(Math.Min(a, Members))));
        }
        for (var a = 1; a <= Accounts; a++)
        {
            Write(a, "deposit", random.Next(2_000, 300_000));
        }
        while (written < LedgerEntries)
        {
            var a = random.Next(1, Accounts + 1);
            switch (random.Next(100))
            {
                case < 25 when balances[a] > 1_000:
                    Write(a, "withdrawal", -random.NextInt64(500, balances[a] / 2 + 501));
                    break;
                case < 45 when balances[a] > 1_000 && written + 2 <= LedgerEntries:
                    var to = a % Accounts + 1;
                    var moved = random.NextInt64(100, balances[a] / 3 + 101);
                    Write(a, "transfer", -moved);
                    Write(to, "transfer", moved);
                    break;
                case < 65 when balances[a] > 10_000:
                    Write(a, "interest", (balances[a] + 5_000) / 10_000);
                    break;
                default:
                    Write(a, "deposit", random.Next(500, 120_000));
                    break;
            }
        }
        using var balance = new Inserter(connection, "update accounts set balance_cents = @0 where id = @1");
        for (var a = 1; a <= Accounts; a++)
        {
            balance.Add(balances[a], a);
            if (a % 17 == 0)
            {
                request.Add(a, balances[a] / 5, Stamp(now.AddDays(-a % 9).AddHours(-1)), a % 34 == 0 ? Stamp(now.AddMinutes(-30)) : null);
            }
        }
    }

    private static void FillForum(SqliteConnection connection, Random random, DateTimeOffset now)
    {
        var begin = now.AddYears(-4);
        using var user = new Inserter(connection, "insert into users (id, member_id, name, joined_at) values (@0, @0, @1, @2)");
        using var topic = new Inserter(connection, "insert into topics (id, title, author_id, created_at) values (@0, @1, @2, @3)");
        using var post = new Inserter(connection, "insert into posts (topic_id, author_id, body, created_at) values (@0, @1, @2, @3)");
        for (var i = 1; i <= Members; i++)
        {
            user.Add(i, FastMarketNames.Of(i), Stamp(begin.AddHours(i)));
        }
        for (var t = 1; t <= Topics; t++)
        {
            topic.Add(t, FastMarketNames.Title(random), random.Next(1, Members + 1), Stamp(begin.AddHours(Members + t)));
        }
        var from = begin.AddHours(Members + Topics);
        var step = (now.AddMinutes(-2) - from) / Posts;
        for (var p = 1; p <= Posts; p++)
        {
            // A few topics and a few people have most of the talk, as everywhere.
            var busy = random.NextDouble();
            post.Add(1 + (int)(busy * busy * Topics), 1 + (int)(Math.Pow(random.NextDouble(), 2) * Members), FastMarketNames.Body(random), Stamp(from + step * p));
        }
        FastMarketFiles.Run(connection, "update users set posts = (select count(*) from posts p where p.author_id = users.id)");
        FastMarketFiles.Run(connection, "update topics set last_post_at = (select max(created_at) from posts p where p.topic_id = topics.id)");
    }

    internal static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>One prepared statement for many rows, its parameters named by their place.</summary>
    private sealed class Inserter : IDisposable
    {
        private readonly SqliteCommand command;

        public Inserter(SqliteConnection connection, string sql)
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
        }

        public void Add(params object?[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (command.Parameters.Count <= i)
                {
                    command.Parameters.Add(new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"@{i}"), null));
                }
                command.Parameters[i].Value = values[i] ?? DBNull.Value;
            }
            command.ExecuteNonQuery();
        }

        public void Dispose() => command.Dispose();
    }
}
