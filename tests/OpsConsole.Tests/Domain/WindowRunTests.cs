using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using Xunit;

namespace OpsConsole.Tests.Domain;

/// <summary>Drives a window by its own Next, as the console does.</summary>
internal sealed class WindowDriver
{
    public static readonly DateTimeOffset Night = new(2005, 11, 15, 22, 0, 0, TimeSpan.Zero);

    public WindowRun Run { get; private set; } = WindowRun.Empty;
    public List<WindowEvent> Events { get; } = [];
    public DateTimeOffset Now => Night.AddSeconds(Events.Count);

    public static WindowContent Content(string digest = "d1", params PlannedTask[] tasks)
    {
        var plan = Planner.Plan(new PlanRequest(
            [PlannerTests.Database("forum", 6, 7), PlannerTests.Database("members", 4, 5)],
            [PlannerTests.Needs("forum", ">=7", "members", ">=5"), PlannerTests.Needs("members", ">=5", "forum", ">=7")], null, tasks));
        return new("FastMarket 7", plan, new Dictionary<string, string?> { ["forum"] = "6", ["members"] = "4" },
            new Dictionary<string, string> { ["forum"] = "7", ["members"] = "5" }, digest, Night, Night.AddHours(4));
    }

    public WindowDriver Did(WindowEvent e)
    {
        Run = Run.Apply(e);
        Events.Add(e);
        return this;
    }

    public static WindowDriver Approved(WindowRules? rules = null, params PlannedTask[] tasks) => new WindowDriver()
        .Did(new Drafted(Night, "ann", "w1", Content("d1", tasks), rules ?? new()))
        .Did(new RehearsalStarted(Night, "ann")).Did(new RehearsalEnded(Night, "node", [])).Did(new Approved(Night, "bob", "d1"));

    public static WindowDriver Started(params PlannedTask[] tasks) => Approved(null, tasks).Did(new Started(Night, "ann"));

    /// <summary>Does steps until one of this kind is next, or until a person has the word.</summary>
    public WindowDriver To(StepKind? kind)
    {
        while (Run.Next() is { } next && next.Step.Kind != kind)
        {
            DoNext();
        }
        return this;
    }

    public WindowDriver DoNext()
    {
        var step = Run.Next()!.Step;
        Did(new StepStarted(Now, "node", step.Number));
        if (step is { Kind: StepKind.Checkpoint, Group: StepGroup.Forward })
        {
            Did(new CheckpointTaken(Now, "node", [new("forum", "c1", "f", "s"), new("members", "c1", "f", "s")]));
        }
        return Did(new StepDone(Now, "node", step.Number));
    }

    public IReadOnlyList<string> Can => Run.Can(Now);
}

public sealed class WindowRunTests
{
    private static readonly DateTimeOffset Now = WindowDriver.Night;

    [Fact]
    public void A_window_runs_its_steps_in_order_to_the_review_and_on_to_the_end()
    {
        var w = WindowDriver.Started().To(null);
        Assert.Equal(WindowStatus.Reviewing, w.Run.Status);
        Assert.Equal(["trial", "finalize", "rollback"], w.Can.Where(v => v is "trial" or "finalize" or "rollback").OrderByDescending(v => v == "trial").ThenBy(v => v));
        Assert.Equal(
            [StepKind.Freeze, StepKind.Drain, StepKind.CloseDatabases, StepKind.Checkpoint, StepKind.Release, StepKind.Check, StepKind.Review, StepKind.CatchUp, StepKind.Finalize, StepKind.OpenDatabases, StepKind.Thaw],
            w.Run.Steps.Select(s => s.Kind));
        Assert.Equal("forum to 7 with members to 5", w.Run.Steps.Single(s => s.Kind == StepKind.Release).Subject);

        w.Did(new Finalized(Now, "ann"));
        Assert.Equal(WindowStatus.Finalized, w.Run.Status);
        Assert.Null(w.Run.Next());
        Assert.DoesNotContain("rollback", w.Can);

        w.Did(new ThawSet(Now, "ann", 0));
        Assert.Equal(StepKind.OpenDatabases, w.Run.Next()!.Step.Kind);
        w.To(null).Did(new ThawSet(Now, "ann", 100)).To(null);
        Assert.Contains("close", w.Can);
        w.Did(new Closed(Now, "ann"));
        Assert.Equal(StepKind.Thaw, w.Run.Next()!.Step.Kind);
        Assert.Null(w.DoNext().Run.Next());
        Assert.Empty(w.Can);
    }

