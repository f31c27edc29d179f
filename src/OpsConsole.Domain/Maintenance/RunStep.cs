using OpsConsole.Domain.Planning;

namespace OpsConsole.Domain.Maintenance;

public enum WindowStatus
{
    None, Draft, Rehearsing, Rehearsed, Approved, Running, NeedsDecision, RollingBack, RolledBack, Reviewing, Finalized, Thawing, Closed, Abandoned,
}

public enum StepKind { Freeze, Drain, CloseDatabases, Checkpoint, Release, Command, Task, Check, Review, CatchUp, Finalize, OpenDatabases, Thaw }

public enum StepStatus { Pending, Running, Done, Failed, Torn, Undone }

/// <summary>Why a step is there: the way forward, or one that a person's word has added.</summary>
public enum StepGroup { Forward, Rollback, Trial, Abandon, Close }

/// <summary>A part of a run.</summary>
/// <param name="Number">from 1, never given twice in a window</param>
/// <param name="Releases">for a release step: the versions to apply in each database, oldest first</param>
/// <param name="Undo">for a task: what undoes it</param>
public sealed record RunStep(
    int Number, StepKind Kind, string Subject, StepGroup Group, StepStatus Status = StepStatus.Pending,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Releases = null, string? Undo = null,
    DateTimeOffset? StartedAt = null, DateTimeOffset? EndedAt = null, string? Detail = null)
{
    /// <summary>Begun, and not known to have ended well.</summary>
    public bool IsOpen => Status is StepStatus.Running or StepStatus.Failed or StepStatus.Torn;
    public bool IsOver => Status is StepStatus.Done or StepStatus.Undone;
}

/// <summary>What the driver has to do next.</summary>
/// <param name="Inspect">true: the step was begun before; look at the database itself, then say done or ask for a decision. Do not repeat it.</param>
public sealed record StepToDo(RunStep Step, bool Inspect);

/// <param name="Verb">what to send; lookAgain inspects the step again and changes nothing</param>
/// <param name="Needs">what the answer has to bring: reason, stepUp; empty: nothing</param>
public sealed record Choice(string Verb, string Text, IReadOnlyList<string> Needs);

public sealed record Decision(int Step, string Observed, string Because, IReadOnlyList<Choice> Choices);

public sealed record Approval(string By, DateTimeOffset At, string Digest, string? VoidBecause = null);

/// <summary>The order of a run. The way back has steps of its own, made when a person chooses it.</summary>
internal static class RunLayout
{
    public static List<RunStep> Forward(Plan plan)
    {
        var steps = new List<RunStep>();
        void Add(StepKind kind, string subject, IReadOnlyDictionary<string, IReadOnlyList<string>>? releases = null, string? undo = null) =>
            steps.Add(new RunStep(steps.Count + 1, kind, subject, StepGroup.Forward, Releases: releases, Undo: undo));
        void TasksAfter(StepKind kind)
        {
            foreach (var task in plan.Tasks.Where(t => string.Equals(t.After, kind.ToString(), StringComparison.OrdinalIgnoreCase)))
            {
                Add(StepKind.Task, $"{task.Title} ({task.Who})", undo: task.Undo);
            }
        }
        foreach (var kind in Enum.GetValues<StepKind>())
        {
            if (kind is StepKind.Command or StepKind.Task)
            {
                continue;
            }
            if (kind != StepKind.Release)
            {
                Add(kind, SubjectOf(kind));
            }
            else
            {
                foreach (var step in plan.Steps)
                {
                    Add(kind, string.Join(" with ", step.Databases.Select(d => $"{d.Key} to {d.Value}")), step.Releases);
                }
            }
            TasksAfter(kind);
        }
        return steps;
    }

    private static string SubjectOf(StepKind kind) => kind switch
    {
        StepKind.Freeze => "Freeze the sites",
        StepKind.Drain => "End what is still running",
        StepKind.CloseDatabases => "Close the databases",
        StepKind.Checkpoint => "Take the checkpoint of the group",
        StepKind.Check => "Check the databases",
        StepKind.Review => "Review the queue",
        StepKind.CatchUp => "Catch up the schedules",
        StepKind.Finalize => "Finalize",
        StepKind.OpenDatabases => "Open the databases",
        _ => "Let members in",
    };

    public static IEnumerable<(StepKind Kind, string Subject)> Back(IEnumerable<RunStep> steps, bool trial)
    {
        if (trial)
        {
            yield return (StepKind.CloseDatabases, "Close the databases that the trial opened");
        }
        yield return (StepKind.Checkpoint, "Take the group back to the checkpoint");
        yield return (StepKind.Check, "Prove that the group is what it was");
        // Last done, first undone.
        foreach (var task in steps.Where(s => s is { Kind: StepKind.Task, Status: StepStatus.Done, Undo: not null, Group: StepGroup.Forward }).Reverse())
        {
            yield return (StepKind.Task, task.Undo!);
        }
    }
}
