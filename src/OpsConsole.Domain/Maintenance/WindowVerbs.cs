namespace OpsConsole.Domain.Maintenance;

/// <summary>What would stand in the way of finalize.</summary>
/// <param name="Missed">occurrences that are not caught up, or failed</param>
public sealed record FinalizeFacts(int Pending, int Approved, int Committing, int InDoubt, int Missed)
{
    /// <summary>These may stay, and are told all the same.</summary>
    public int Held { get; init; }
    public bool IsClear => this with { Held = 0 } == new FinalizeFacts(0, 0, 0, 0, 0);

    public static FinalizeFacts operator +(FinalizeFacts a, FinalizeFacts b) =>
        new(a.Pending + b.Pending, a.Approved + b.Approved, a.Committing + b.Committing, a.InDoubt + b.InDoubt, a.Missed + b.Missed) { Held = a.Held + b.Held };
}

/// <summary>What is open to people, and what the driver has to do.</summary>
public sealed partial record WindowRun
{
    private static readonly string[] Verbs =
        ["change", "rehearse", "approve", "return", "start", "pause", "resume", "retry", "lookAgain", "rollback", "trial", "finalize", "thaw", "close", "extend", "note", "abandon"];

    /// <summary>The next step for the driver; null: a person has the word, or all is done.</summary>
    public StepToDo? Next() => NextStep() is { } step ? new(step, step.IsOpen) : null;

    private RunStep? NextStep()
    {
        // Steps that a person's word has added are not halted by a pause: they put back what the word was about.
        RunStep? Of(StepGroup group) => Steps.FirstOrDefault(s => s.Group == group && !s.IsOver);
        static RunStep? NoTask(RunStep? step) => step is { Kind: StepKind.Task } ? null : step;
        return Status switch
        {
            WindowStatus.Running => NoTask(ForwardStep()) is { } step && (step.IsOpen || !IsPaused) ? step : null,
            WindowStatus.RollingBack => NoTask(Of(StepGroup.Rollback)),
            WindowStatus.Reviewing => Of(StepGroup.Trial),
            WindowStatus.Thawing => NoTask(ReopeningStep()),
            WindowStatus.Abandoned => Of(StepGroup.Abandon),
            WindowStatus.Closed => Of(StepGroup.Close),
            _ => null,
        };
    }

    private RunStep? ForwardStep() => Steps.FirstOrDefault(s => s.Group == StepGroup.Forward && !s.IsOver);

    // After a rollback the releases stay undone; the way out is the same as after finalize.
    private RunStep? ReopeningStep() =>
        Steps.Where(s => s.Group == StepGroup.Forward).SkipWhile(s => s.Kind != StepKind.Finalize).Skip(1).FirstOrDefault(s => !s.IsOver
            && (RolledBackBy is null || s.Kind != StepKind.Task));

    private RunStep? WaitingTask() => Status switch
    {
        WindowStatus.Running when ForwardStep() is { Kind: StepKind.Task } task => task,
        WindowStatus.Reviewing => Steps.FirstOrDefault(s => s is { Group: StepGroup.Forward, Kind: StepKind.Task, IsOver: false } && IsBeforeFinalize(s)),
        WindowStatus.RollingBack when Steps.FirstOrDefault(s => s.Group == StepGroup.Rollback && !s.IsOver) is { Kind: StepKind.Task } task => task,
        WindowStatus.Finalized or WindowStatus.Thawing when ReopeningStep() is { Kind: StepKind.Task } task => task,
        _ => null,
    };

    private bool IsBeforeFinalize(RunStep step) => step.Number < Steps.First(s => s.Kind == StepKind.Finalize).Number;

    /// <summary>The verbs that are open now; pages draw their buttons from it. A waiting task shows as steps/N/done.</summary>
    public IReadOnlyList<string> Can(DateTimeOffset now)
    {
        List<string> open = [.. Verbs.Where(v => Refuse(v, now) is null)];
        if (WaitingTask() is { } task)
        {
            open.Add($"steps/{task.Number}/done");
        }
        return open;
    }

