using System.Globalization;

namespace OpsConsole.Domain.Schedules;

public enum OccurrenceState { Missed, Done, Failed }

/// <summary>One due time of one schedule.</summary>
/// <param name="Name">the key under which it is committed, exactly once</param>
/// <param name="Because">why it failed, in the target's words; else null</param>
public sealed record Occurrence(string Name, string Schedule, DateTimeOffset Due, OccurrenceState State, string? Because = null);

/// <summary>What is recorded of an occurrence that was tried.</summary>
/// <param name="Error">null: it was committed</param>
public sealed record OccurrenceOutcome(string Name, string? Error);

/// <summary>Names and states of due times; when something is due is for the schedule to say.</summary>
public static class Occurrences
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>schedule/NAME/DUE, the due time in UTC to the second. The same occurrence has the same name in every time zone.</summary>
    public static string NameOf(string schedule, DateTimeOffset due) => $"schedule/{schedule}/{due.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}";

    /// <summary>False where the text is no such name.</summary>
    public static bool TryParse(string name, out string schedule, out DateTimeOffset due)
    {
        (schedule, due) = ("", default);
        if (name.Split('/') is not ["schedule", { Length: > 0 } found, var time]
            || !DateTimeOffset.TryParseExact(time, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out due))
        {
            return false;
        }
        schedule = found;
        return true;
    }

    /// <summary>
    /// Every due time up to <paramref name="now"/>, oldest first and each once. One without an outcome is missed; one that failed and was committed later is done,
    /// because a commit under its name can only have happened once.
    /// </summary>
    public static IReadOnlyList<Occurrence> List(string schedule, IEnumerable<DateTimeOffset> due, IEnumerable<OccurrenceOutcome> outcomes, DateTimeOffset now)
    {
        var known = outcomes.GroupBy(o => o.Name).ToDictionary(g => g.Key, g => g.ToList());
        return [.. due.Where(d => d <= now).Select(d => d.ToUniversalTime()).Distinct().Order().Select(d =>
        {
            var name = NameOf(schedule, d);
            if (!known.TryGetValue(name, out var tried))
            {
                return new Occurrence(name, schedule, d, OccurrenceState.Missed);
            }
            return tried.Exists(o => o.Error is null)
                ? new Occurrence(name, schedule, d, OccurrenceState.Done)
                : new Occurrence(name, schedule, d, OccurrenceState.Failed, tried[^1].Error);
        })];
    }

    /// <summary>The next one to catch up: the oldest that is not done. Later ones wait for it, also if it failed.</summary>
    public static Occurrence? NextToCatchUp(IEnumerable<Occurrence> occurrences) => occurrences.Where(o => o.State != OccurrenceState.Done).MinBy(o => o.Due);
}