    [Fact]
    public void The_watch_after_everybody_is_in_holds_the_close_back()
    {
        var w = WindowDriver.Approved(new WindowRules(WatchSeconds: 600)).Did(new Started(Now, "ann")).To(null)
            .Did(new Finalized(Now, "ann")).Did(new ThawSet(Now, "ann", 100)).To(null);

        Assert.Equal(RefusalCode.NotNow, w.Run.Refuse("close", w.Now)!.Code);
        Assert.Null(w.Run.Refuse("close", w.Now.AddSeconds(600)));
    }

    [Fact]
    public void Who_made_or_changed_a_window_cannot_approve_it()
    {
        var w = new WindowDriver().Did(new Drafted(Now, "ann", "w1", WindowDriver.Content(), new(RequireRehearsal: false)))
            .Did(new Changed(Now, "cid", WindowDriver.Content("d2")));

        Assert.Equal(RefusalCode.SecondPersonNeeded, w.Run.RefuseApproval("ann")!.Code);
        Assert.Equal(RefusalCode.SecondPersonNeeded, w.Run.RefuseApproval("CID")!.Code);
        Assert.Equal(RefusalCode.WrongState, w.Run.RefuseApproval("bob", "d1")!.Code);
        Assert.Null(w.Run.RefuseApproval("bob", "d2"));
        Assert.Throws<InvalidOperationException>(() => w.Did(new Approved(Now, "ann", "d2")));
    }

    [Fact]
    public void A_change_makes_the_approval_void_and_says_why()
    {
        var w = WindowDriver.Approved().Did(new Changed(Now, "cid", WindowDriver.Content("d2")));
        Assert.Equal(WindowStatus.Draft, w.Run.Status);
        Assert.Equal("The window was changed.", w.Run.Approvals[0].VoidBecause);
        Assert.Null(w.Run.Approval);
        Assert.Equal(RefusalCode.WrongState, w.Run.Refuse("start")!.Code);
    }

    [Fact]
    public void A_rehearsal_with_findings_leads_back_to_the_draft()
    {
        var w = new WindowDriver().Did(new Drafted(Now, "ann", "w1", WindowDriver.Content(), new())).Did(new RehearsalStarted(Now, "ann"))
            .Did(new RehearsalEnded(Now, "node", ["release 7 of forum fails"]));
        Assert.Equal(WindowStatus.Draft, w.Run.Status);
        Assert.DoesNotContain("approve", w.Can);
    }

    [Fact]
    public void After_a_crash_a_running_step_is_inspected_and_not_repeated()
    {
        var w = WindowDriver.Started().To(StepKind.Release);
        w.Did(new StepStarted(Now, "n1", w.Run.Next()!.Step.Number)).Did(new TakenOver(Now, "n2", "n2", 2));

        Assert.True(w.Run.Next()!.Inspect);
        Assert.Throws<InvalidOperationException>(() => w.Did(new StepStarted(Now, "n2", w.Run.Next()!.Step.Number)));
        Assert.Throws<InvalidOperationException>(() => w.Did(new TakenOver(Now, "n1", "n1", 2)));
        Assert.Equal(StepKind.Check, w.Did(new StepDone(Now, "n2", w.Run.Next()!.Step.Number)).Run.Next()!.Step.Kind);
    }

    [Theory]
    [InlineData(Observed.NotDone, false, "lookAgain retry rollback")]
    [InlineData(Observed.Torn, false, "lookAgain rollback")]
    [InlineData(Observed.Torn, true, "lookAgain retry rollback")]
    [InlineData(Observed.Unknown, true, "lookAgain rollback")]
    public void A_decision_offers_what_is_really_open(string observed, bool repeatable, string choices)
    {
        var w = WindowDriver.Started().To(StepKind.Release);
        var step = w.Run.Next()!.Step.Number;
        w.Did(new StepStarted(Now, "node", step)).Did(new StepFailed(Now, "node", step, "no such column")).Did(new DecisionNeeded(Now, "node", step, observed, "no such column", repeatable));

        Assert.Equal(WindowStatus.NeedsDecision, w.Run.Status);
        Assert.Null(w.Run.Next());
        Assert.Equal(choices, string.Join(' ', w.Run.Decision!.Choices.Select(c => c.Verb)));
        Assert.Equal(choices.Contains("retry", StringComparison.Ordinal), w.Can.Contains("retry"));
        Assert.DoesNotContain("abandon", w.Can);
    }

