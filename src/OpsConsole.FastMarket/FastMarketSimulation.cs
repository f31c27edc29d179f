using System.Globalization;
using Microsoft.Extensions.Hosting;
using OpsConsole.Gate;

namespace OpsConsole.FastMarket;

/// <summary>
/// The two sites with their members: two web processes each, who log in, write, deposit and withdraw while they may, and meet the gate like real ones. What was started when
/// the members' site froze is handed to the console's queue.
/// </summary>
public sealed class FastMarketSimulation : BackgroundService
{
    private readonly FastMarketSimulationOptions options;
    private readonly FastMarketCounters counters = new();
    private readonly SimulatedInstance[] instances;

    /// <summary>Nothing happens before it is started.</summary>
    public FastMarketSimulation(FastMarketSimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        instances = [.. from site in FastMarketFiles.Databases from number in (int[])[1, 2] select new SimulatedInstance(site, number, options, counters)];
    }

    /// <summary>What happened so far.</summary>
    public FastMarketActivity Activity => counters.Now with { Sessions = instances.Sum(i => i.Sessions) };

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var queue = new QueueClient(new()
        {
            BaseAddress = options.ConsoleAddress,
            Key = options.MembersKey,
            OutboxFile = Path.Combine(options.DataDirectory, "sites", "outbox.jsonl"),
            Time = options.Time,
            Handler = options.Handler,
            OnReceipt = _ => counters.Add(c => c with { Queued = c.Queued + 1 }),
        });
        queue.Start();
        foreach (var instance in instances)
        {
            instance.Gate.Start();
        }
        try
        {
            await Task.WhenAll(Live(stoppingToken), HandOver(queue, stoppingToken), Listen(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The sample stops.
        }
        finally
        {
            foreach (var instance in instances)
            {
                await instance.DisposeAsync();
            }
        }
    }

    private async Task Live(CancellationToken token)
    {
        var random = new Random(options.Seed);
        while (true)
        {
            await Task.Delay(options.Pace * (0.5 + random.NextDouble()), options.Time, token);
            await instances[random.Next(instances.Length)].Act(token);
        }
    }

    /// <summary>Members had a form open when the site froze; each of them sends it now, and it is kept for the desk. A few accounts come more than once.</summary>
    private async Task HandOver(QueueClient queue, CancellationToken token)
    {
        var gate = instances.First(i => i.Site == "members").Gate;
        var file = HandedOver.File(options.DataDirectory);
        var handed = HandedOver.Read(file) ?? new(options.Time.GetUtcNow(), 0);
        var random = new Random(options.Seed + 7 + handed.Count);
        while (true)
        {
            await Task.Delay(options.QueuePace * (0.66 + random.NextDouble() * 0.67), options.Time, token);
            switch (gate.Word?.State)
            {
                case GateState.Open:
                    handed = new(options.Time.GetUtcNow(), 0);
                    File.Delete(file);
                    continue;
                case GateState.Everyone when handed.Count < options.QueuedPerFreeze:
                    break;
                default:
                    continue;
            }
            handed = handed with { Count = handed.Count + 1 };
            handed.Write(file);
            var account = random.Next(100) < 30 ? random.Next(1, 6) * 100 : random.Next(1, FastMarketSeed.Members + 1);
            // Most are small; about one in eight needs a second person.
            var amount = random.Next(8) == 0 ? random.Next(100_001, 140_001) / 100m : random.Next(500, 60_000) / 100m;
            var reference = string.Create(CultureInfo.InvariantCulture, $"FM-{handed.Since.ToUnixTimeMilliseconds()}-{handed.Count:D3}");
            queue.Post(
                random.Next(100) < 65 ? "deposit" : "withdrawal",
                new Dictionary<string, object?> { ["account"] = (long)account, ["amount"] = QueueMoney.Of(amount, "EUR") },
                handed.Since, externalId: reference, key: reference);
        }
    }

    /// <summary>Hears what became of them, from where it left off the last time.</summary>
    private async Task Listen(CancellationToken token)
    {
        var file = Path.Combine(options.DataDirectory, "sites", "outcomes.cursor");
        using var outcomes = new OutcomesReader(options.ConsoleAddress, options.MembersKey, options.Time, options.Handler);
        var after = File.Exists(file) ? (await File.ReadAllTextAsync(file, token)).Trim() : null;
        await foreach (var page in outcomes.Follow(string.IsNullOrEmpty(after) ? null : after, token))
        {
            counters.Add(c => c with { Outcomes = c.Outcomes + page.Items.Count });
            if (page.Next is { } next)
            {
                await File.WriteAllTextAsync(file, next, token);
            }
        }
    }
}
