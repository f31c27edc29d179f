using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <summary>Tells a window from its events, and from nothing else: what a report says is what was written at the time.</summary>
public sealed class WindowTeller(WindowBook book) : IWindowStory
{
    public async Task<WindowStory?> Tell(string id, CancellationToken token) => await book.Load(id, token) is { } window ? Of(window) : null;

    public static WindowStory Of(LoadedWindow window)
    {
        var (run, content) = (window.Run, window.Run.Content!);
        return new WindowStory(
            run.Id, content.Name, WindowRun.Name(run.Status), content.From, content.To, content.Digest, content.OpensAt, run.ClosesAt, run.StartedBy?.At,
            window.Events.LastOrDefault(e => e is Closed or Abandoned)?.At, run.Approvals.LastOrDefault(a => a.VoidBecause is null)?.By, run.FinalizedBy?.By, run.RolledBackBy?.By,
            [.. run.Steps.Select(s => new StoryStep(s.Number, WindowRun.Name(s.Kind), s.Subject, WindowRun.Name(s.Status), s.StartedAt, s.EndedAt, s.Detail))],
            [.. StepWords.Log(Shape(run), window.Events).Where(l => !l.IsBegun).Select(l => new StoryLine(l.At, l.Who, l.What))], [.. Checks(run)],
            [.. window.Events.OfType<CheckpointTaken>().SelectMany(c => c.Databases.Select(d => new StoryCheckpoint(d.Database, d.Id, c.At, JsonSerializer.Deserialize<Fingerprint>(d.Fingerprint)!.Digest)))],
            [.. Decisions(window.Events)]);
    }

    private static WindowShape Shape(WindowRun run) => new(run.Content!.From, run.Content.To, run.Content.Plan,
        [.. run.Steps.Select(s => new StepView(s.Number, WindowRun.Name(s.Kind), s.Subject, WindowRun.Name(s.Group), WindowRun.Name(s.Status), s.StartedAt, s.EndedAt, s.Detail))]);

    private static IEnumerable<StoryCheck> Checks(WindowRun run)
    {
        foreach (var step in run.Steps.Where(s => s is { Kind: StepKind.Check, Group: StepGroup.Forward, Detail: not null }))
        {
            if (step.Detail![0] != '{') { yield return new StoryCheck(step.Subject, step.Detail); continue; }
            using var json = JsonDocument.Parse(step.Detail);
            foreach (var check in json.RootElement.GetProperty("checks").EnumerateArray().ToList())
            {
                yield return new StoryCheck(check.GetProperty("name").GetString()!, check.GetProperty("text").GetString()!);
            }
        }
    }

    private static IEnumerable<StoryDecision> Decisions(IReadOnlyList<WindowEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] is not DecisionNeeded asked) { continue; }
            var answer = events.Skip(i + 1).FirstOrDefault(e => e is RetryChosen or RollbackChosen or Abandoned or DecisionNeeded || (e is StepDone done && done.Step == asked.Step));
            yield return new StoryDecision(asked.Step, asked.At, asked.Observed, asked.Because, answer switch
            {
                null => null,
                RetryChosen => "retry",
                RollbackChosen => "rollback",
                Abandoned => "abandon",
                DecisionNeeded => "looked again",
                _ => "seen done",
            }, answer?.By, answer?.At);
        }
    }
}