    [Fact]
    public void Before_the_checkpoint_a_failure_offers_to_abandon_and_not_to_roll_back()
    {
        var w = WindowDriver.Started().To(StepKind.Checkpoint);
        var step = w.Run.Next()!.Step.Number;
        w.Did(new StepStarted(Now, "node", step)).Did(new DecisionNeeded(Now, "node", step, Observed.NotDone, "the write mark moved"));
        Assert.Equal(["lookAgain", "retry", "abandon"], w.Run.Decision!.Choices.Select(c => c.Verb));

        w.Did(new Abandoned(Now, "ann"));
        Assert.Equal([StepKind.OpenDatabases, StepKind.Thaw], w.Run.Steps.Where(s => s.Group == StepGroup.Abandon).Select(s => s.Kind));
        Assert.Null(w.To(null).Run.Next());
    }

    [Fact]
    public void Looking_again_may_find_the_step_done_and_the_run_goes_on()
    {
        var w = WindowDriver.Started().To(StepKind.Release);
        var step = w.Run.Next()!.Step.Number;
        w.Did(new StepStarted(Now, "node", step)).Did(new DecisionNeeded(Now, "node", step, Observed.Unknown, "no answer"))
            .Did(new DecisionNeeded(Now, "node", step, Observed.NotDone, "rolled back")).Did(new StepDone(Now, "node", step));
        Assert.Equal(WindowStatus.Running, w.Run.Status);
        Assert.Null(w.Run.Decision);
    }

    [Fact]
    public void Retry_makes_the_step_the_next_one_again()
    {
        var w = WindowDriver.Started().To(StepKind.Release);
        var step = w.Run.Next()!.Step.Number;
        w.Did(new StepStarted(Now, "node", step)).Did(new DecisionNeeded(Now, "node", step, Observed.NotDone, "lock time-out")).Did(new RetryChosen(Now, "ann", step));
        Assert.Equal(new(step, false), (w.Run.Next()!.Step.Number, w.Run.Next()!.Inspect));
    }

    [Fact]
    public void Rollback_goes_through_its_own_steps_to_rolled_back_and_out_by_thaw()
    {
        var w = WindowDriver.Started(new PlannedTask("Deploy forum 7", "release", "Operator", "Deploy forum 6")).To(null);
        var task = w.Run.Steps.Single(s => s.Kind == StepKind.Task);
        // While it waits for a person nothing runs that would have to be paused.
        Assert.Null(w.Run.Refuse("rollback"));
        Assert.Contains($"steps/{task.Number}/done", w.Can);
        w.Did(new TaskDone(Now, "ann", task.Number, "deployed")).To(null).Did(new RollbackChosen(Now, "ann", "wrong totals"));

        Assert.Equal([StepKind.Checkpoint, StepKind.Check, StepKind.Task], w.Run.Steps.Where(s => s.Group == StepGroup.Rollback).Select(s => s.Kind));
        w.To(null);
        Assert.Equal(WindowStatus.RollingBack, w.Run.Status);
        w.Did(new TaskDone(Now, "ann", w.Run.Steps[^1].Number, "forum 6 is back"));
        Assert.Equal(WindowStatus.RolledBack, w.Run.Status);
        Assert.True(w.Run.IsDeskOpen);
        Assert.Equal(StepStatus.Undone, w.Run.Steps.Single(s => s.Kind == StepKind.Release).Status);
        Assert.Equal("wrong totals", w.Run.RolledBackBy!.Reason);

        w.Did(new ThawSet(Now, "ann", 100)).To(null);
        Assert.Contains("close", w.Can);
        Assert.DoesNotContain("rollback", w.Can);
    }

    [Fact]
    public void A_rollback_that_breaks_down_can_only_be_taken_forward()
    {
        var w = WindowDriver.Started().To(null).Did(new RollbackChosen(Now, "ann"));
        var step = w.Run.Next()!.Step.Number;
        w.Did(new StepStarted(Now, "node", step)).Did(new DecisionNeeded(Now, "node", step, Observed.Torn, "one database is renamed", true));
        Assert.Equal(["lookAgain", "retry"], w.Run.Decision!.Choices.Select(c => c.Verb));
        Assert.Equal(WindowStatus.RollingBack, w.Did(new RetryChosen(Now, "ann", step)).Run.Status);
    }

