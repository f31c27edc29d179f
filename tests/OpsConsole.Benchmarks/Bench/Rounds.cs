using System.Diagnostics;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>Subject and peer in turns, so that a busy minute of the machine meets both; the first turn of each is not counted.</summary>
internal static class Rounds
{
    /// <summary>The turns that count, in pairs.</summary>
    public static async Task<IReadOnlyList<(T Subject, T Peer)>> Run<T>(int rounds, Func<Task<T>> subject, Func<Task<T>> peer)
    {
        await subject();
        await peer();
        var pairs = new List<(T, T)>();
        for (var i = 0; i < rounds; i++)
        {
            // Whoever is second finds the caches warm: the order changes.
            if (i % 2 == 0)
            {
                var first = await subject();
                pairs.Add((first, await peer()));
            }
            else
            {
                var first = await peer();
                pairs.Add((await subject(), first));
            }
        }
        return pairs;
    }

    public static async Task<double> Seconds(Func<Task> work)
    {
        var from = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Of the pairs' own ratios: what disturbed one pair does not touch the others.</summary>
    public static double Ratio<T>(IReadOnlyList<(T Subject, T Peer)> pairs, Func<T, double> value) => Median(pairs.Select(p => value(p.Subject) / value(p.Peer)));
}
