// The window's state machine. Pure: events in, state and the next step out.
//
//   draft --rehearse--> rehearsing --held--> rehearsed --approve--> approved --start--> running
//     ^                      |                  |                      |                  |  ^
//     +------ findings ------+---- return ------+------- change -------+                  v  | retry, step seen done
//                                                                                     needsDecision
//   running --last check done--> reviewing --finalize--> finalized --thaw--> thawing --close--> closed
//   running(paused), needsDecision, reviewing --rollback--> rollingBack --proven--> rolledBack --thaw--> thawing
//   anything before the first release began --abandon--> abandoned (its steps put doors and gates back)
//
// Transition                    method
//   events of steps             StepChanged, Ask, AfterStep
//   rollback, trial, abandon    WithSteps: a person's word adds steps of its own
//   everything else             Apply
// What may be trusted:
//   running       Done steps happened. A Running, Failed or Torn step may have happened, wholly, partly or not: inspect it.
//   needsDecision Nothing is being driven. What was observed holds for the moment at which it was seen.
//   rollingBack   The group is of no one version. Only forward to rolledBack; the checkpoint is whole and stays.
//   reviewing     Every release is in and checked. Every write since the checkpoint has a marker, save those of a trial's staff.
//   rolledBack    The group is the checkpoint, proven. Transactions that were committed are pending again.
//   finalized     The checkpoint is no way back any more.
// Every event of a person is checked against Refuse; one that was not open is our own fault and throws.


namespace OpsConsole.Domain.Maintenance;

/// <summary>One window, as the fold over its events. Immutable.</summary>
public sealed partial record WindowRun
{
    public static WindowRun Empty { get; } = new();

    public string Id { get; private init; } = "";
    public WindowStatus Status { get; private init; }
    public WindowContent? Content { get; private init; }
    public WindowRules Rules { get; private init; } = new();
    /// <summary>Who made it and everybody who changed it; none of them may approve it.</summary>
    public IReadOnlyList<string> Authors { get; private init; } = [];
    public IReadOnlyList<Approval> Approvals { get; private init; } = [];
    public IReadOnlyList<RunStep> Steps { get; private init; } = [];
    public IReadOnlyList<string> Findings { get; private init; } = [];
    public Decision? Decision { get; private init; }
    /// <summary>Halted before the next step.</summary>
    public bool IsPaused { get; private init; }
    public bool IsTrial { get; private init; }
    public int? Share { get; private init; }
    public IReadOnlyList<CheckpointFacts> Checkpoint { get; private init; } = [];
    public IReadOnlyDictionary<string, string> Doors { get; private init; } = new Dictionary<string, string>();
    public Started? StartedBy { get; private init; }
    public Finalized? FinalizedBy { get; private init; }
    public RollbackChosen? RolledBackBy { get; private init; }
    public DateTimeOffset? ClosesAt { get; private init; }
    /// <summary>Since when everybody has been in; null: not everybody is.</summary>
    public DateTimeOffset? AllInSince { get; private init; }
    public long Epoch { get; private init; }
    private WindowStatus Before { get; init; }
    private bool Repeatable { get; init; }

    public string? Digest => Content?.Digest;
    public bool IsOpen => Status is not (WindowStatus.None or WindowStatus.Closed or WindowStatus.Abandoned);
    /// <summary>A release or command began, whatever became of it: from here only the checkpoint leads back.</summary>
    public bool ReleaseBegan => Steps.Any(s => s.Group == StepGroup.Forward && s.Kind is StepKind.Release or StepKind.Command && s.Status != StepStatus.Pending);
    public bool HasCheckpoint => Checkpoint.Count > 0;
    /// <summary>The desk, commit and catch-up work.</summary>
    public bool IsDeskOpen => Status is WindowStatus.Reviewing or WindowStatus.RolledBack;
    /// <summary>The approval that stands for the present digest.</summary>
    public Approval? Approval => Approvals.LastOrDefault(a => a.VoidBecause is null && a.Digest == Digest);