    [Fact]
    public void A_pause_halts_before_the_next_step_and_opens_the_rollback()
    {
        var w = WindowDriver.Started().To(StepKind.Release);
        Assert.DoesNotContain("rollback", w.Can);
        w.Did(new Paused(Now, "ann"));
        Assert.Null(w.Run.Next());
        Assert.Equal(["resume", "rollback"], w.Can.Where(v => v is "resume" or "rollback" or "pause"));
        Assert.NotNull(w.Did(new Resumed(Now, "ann")).Run.Next());
    }

    [Fact]
    public void A_trial_opens_the_databases_and_a_rollback_closes_them_first()
    {
        var w = WindowDriver.Started().To(null).Did(new TrialSet(Now, "ann", true));
        Assert.DoesNotContain("finalize", w.Can);
        w.To(null).Did(new RollbackChosen(Now, "ann"));
        Assert.Equal(StepKind.CloseDatabases, w.Run.Next()!.Step.Kind);
    }

    [Fact]
    public void Finalize_wants_everything_settled_or_the_reason_and_a_second_person_where_asked()
    {
        var w = WindowDriver.Approved(new WindowRules(FinalizeBySecondPerson: true)).Did(new Started(Now, "ann")).To(null);
        var open = new FinalizeFacts(1, 0, 0, 0, 2);
        Assert.Equal(RefusalCode.SecondPersonNeeded, w.Run.RefuseFinalize("ann", new(0, 0, 0, 0, 0), null)!.Code);
        Assert.Contains("1 pending", w.Run.RefuseFinalize("bob", open, " ")!.Text, StringComparison.Ordinal);
        Assert.Null(w.Run.RefuseFinalize("bob", open, "settled by hand"));
    }

    [Fact]
    public void A_verb_in_the_wrong_state_is_refused_and_its_event_throws()
    {
        var w = WindowDriver.Approved();
        foreach (var verb in new[] { "rollback", "retry", "finalize", "thaw", "close", "pause", "resume", "trial" })
        {
            Assert.Equal(RefusalCode.WrongState, w.Run.Refuse(verb)!.Code);
        }
        Assert.Equal(RefusalCode.NotFound, w.Run.Refuse("explode")!.Code);
        Assert.NotNull(w.Run.Refuse("steps/x/done"));
        Assert.NotNull(w.Run.Refuse("steps/done"));
        Assert.Throws<InvalidOperationException>(() => w.Did(new RollbackChosen(Now, "ann")));
        Assert.Throws<InvalidOperationException>(() => w.Did(new StepDone(Now, "node", 1)));
        Assert.Throws<InvalidOperationException>(() => WindowRun.Empty.Apply(new Noted(Now, "ann", "x")));
    }

    [Fact]
    public void Events_survive_json_and_give_the_same_window()
    {
        var w = WindowDriver.Started().To(null).Did(new Extended(Now, "ann", Now.AddHours(9), "slow disk")).Did(new RollbackChosen(Now, "ann", "x")).To(null);
        var again = WindowRun.From(w.Events.Select(e => JsonSerializer.Deserialize<WindowEvent>(JsonSerializer.Serialize(e))!));

        Assert.Equal(w.Run.Status, again.Status);
        Assert.Equal(w.Run.Steps.Select(s => (s.Number, s.Kind, s.Status, s.Subject)), again.Steps.Select(s => (s.Number, s.Kind, s.Status, s.Subject)));
        Assert.Equal(Now.AddHours(9), again.ClosesAt);
        Assert.Equal(w.Can, again.Can(w.Now));
    }

    [Fact]
    public void The_way_back_goes_from_abandon_over_the_checkpoint_to_closed()
    {
        var measured = new MeasuredParts(1500, 2500, 1000);
        var w = WindowDriver.Started();
        Assert.Equal("abandon", WayBack.Of(w.Run, measured, 0, 0).How);

        var back = WayBack.Of(w.To(null).Run, measured, 3, 2);
        Assert.Equal(("checkpoint", 5, 3), (back.How, back.EstimatedSeconds, back.Parts.Count));
        Assert.Equal(Now.AddHours(4).AddSeconds(-5), back.TurnBackAt);
        Assert.Equal((3, 2L), (back.Loses.TransactionsReturned, back.Loses.StaffRows));
        Assert.False(back.IsLate(Now));
        Assert.True(back.IsLate(Now.AddHours(4)));

        var closed = WayBack.Of(w.Did(new Finalized(Now, "ann")).Run, measured, 3, 2);
        Assert.False(closed.Possible);
        Assert.Equal("Finalized by ann at 2005-11-15 22:00:00 UTC.", closed.ClosedBecause);
    }
}
