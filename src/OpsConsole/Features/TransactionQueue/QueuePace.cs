namespace OpsConsole.Features.TransactionQueue;

/// <summary>How fast the team decides: from its decisions of the last half hour, and only where there are enough of them.</summary>
public static class QueuePace
{
    public static readonly TimeSpan Over = TimeSpan.FromMinutes(30);
    private const int EnoughToTell = 3;

    /// <param name="decidedAt">since <see cref="Over"/> ago, in any order</param>
    /// <returns>seconds between two decisions; null: too few to tell</returns>
    public static double? SecondsEach(IReadOnlyCollection<DateTimeOffset> decidedAt) =>
        decidedAt.Count < EnoughToTell ? null : (decidedAt.Max() - decidedAt.Min()).TotalSeconds / (decidedAt.Count - 1);
}
