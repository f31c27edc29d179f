using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;
using OpsConsole.Gate;

namespace OpsConsole.FastMarket;

/// <summary>What a member was about to do.</summary>
internal sealed record Visit(string Id, int Member, string Name, string Address);

/// <summary>
/// One web process of a site: its own gate client, its own members logged in. It opens a connection for one action and closes it, so that closing the database can
/// prove that nobody has it.
/// </summary>
internal sealed class SimulatedInstance : IAsyncDisposable
{
    private readonly FastMarketSimulationOptions options;
    private readonly FastMarketCounters counters;
    private readonly Random random;
    private readonly SemaphoreSlim busy = new(1);
    private readonly List<Visit> visits = [];
    private bool swept;
    private int visitNumber;

    public SimulatedInstance(string site, int number, FastMarketSimulationOptions options, FastMarketCounters counters)
    {
        this.options = options;
        this.counters = counters;
        Site = site;
        Name = string.Create(CultureInfo.InvariantCulture, $"{site}-web{number}");
        random = new Random(HashCodeOf(Name) ^ options.Seed);
        Gate = new GateClient(new()
        {
            BaseAddress = options.ConsoleAddress,
            Site = site,
            Key = site == "members" ? options.MembersKey : options.ForumKey,
            Instance = Name,
            AppVersion = "sample",
            Staff = new GateStaff([FastMarketNames.Of(1), FastMarketNames.Of(2)], []),
            MemoryFile = Path.Combine(options.DataDirectory, "sites", Name + ".json"),
            OnState = OnState,
            Time = options.Time,
            Handler = options.Handler,
        });
    }

    public string Site { get; }
    public string Name { get; }
    public GateClient Gate { get; }
    public int Sessions => Volatile.Read(ref sessions);
    private int sessions;

    /// <summary>One thing that one member does.</summary>
    public async Task Act(CancellationToken token)
    {
        await busy.WaitAsync(token);
        try
        {
            // The gate is asked inside the lock: once a freeze is acknowledged, no action that was let in before is still under way.
            if (!swept && Gate.Word is { State: GateState.Open })
            {
                Write(connection => FastMarketFiles.Run(connection, "delete from web_sessions where id like @mine", ("@mine", Name + "/%")));
                visits.Clear();
                swept = true;
            }
            if (visits.Count < 4 || (visits.Count < 25 && random.Next(100) < 12))
            {
                Login();
            }
            else
            {
                GoOn(visits[random.Next(visits.Count)]);
            }
        }
        catch (SqliteException)
        {
            // The database is closed, locked or of another version for this moment; the member sees an error page and tries again.
            counters.Add(c => c with { Faults = c.Faults + 1 });
        }
        finally
        {
            Volatile.Write(ref sessions, visits.Count);
            busy.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        busy.Dispose();
    }

    private void Login()
    {
        var member = random.Next(1, FastMarketSeed.Members + 1);
        var name = FastMarketNames.Of(member);
        var address = string.Create(CultureInfo.InvariantCulture, $"192.0.2.{member % 250 + 1}");
        if (!Gate.Ask(name, IPAddress.Parse(address)).Allowed)
        {
            counters.Add(c => c with { Refused = c.Refused + 1 });
            return;
        }
        var now = options.Time.GetUtcNow();
        var visit = new Visit(string.Create(CultureInfo.InvariantCulture, $"{Name}/{now.ToUnixTimeMilliseconds()}-{++visitNumber}"), member, name, address);
        Write(connection => FastMarketFiles.Run(connection,
            "insert into web_sessions (id, member, started_at, last_seen_at, address) values (@id, @member, @now, @now, @address)",
            ("@id", visit.Id), ("@member", name), ("@now", FastMarketSeed.Stamp(now)), ("@address", address)));
        visits.Add(visit);
        counters.Add(c => c with { Logins = c.Logins + 1 });
    }

    private void GoOn(Visit visit)
    {
        if (!Gate.Ask(visit.Name, IPAddress.Parse(visit.Address), GateAsk.Session).Allowed)
        {
            visits.Remove(visit);
            counters.Add(c => c with { Refused = c.Refused + 1 });
            return;
        }
        var now = FastMarketSeed.Stamp(options.Time.GetUtcNow());
        var leaves = random.Next(100) < 8;
        var there = 0;
        Write(connection => there = FastMarketFiles.Run(connection,
            leaves ? "delete from web_sessions where id = @id" : "update web_sessions set last_seen_at = @now where id = @id", ("@id", visit.Id), ("@now", now)));
        if (leaves || there == 0)
        {
            // Gone by itself, or ended by an operator.
            visits.Remove(visit);
            return;
        }
        if (Site == "forum")
        {
            Post(visit, now);
        }
        else
        {
            Pay(visit, now);
        }
    }

    private void Post(Visit visit, string now)
    {
        var topic = random.Next(1, 901);
        Write(connection =>
        {
            foreach (var leg in FastMarketSql.Post)
            {
                FastMarketFiles.Run(connection, leg.Sql, ("@topic", topic), ("@author", visit.Member), ("@body", FastMarketNames.Body(random)), ("@started_at", now));
            }
        });
        counters.Add(c => c with { Posts = c.Posts + 1 });
    }

    private void Pay(Visit visit, string now)
    {
        var deposit = random.Next(100) < 60;
        var amount = (random.Next(500, 40_000) / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        var key = string.Create(CultureInfo.InvariantCulture, $"{visit.Id}/{++visitNumber}");
        var done = false;
        Write(connection =>
        {
            var version = FastMarketFiles.Version(connection);
            foreach (var leg in deposit ? FastMarketSql.Deposit(version) : FastMarketSql.Withdrawal(version))
            {
                if (FastMarketFiles.Run(connection, leg.Sql, ("@account", visit.Member), ("@amount", amount), ("@key", key), ("@started_at", now)) != 1)
                {
                    return false;
                }
            }
            return done = true;
        });
        if (done)
        {
            counters.Add(c => deposit ? c with { Deposits = c.Deposits + 1 } : c with { Withdrawals = c.Withdrawals + 1 });
        }
    }

    /// <summary>Ends this instance's sessions when nobody may be in. A database that is closed already keeps its rows; the sessions are over all the same.</summary>
    private async ValueTask<int> OnState(GateWord word, CancellationToken token)
    {
        if (word.State != GateState.Everyone)
        {
            return 0;
        }
        await busy.WaitAsync(token);
        try
        {
            visits.Clear();
            Volatile.Write(ref sessions, 0);
            Write(connection => FastMarketFiles.Run(connection, "delete from web_sessions where id like @mine", ("@mine", Name + "/%")));
            return 0;
        }
        catch (SqliteException) when (!File.Exists(FastMarketFiles.Database(options.DataDirectory, Site)))
        {
            // A file that is there and refuses is another matter: that throws, is not acknowledged, and is tried again.
            counters.Add(c => c with { Faults = c.Faults + 1 });
            swept = false;
            return 0;
        }
        finally
        {
            busy.Release();
        }
    }

    private void Write(Action<SqliteConnection> work) => Write(connection =>
    {
        work(connection);
        return true;
    });

    private void Write(Func<SqliteConnection, bool> work)
    {
        using var connection = FastMarketFiles.Open(FastMarketFiles.Database(options.DataDirectory, Site));
        using var transaction = connection.BeginTransaction();
        if (work(connection))
        {
            transaction.Commit();
        }
    }

    /// <summary>string.GetHashCode differs from run to run.</summary>
    private static int HashCodeOf(string text) => text.Aggregate(17, (hash, c) => unchecked(hash * 31 + c));
}