    /// <summary>Null where the verb is open now.</summary>
    public Refusal? Refuse(string verb, DateTimeOffset now) =>
        Refuse(verb) ?? (verb == "close" && AllInSince!.Value.AddSeconds(Rules.WatchSeconds) > now
            ? new(RefusalCode.NotNow, $"Everybody has been in since {AllInSince:HH:mm:ss} UTC; the watch lasts {Rules.WatchSeconds} seconds.")
            : null);

    /// <summary>The same without the clock.</summary>
    public Refusal? Refuse(string verb)
    {
        if (verb.StartsWith("steps/", StringComparison.Ordinal) && verb.EndsWith("/done", StringComparison.Ordinal))
        {
            return int.TryParse(verb.AsSpan(6, Math.Max(0, verb.Length - 11)), out var number) ? RefuseTask(number) : new(RefusalCode.NotFound, $"There is no step '{verb}'.");
        }
        if (!Verbs.Contains(verb))
        {
            return new(RefusalCode.NotFound, $"A window has no verb '{verb}'.");
        }
        var inFlight = Steps.Any(s => s.Status == StepStatus.Running) && Status != WindowStatus.NeedsDecision;
        var because = verb switch
        {
            "change" => Is(WindowStatus.Draft, WindowStatus.Rehearsed, WindowStatus.Approved),
            "rehearse" => Is(WindowStatus.Draft) ?? (Rules.RequireRehearsal ? null : "No rehearsal is required here."),
            "approve" or "return" => Rules.RequireRehearsal ? Is(WindowStatus.Rehearsed) : Is(WindowStatus.Rehearsed, WindowStatus.Draft),
            "start" => Is(WindowStatus.Approved) ?? (Approval is null ? "No approval stands for what is planned now." : null),
            "pause" => Is(WindowStatus.Running) ?? (IsPaused ? "It is paused already." : null),
            "resume" => Is(WindowStatus.Running) ?? (IsPaused ? null : "It is not paused."),
            "retry" => Is(WindowStatus.NeedsDecision) ?? (MayRetry(Decision!.Observed) ? null : $"The step was seen as {Decision.Observed}; to repeat it could do harm."),
            "lookAgain" => Is(WindowStatus.NeedsDecision),
            "rollback" => Is(WindowStatus.Running, WindowStatus.NeedsDecision, WindowStatus.Reviewing)
                ?? (Status == WindowStatus.Running && !IsPaused && WaitingTask() is null ? "It is running; pause it first." : null)
                ?? (!HasCheckpoint ? "There is no checkpoint to go back to." : null)
                ?? (RolledBackBy is not null || FinalizedBy is not null ? "The way back was taken or closed already." : null)
                ?? (inFlight ? "A step is running; it ends first." : null),
            "trial" => Is(WindowStatus.Reviewing) ?? (Steps.Any(s => s.Group == StepGroup.Trial && !s.IsOver) ? "The last word on the trial is still being carried out." : null),
            "finalize" => Is(WindowStatus.Reviewing)
                ?? (Steps.Any(s => s.Group == StepGroup.Trial && !s.IsOver) ? "The trial's doors are still moving." : null)
                ?? (WaitingTask() is { } task ? $"The task '{task.Subject}' is not done." : null),
            "thaw" => Is(WindowStatus.Finalized, WindowStatus.RolledBack, WindowStatus.Thawing) ?? (inFlight ? "The last stage is still being carried out." : null),
            "close" => Status is WindowStatus.Finalized or WindowStatus.RolledBack ? "Everybody is let in first." : Is(WindowStatus.Thawing) ?? (AllInSince is null ? "Everybody is let in first." : null),
            "abandon" => IsOpen && Status is not WindowStatus.Rehearsing ? null : $"A window that is {Name(Status)} cannot be abandoned.",
            _ => IsOpen ? null : $"The window is {Name(Status)}.",
        };
        if (verb == "abandon" && because is null)
        {
            because = ReleaseBegan ? "A release began; the way back is the rollback." : inFlight ? "A step is running; pause, and it ends first." : null;
        }
        return because is null ? null : new(RefusalCode.WrongState, because);
    }

    private string? Is(params ReadOnlySpan<WindowStatus> wanted) => wanted.Contains(Status) ? null : $"The window is {Name(Status)}.";