    /// <summary>The window after an event.</summary>
    /// <exception cref="InvalidOperationException">the event cannot happen in this state: a fault of the console, not of a person</exception>
    public WindowRun Apply(WindowEvent happened)
    {
        if (VerbOf(happened) is { } verb && Refuse(verb) is { } refusal)
        {
            throw new InvalidOperationException($"{happened.GetType().Name} cannot happen: {refusal.Text}");
        }
        return happened switch
        {
            Drafted e => Status == WindowStatus.None
                ? Empty with { Id = e.Id, Status = WindowStatus.Draft, Content = e.Content, Rules = e.Rules, Authors = [e.By], ClosesAt = e.Content.ClosesAt }
                : throw new InvalidOperationException("A window is drafted once."),
            Changed e => Void("The window was changed.") with
            {
                Status = WindowStatus.Draft,
                Content = e.Content,
                ClosesAt = e.Content.ClosesAt,
                Authors = [.. Authors.Append(e.By).Distinct()],
            },
            RehearsalStarted => this with { Status = WindowStatus.Rehearsing, Findings = [] },
            RehearsalEnded e => Status == WindowStatus.Rehearsing
                ? this with { Status = e.Findings.Count == 0 ? WindowStatus.Rehearsed : WindowStatus.Draft, Findings = e.Findings }
                : throw new InvalidOperationException("No rehearsal runs."),
            Approved e => RefuseApproval(e.By, e.Digest) is { } no
                ? throw new InvalidOperationException(no.Text)
                : this with { Status = WindowStatus.Approved, Approvals = [.. Approvals, new Approval(e.By, e.At, e.Digest, null)] },
            ApprovalVoided e => Status == WindowStatus.Approved
                ? Void(e.Because) with { Status = WindowStatus.Draft }
                : throw new InvalidOperationException("No approval stands."),
            Returned e => this with { Status = WindowStatus.Draft, Findings = [e.Reason] },
            PreflightRed e => this with { Findings = e.Findings },
            Started e => this with { Status = WindowStatus.Running, StartedBy = e, Findings = [], Steps = RunLayout.Forward(Content!.Plan) },
            StepStarted or StepDone or StepFailed or StepTorn or TaskDone => StepChanged(happened),
            DecisionNeeded e => Ask(e),
            RetryChosen e => Decision!.Step == e.Step
                ? (this with { Status = Before, Decision = null }).Put(StepAt(e.Step) with { Status = StepStatus.Pending })
                : throw new InvalidOperationException($"Step {e.Step} is not the one in question."),
            Paused => this with { IsPaused = true },
            Resumed => this with { IsPaused = false },
            DoorsRecorded e => this with { Doors = e.Doors },
            CheckpointTaken e => this with { Checkpoint = e.Databases },
            RollbackChosen e => (this with { Status = WindowStatus.RollingBack, Decision = null, IsPaused = false, RolledBackBy = e, IsTrial = false })
                .WithSteps(StepGroup.Rollback, RunLayout.Back(Steps, Steps.Any(s => s.Group == StepGroup.Trial && s.Status != StepStatus.Pending))),
            TrialSet e => (this with { IsTrial = e.On }).WithSteps(StepGroup.Trial,
                [e.On ? (StepKind.OpenDatabases, "Open the databases for the trial") : (StepKind.CloseDatabases, "Close the databases after the trial")]),
            Finalized e => this with
            {
                Status = WindowStatus.Finalized,
                FinalizedBy = e,
                IsTrial = false,
                Steps = [.. Steps.Select(s => s.Group == StepGroup.Forward && s.Kind is StepKind.Review or StepKind.CatchUp or StepKind.Finalize
                    ? s with { Status = StepStatus.Done, StartedAt = s.StartedAt ?? e.At, EndedAt = e.At } : s)],
            },
            ThawSet e => (this with { Status = WindowStatus.Thawing, Share = e.Share, AllInSince = null })
                .Put(Steps.Single(s => s is { Kind: StepKind.Thaw, Group: StepGroup.Forward }) with { Status = StepStatus.Pending }),
            Closed => (this with { Status = WindowStatus.Closed }).WithSteps(StepGroup.Close, [(StepKind.Thaw, "Open the gates; background work runs again")]),
            Extended e => this with { ClosesAt = e.ClosesAt },
            Noted => this,
            Abandoned => (this with { Status = WindowStatus.Abandoned, Decision = null, IsPaused = false }).WithSteps(StepGroup.Abandon, PutBack()),
            TakenOver e => e.Epoch > Epoch ? this with { Epoch = e.Epoch } : throw new InvalidOperationException($"Epoch {e.Epoch} is not above {Epoch}."),
            _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known to this console."),
        };
    }

