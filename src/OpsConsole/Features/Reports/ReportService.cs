using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Reports;

public sealed record ReportWindow(
    string Id, string Name, string Estate, string Status, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, string Digest,
    DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, bool? InTime, string? ApprovedBy, string? FinalizedBy, string? RolledBackBy,
    IReadOnlyList<StoryStep> Steps);

/// <param name="Left">neither decided nor held nor in doubt</param>
public sealed record ReportTransactions(int Started, int Committed, int Rejected, int Held, int InDoubt, int Left, IReadOnlyList<StoryKind> ByKind, IReadOnlyList<StoryHand> ByPerson)
{
    /// <summary>Rejected and held, each with its reason.</summary>
    public IReadOnlyList<StoryException> NotCommitted { get; init; } = [];

    /// <summary>One line for each currency, over all kinds; what moves no money is counted in the first totals alone.</summary>
    public IReadOnlyList<StoryKind> Sums { get; } = [.. ByKind.Where(k => k.Currency is not null).GroupBy(k => k.Currency).Select(g => new StoryKind(
        "all", g.Key, g.Sum(k => k.Started), g.Sum(k => k.StartedSum), g.Sum(k => k.Committed), g.Sum(k => k.CommittedSum), g.Sum(k => k.Rejected), g.Sum(k => k.RejectedSum),
        g.Sum(k => k.Held), g.Sum(k => k.InDoubt), g.Sum(k => k.Left)))];
}

public sealed record Report(
    ReportWindow Window, IReadOnlyList<StoryLine> Timeline, ReportTransactions Transactions, IReadOnlyList<StoryCheck> Checks, IReadOnlyList<StoryOccurrence> Schedules,
    IReadOnlyList<StoryCheckpoint> Checkpoints, IReadOnlyList<StoryDecision> Decisions);

/// <summary>Gathers what each room tells of a window.</summary>
public sealed class ReportService(IWindowStory windows, IEnumerable<IQueueStory> queues, ConsoleSettings settings, TimeProvider time)
{
    public async Task<Answer<Report>> Read(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.ReportRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (await windows.Tell(id, token) is not { } story) { return new Refusal(RefusalCode.NotFound, $"There is no window {id}."); }
        var window = new OpenWindow(
            story.Id, story.Name, Enum.Parse<WindowStatus>(story.Status, ignoreCase: true), [.. story.From.Keys], story.StartedAt,
            story.Checkpoints is { Count: > 0 } c ? c[^1].At : null, story.OpensAt, story.ClosesAt, story.EndedAt);
        List<StoryKind> kinds = [];
        List<StoryHand> hands = [];
        List<StoryOccurrence> occurrences = [];
        List<StoryException> exceptions = [];
        foreach (var queue in queues)
        {
            kinds.AddRange(await queue.Transactions(window, token));
            hands.AddRange(await queue.Hands(window, token));
            occurrences.AddRange(await queue.Schedules(window, token));
            exceptions.AddRange(await queue.Exceptions(window, token));
        }
        return new Report(
            new ReportWindow(story.Id, story.Name, settings.Estate.Name, story.Status, story.From, story.To, story.Digest, story.OpensAt, story.ClosesAt, story.StartedAt, story.EndedAt,
                story.EndedAt is { } ended && story.ClosesAt is { } closes ? ended <= closes : null, story.ApprovedBy, story.FinalizedBy, story.RolledBackBy, [.. InOrder(story)]),
            story.Timeline,
            new ReportTransactions(kinds.Sum(k => k.Started), kinds.Sum(k => k.Committed), kinds.Sum(k => k.Rejected), kinds.Sum(k => k.Held), kinds.Sum(k => k.InDoubt), kinds.Sum(k => k.Left), kinds, hands) { NotCommitted = exceptions },
            story.Checks, occurrences, story.Checkpoints, story.Decisions);
    }

    // In the order in which they ran: a rollback adds its steps in the middle. What ended with the window without having run keeps its place at the end.
    private static IEnumerable<StoryStep> InOrder(WindowStory story) => story.Steps.OrderBy(s => s.StartedAt ?? DateTimeOffset.MaxValue).ThenBy(s => s.Number);
}