    /// <summary>A status, kind or outcome as the API writes it.</summary>
    public static string Name<T>(T name) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name.ToString());

    private bool MayRetry(string observed) => observed == Observed.NotDone || (observed == Observed.Torn && Repeatable);

    /// <summary>An approver has neither made nor changed the window, and approves what it is now.</summary>
    public Refusal? RefuseApproval(string by, string? digest = null)
    {
        if (Refuse("approve") is { } refusal)
        {
            return refusal;
        }
        if (digest is not null && digest != Digest)
        {
            return new(RefusalCode.WrongState, "The window has changed since it was shown; look at it again.");
        }
        return Rules.RequireSecondPerson && Authors.Contains(by, StringComparer.OrdinalIgnoreCase)
            ? new(RefusalCode.SecondPersonNeeded, $"{by} has made or changed this window; somebody else has to approve it.")
            : null;
    }

    /// <param name="leave">the reason to leave what is undecided; held ones need none</param>
    public Refusal? RefuseFinalize(string by, FinalizeFacts facts, string? leave)
    {
        if (Refuse("finalize") is { } refusal)
        {
            return refusal;
        }
        if (Rules.FinalizeBySecondPerson && string.Equals(StartedBy?.By, by, StringComparison.OrdinalIgnoreCase))
        {
            return new(RefusalCode.SecondPersonNeeded, $"{by} has started this window; somebody else has to finalize it.");
        }
        return facts.IsClear || !string.IsNullOrWhiteSpace(leave) ? null : new(RefusalCode.WrongState,
            $"Not everything is settled: {facts.Pending} pending, {facts.Approved} approved, {facts.Committing} committing, {facts.InDoubt} in doubt, {facts.Missed} missed. Settle it, or give the reason to leave it.");
    }

    public Refusal? RefuseThaw(int share) =>
        Refuse("thaw") ?? (share is < 0 or > 100 ? Refusal.Of("share", $"A share goes from 0 to 100; {share} does not.") : null)
        ?? (Share > share ? new Refusal(RefusalCode.WrongState, $"{Share} percent are let in already.") : null);

    private Refusal? RefuseTask(int number) => WaitingTask()?.Number == number ? null
        : new(RefusalCode.WrongState, Steps.Any(s => s.Number == number) ? $"Step {number} is no task that waits." : $"There is no step {number}.");

    private static string? VerbOf(WindowEvent e) => e switch
    {
        Changed => "change",
        RehearsalStarted => "rehearse",
        Approved => "approve",
        Returned => "return",
        Started => "start",
        Paused => "pause",
        Resumed => "resume",
        RetryChosen => "retry",
        RollbackChosen => "rollback",
        TrialSet => "trial",
        Finalized => "finalize",
        ThawSet => "thaw",
        Closed => "close",
        Extended => "extend",
        Noted => "note",
        Abandoned => "abandon",
        _ => null,
    };

    // The state in which the decision is asked decides which choices are really open.
    private WindowRun Ask(DecisionNeeded e)
    {
        if (Decision is not null ? Decision.Step != e.Step : Next()?.Step.Number != e.Step)
        {
            throw new InvalidOperationException($"Step {e.Step} is not the one in work.");
        }
        var asking = this with
        {
            Status = WindowStatus.NeedsDecision,
            Before = Decision is null ? Status : Before,
            Repeatable = e.Repeatable,
            Decision = new(e.Step, e.Observed, e.Because, []),
        };
        List<Choice> choices = [new("lookAgain", "Look at the database again. Changes nothing.", [])];
        if (asking.Refuse("retry") is null)
        {
            choices.Add(new("retry", e.Observed == Observed.Torn ? "Run the step again; its script says that it may be repeated." : "Run the step again; nothing of it is there.", []));
        }
        if (asking.Refuse("rollback") is null)
        {
            choices.Add(new("rollback", "Take the whole group back to the checkpoint. What was committed returns to the queue.", ["stepUp"]));
        }
        if (asking.Refuse("abandon") is null)
        {
            choices.Add(new("abandon", "Give the window up. No release has run; doors and gates become what they were.", []));
        }
        return asking with { Decision = asking.Decision! with { Choices = choices } };
    }
}
