using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <param name="Began">before the connection was asked for</param>
/// <param name="Ended">when the database had answered</param>
public sealed record Attempt(string Database, DateTimeOffset Began, DateTimeOffset Ended, bool Wrote);

/// <summary>The sites' own programs, which do not give up: every 50 ms a new connection as the site's role, and a row.</summary>
public sealed class SiteWriters : IAsyncDisposable
{
    private readonly ConcurrentQueue<Attempt> attempts = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task writing;

    public SiteWriters(PostgreSqlServer server, NightEstate estate) =>
        writing = Task.WhenAll(NightEstate.Databases.Select(d => Task.Run(() => Write(server, d, estate.Real(d), estate.Role(d)))));

    public IReadOnlyList<Attempt> Attempts => [.. attempts];

    private async Task Write(PostgreSqlServer server, string database, string real, string role)
    {
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!stop.IsCancellationRequested)
        {
            var (began, wrote) = (TimeProvider.System.GetUtcNow(), false);
            try
            {
                await using var connection = await server.Connect(real, role);
                await using var command = new NpgsqlCommand("insert into pgbench_history(tid, bid, aid, delta, mtime) values (0, 0, 0, 0, clock_timestamp())", connection);
                wrote = await command.ExecuteNonQueryAsync() == 1;
            }
            catch (Exception fault) when (fault is NpgsqlException or SocketException or IOException)
            {
                // Shut out, ended in its middle, or the database is just being renamed: it comes again.
            }
            attempts.Enqueue(new Attempt(database, began, TimeProvider.System.GetUtcNow(), wrote));
            try { await every.WaitForNextTickAsync(stop.Token); } catch (OperationCanceledException) { return; }
        }
    }

    /// <summary>Waits for a row that was begun after now, in each database.</summary>
    public async Task WriteAgain()
    {
        var from = TimeProvider.System.GetUtcNow();
        while (!NightEstate.Databases.All(d => attempts.Any(a => a.Wrote && a.Database == d && a.Began > from)))
        {
            Assert.True(TimeProvider.System.GetUtcNow() - from < TimeSpan.FromSeconds(20), "the sites cannot write, though nothing is closed");
            await Task.Delay(50);
        }
    }

    /// <summary>Nobody came in between the two, though they went on trying in each database.</summary>
    public void WereShutOut(DateTimeOffset closed, DateTimeOffset opened)
    {
        var between = Attempts.Where(a => a.Began > closed && a.Ended < opened).ToList();
        Assert.DoesNotContain(between, a => a.Wrote);
        foreach (var database in NightEstate.Databases) { Assert.True(between.Count(a => a.Database == database) >= 10, $"in {database} too few tries to prove anything: {between.Count}"); }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await writing;
        stop.Dispose();
    }
}
