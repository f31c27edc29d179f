using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>The strip's four facts, from the window that runs; else from the next one, else from the last.</summary>
public sealed class WindowStrip(WindowBook book, WindowViews views, GateBook gates, ChangeFeed feed, TimeProvider time) : IStripSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    public string Topic => Topics.Windows;

    public async Task<StripFacts?> Read(CancellationToken cancellationToken) => await Current(cancellationToken) is { } window ? Facts(window, time.GetUtcNow()) : null;

    /// <summary>The window that everybody means now; null: there has been none.</summary>
    public async Task<WindowView?> Current(CancellationToken token)
    {
        var rows = await book.List(50, token);
        var row = rows.FirstOrDefault(r => r.Status is "running" or "needsDecision" or "rollingBack" or "rolledBack" or "reviewing" or "finalized" or "thawing")
            ?? rows.FirstOrDefault(r => r.Status == "approved") ?? rows.FirstOrDefault(r => r.Status is "draft" or "rehearsed" or "rehearsing") ?? (rows.Count > 0 ? rows[0] : null);
        return row is not null && await book.Load(row.Id, token) is { } window ? await views.Of(window, token) : null;
    }

    public StripFacts Facts(WindowView window, DateTimeOffset now)
    {
        var (mark, word) = WindowWords.Phase(window);
        var route = $"windows/{window.Id}";
        if (!window.Is("running", "needsDecision", "rollingBack", "rolledBack", "reviewing", "finalized", "thawing"))
        {
            var coming = window.Is("draft", "rehearsed", "approved") && window.OpensAt > now;
            return new(window.Name, route, mark, word, WindowWords.Line(window))
            {
                Sites = [.. Sites(gates.All.Select(g => g.Site))],
                CountdownTo = coming ? window.OpensAt : null,
                CountdownLabel = coming ? "Opens in" : null,
            };
        }
        var step = window.Current ?? window.Task ?? (window.Is("rolledBack", "finalized", "thawing")
            ? window.Steps.FirstOrDefault(s => s is { Group: "forward", Kind: "openDatabases" or "thaw", Status: not "done" }) ?? window.Steps.LastOrDefault(s => s is { Group: "forward", Kind: "thaw" }) : window.Steps.FirstOrDefault(s => s.Status == "pending"));
        // Finalize comes between the last decision and the opening: as long as the doors take is the least that it costs.
        var opens = window.ReviewEndsAt is { } reviewed ? (reviewed < now ? now : reviewed).AddMilliseconds(window.WayBack.Parts.Where(p => p.What == Domain.Maintenance.WayBack.Reopening).Sum(p => p.Milliseconds)) : (DateTimeOffset?)null;
        return new(window.Name, route, mark, word, WindowWords.Line(window))
        {
            StepText = step is null ? null : $"Step {step.Number} of {window.Steps.Count}",
            WayBack = WindowWords.WayBack(window, now),
            TurnBackAt = window.WayBack.TurnBackAt,
            TurnBackText = "later, going back ends after the window",
            OpensAgainAt = opens,
            OpensAgainText = opens is { } at ? Against(at, window.ClosesAt) : window.Is("needsDecision") ? "depends on your choice" : window.Is("thawing") ? null : window.Is("rollingBack") ? "after the proof, when you let members in" : window.Is("rolledBack", "finalized") ? "when you let members in" : window.Is("reviewing") && window.Undecided.IsClear ? "when you finalize and let members in" : "depends on the review",
            Runway = Runway(window, now),
            Sites = [.. Sites(window.Plan.Steps.SelectMany(s => s.FrozenSites).Distinct())],
        };
    }

    private static string Against(DateTimeOffset at, DateTimeOffset? closes) => closes is not { } end ? "at the desk's pace of now"
        : at <= end ? $"{Spoken.Sentence(end - at)} before the window ends" : $"{Spoken.Sentence(at - end)} after the window's end";

    public IDisposable Watch(Action moved)
    {
        var listening = new Listening(feed.Subscribe(Topics.Windows, Topics.Gates, Topics.Queue, Topics.Reach), moved, time);
        listening.Start();
        return listening;
    }

    private IEnumerable<StripSite> Sites(IEnumerable<string> sites)
    {
        foreach (var site in sites)
        {
            if (gates.Find(site) is not { Door: not GateDoor.Open } gate) { continue; }
            yield return gate.Door == GateDoor.Thawing ? new(site, gate.Share == 100 ? Mark.Ok : Mark.Running, gate.Share is 0 or null ? "staff in" : $"{gate.Share} % in")
                : gates.CertainNow(site).Is ? new(site, Mark.Frozen, gate.Trial ? "frozen, staff in" : "frozen") : new(site, Mark.Attention, "not yet certain");
        }
    }

    private static RunwayFacts? Runway(WindowView window, DateTimeOffset now)
    {
        if (window is not { StartedAt: { } opens, ClosesAt: { } closes } || closes <= opens) { return null; }
        var last = now > closes ? closes : now;
        // Said once over all releases, and over what is under way.
        var upgrade = window.Steps.FirstOrDefault(s => s is { Kind: "release", StartedAt: not null });
        List<RunwaySpan> steps = [.. window.Steps.Where(s => s.StartedAt is not null && s.StartedAt < last).Select(s => new RunwaySpan(
            s.StartedAt!.Value, s.EndedAt ?? last, s.Status switch { "running" => RunwayPart.Running, "failed" or "torn" => RunwayPart.Failed, _ when s.Kind == "review" && s.EndedAt is null && window.Is("reviewing") => RunwayPart.Running, _ => RunwayPart.Done },
            s.Status is "running" or "failed" or "torn" || (s.Kind == "review" && s.EndedAt is null && window.Is("reviewing")) ? WindowWords.Kind(s.Kind) : s == upgrade ? "Upgrade" : null))];
        if (window.ReviewEndsAt is { } expected && expected > now) { steps.Add(new(now, expected, RunwayPart.Expected)); }
        var frozenFrom = window.Steps.FirstOrDefault(s => s.Kind == "freeze")?.StartedAt;
        var frozenTo = window.Steps.FirstOrDefault(s => s.Kind == "thaw")?.StartedAt;
        List<RunwaySpan> frozen = frozenFrom is { } from ? [new(from, frozenTo ?? last, RunwayPart.Done)] : [];
        if (frozenTo is null && window.ReviewEndsAt is { } thaws && thaws > now) { frozen.Add(new(now, thaws, RunwayPart.Expected)); }
        var finalized = window.Steps.FirstOrDefault(s => s.Kind == "finalize")?.EndedAt;
        List<RunwaySpan> back = [new(opens, finalized ?? last, RunwayPart.Done)];
        List<RunwayLine> lines = [];
        if (window.WayBack.TurnBackAt is { } turn && turn > opens && turn < closes)
        {
            lines.Add(new(turn, RunwayLineKind.TurnBack, "Turn back"));
            if (turn > now) { back.Add(new(now, window.ReviewEndsAt < turn ? window.ReviewEndsAt.Value : turn, RunwayPart.Expected)); }
        }
        if (window.ReviewEndsAt is { } decided && decided > now && decided < closes) { lines.Add(new(decided, RunwayLineKind.Finalize, "Finalize")); }
        if (finalized is { } final) { lines.Add(new(final, RunwayLineKind.Finalize, "Finalize")); }
        return new(opens, closes, now, steps, frozen, back, lines);
    }

    /// <summary>One listener: a crowd of changes calls it once, and never more than four times a second.</summary>
    private sealed class Listening(ChangeFeed.Subscription heard, Action moved, TimeProvider time) : IDisposable
    {
        private readonly CancellationTokenSource gone = new();

        public void Start() => _ = Listen();

        private async Task Listen()
        {
            try
            {
                while (true)
                {
                    if (await heard.Wait(Timeout.InfiniteTimeSpan, gone.Token)) { moved(); }
                    await Task.Delay(Pause, time, gone.Token);
                }
            }
            catch (OperationCanceledException) { /* The page has gone. */ }
        }

        public void Dispose()
        {
            gone.Cancel();
            heard.Dispose();
        }
    }
}