    public static WindowRun From(IEnumerable<WindowEvent> events) => events.Aggregate(Empty, (run, e) => run.Apply(e));

    private WindowRun Void(string because) => this with { Approvals = [.. Approvals.Select(a => a.VoidBecause is null ? a with { VoidBecause = because } : a)] };

    private RunStep StepAt(int number) => Steps.FirstOrDefault(s => s.Number == number) ?? throw new InvalidOperationException($"There is no step {number}.");

    private WindowRun Put(RunStep step) => this with { Steps = [.. Steps.Select(s => s.Number == step.Number ? step : s)] };

    private WindowRun WithSteps(StepGroup group, IEnumerable<(StepKind Kind, string Subject)> added) =>
        this with { Steps = [.. Steps, .. added.Select((a, i) => new RunStep(Steps.Count + i + 1, a.Kind, a.Subject, group))] };

    // Doors and gates as before: only what was touched is put back, a step that only began counts as touched.
    private IEnumerable<(StepKind Kind, string Subject)> PutBack()
    {
        if (Steps.Any(s => s.Kind == StepKind.CloseDatabases && s.Status != StepStatus.Pending))
        {
            yield return (StepKind.OpenDatabases, "Open the databases as they were");
        }
        if (Steps.Any(s => s.Kind == StepKind.Freeze && s.Status != StepStatus.Pending))
        {
            yield return (StepKind.Thaw, "Open the gates as they were");
        }
    }

    private WindowRun StepChanged(WindowEvent happened)
    {
        switch (happened)
        {
            case StepStarted e:
                if (Next() is not { Inspect: false } next || next.Step.Number != e.Step)
                {
                    throw new InvalidOperationException($"Step {e.Step} is not the next one to do.");
                }
                return Put(next.Step with { Status = StepStatus.Running, StartedAt = e.At, EndedAt = null, Detail = null });
            case StepFailed e:
                return Put(Begun(e.Step) with { Status = StepStatus.Failed, EndedAt = e.At, Detail = e.Because });
            case StepTorn e:
                return Put(Begun(e.Step) with { Status = StepStatus.Torn, EndedAt = e.At, Detail = e.Because });
            case TaskDone e:
                var task = StepAt(e.Step);
                return RefuseTask(e.Step) is { } no
                    ? throw new InvalidOperationException(no.Text)
                    : Put(task with { Status = StepStatus.Done, StartedAt = task.StartedAt ?? WaitsSince(task) ?? e.At, EndedAt = e.At, Detail = e.Note }).AfterStep(task, e.At);
            case StepDone e:
                var step = Begun(e.Step);
                var answered = Decision?.Step == e.Step ? this with { Status = Before, Decision = null } : this;
                return answered.Put(step with { Status = StepStatus.Done, EndedAt = e.At, Detail = e.Detail }).AfterStep(step, e.At);
            default:
                throw new InvalidOperationException($"{happened.GetType().Name} is no event of a step.");
        }
    }

    // A person's task begins when the step before it has ended, not when it is said to be done.
    private DateTimeOffset? WaitsSince(RunStep task) => Steps.Where(s => s.Number != task.Number && s.EndedAt is not null).Max(s => s.EndedAt);

    private RunStep Begun(int number) =>
        StepAt(number) is { IsOpen: true } step ? step : throw new InvalidOperationException($"Step {number} was not begun.");

    // Where the last step of a stretch leads.
    private WindowRun AfterStep(RunStep step, DateTimeOffset at)
    {
        if (Status == WindowStatus.RollingBack && Steps.Where(s => s.Group == StepGroup.Rollback).All(s => s.IsOver))
        {
            return this with
            {
                Status = WindowStatus.RolledBack,
                Steps = [.. Steps.Select(s => s.Group == StepGroup.Forward && s.Status != StepStatus.Pending
                    && s.Kind is StepKind.Release or StepKind.Command or StepKind.Check ? s with { Status = StepStatus.Undone } : s)],
            };
        }
        if (Status == WindowStatus.Running && ForwardStep() is { Kind: StepKind.Review })
        {
            return (this with { Status = WindowStatus.Reviewing, IsPaused = false }).Put(ForwardStep()! with { StartedAt = at });
        }
        return Status == WindowStatus.Thawing && step is { Kind: StepKind.Thaw, Group: StepGroup.Forward } && Share == 100 ? this with { AllInSince = at } : this;
    }
}
