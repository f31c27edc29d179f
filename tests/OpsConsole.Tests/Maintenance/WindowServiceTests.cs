using OpsConsole.Domain.Planning;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Features.Maintenance;
using Xunit;
using static OpsConsole.Tests.Maintenance.WindowHouse;
using Seen = OpsConsole.Engines.Observed;

namespace OpsConsole.Tests.Maintenance;

public sealed class WindowServiceTests
{
    [Fact]
    public async Task A_window_is_approved_by_somebody_else_and_for_exactly_what_was_shown()
    {
        await using var house = await Open();
        var made = await house.Make();
        Assert.Equal("draft", made.Status);
        Assert.Equal(RefusalCode.NotAllowed, (await house.Do(Rosa, made.Id, "approve")).Refusal!.Code);
        var both = Rosa with { Roles = Rosa.Roles.Union(Ruth.Roles).ToHashSet() };
        Assert.Equal(RefusalCode.SecondPersonNeeded, (await house.Do(both, made.Id, "approve")).Refusal!.Code);
        Assert.Equal(RefusalCode.WrongState, (await house.Do(Ruth, made.Id, "approve", new VerbBody("another digest"))).Refusal!.Code);
        Assert.Equal("approved", (await house.Must(Ruth, made.Id, "approve", new VerbBody(made.Digest))).Status);
    }

    [Fact]
    public async Task A_change_after_the_approval_makes_it_void()
    {
        await using var house = await Open();
        var window = await house.Approved();
        var changed = await house.Windows.Change(Rosa, window.Id, null, new Dictionary<string, string> { ["forum"] = "6" }, null, null, CancellationToken.None);
        Assert.Null(changed.Refusal);
        Assert.Equal("draft", changed.Value!.Status);
        Assert.NotNull(Assert.Single(changed.Value.Approvals).VoidBecause);
        Assert.Equal(RefusalCode.WrongState, (await house.Do(Rosa, window.Id, "start")).Refusal!.Code);
    }

    [Fact]
    public async Task A_script_that_is_no_longer_the_approved_one_stops_the_start()
    {
        await using var house = await Open();
        var window = await house.Approved();
        house.Forum.Rewrite("7");
        var answer = await house.Do(Rosa, window.Id, "start");
        Assert.Contains("not what was approved", answer.Refusal!.Text, StringComparison.Ordinal);
        Assert.Empty(house.Forum.Calls);
        var after = (await house.Windows.One(Vera, window.Id, CancellationToken.None)).Value!;
        Assert.Equal("approved", after.Status);
        Assert.NotEmpty(after.Findings);
    }

    [Fact]
    public async Task A_start_asks_for_a_fresh_proof()
    {
        await using var house = await Open();
        var window = await house.Approved();
        Assert.Equal(RefusalCode.StepUpNeeded, (await house.Do(Rosa with { SteppedUpUntil = null }, window.Id, "start")).Refusal!.Code);
    }

    [Fact]
    public async Task A_window_goes_from_its_start_over_review_and_finalize_to_its_close()
    {
        await using var house = await Open();
        var window = await house.Driven();
        Assert.Equal("reviewing", window.Status);
        Assert.Equal(("7", "5"), (house.Forum.Version, house.Members.Version));
        Assert.Equal(DoorState.Closed, house.Forum.Doors);
        Assert.True(house.Forum.Calls.IndexOf("checkpoint 5") < house.Forum.Calls.IndexOf("release 6"));
        Assert.Equal("finalized", (await house.Must(Rosa, window.Id, "finalize")).Status);
        await house.Must(Rosa, window.Id, "thaw", new VerbBody(Share: 0));
        await house.Drive(window.Id);
        Assert.Equal(DoorState.Open, house.Forum.Doors);
        Assert.Equal(RefusalCode.WrongState, (await house.Do(Rosa, window.Id, "close")).Refusal!.Code);
        await house.Must(Rosa, window.Id, "thaw", new VerbBody(Share: 100));
        await house.Drive(window.Id);
        await house.Must(Rosa, window.Id, "close");
        var closed = await house.Drive(window.Id);
        Assert.Equal("closed", closed.Status);
        Assert.Equal(OpsConsole.Domain.Gates.GateDoor.Open, house.Gates.Find("forum")!.Door);
        Assert.Equal(RefusalCode.WrongState, (await house.Do(Rosa, window.Id, "rollback")).Refusal!.Code);
    }

    [Fact]
    public async Task A_release_that_fails_asks_a_person_and_the_rollback_takes_the_whole_group_back()
    {
        await using var house = await Open();
        house.Members.Refuses = "5";
        var window = await house.Driven();
        Assert.Equal("needsDecision", window.Status);
        Assert.Equal("notDone", window.Decision!.Observed);
        Assert.Contains("accounts_iban_uq", window.Decision.Because, StringComparison.Ordinal);
        Assert.Equal(["lookAgain", "retry", "rollback"], window.Decision.Choices.Select(c => c.Verb));
        await house.Must(Rosa, window.Id, "rollback", new VerbBody(Reason: "a duplicate"));
        var back = await house.Drive(window.Id);
        Assert.Equal("rolledBack", back.Status);
        Assert.Equal(("5", "4"), (house.Forum.Version, house.Members.Version));
        Assert.False(back.WayBack.Possible);
    }

    [Fact]
    public async Task A_group_that_is_not_what_it_was_is_never_called_rolled_back()
    {
        await using var house = await Open();
        (house.Members.Refuses, house.Forum.RestoresWrong) = ("5", true);
        var window = await house.Driven();
        await house.Must(Rosa, window.Id, "rollback", new VerbBody(Reason: "a duplicate"));
        var back = await house.Drive(window.Id);
        Assert.Equal("needsDecision", back.Status);
        Assert.Contains("forum is not what it was", back.Decision!.Because, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_goes_on_where_it_failed()
    {
        await using var house = await Open();
        house.Members.Refuses = "5";
        var window = await house.Driven();
        house.Members.Refuses = null;
        await house.Must(Rosa, window.Id, "retry");
        Assert.Equal("reviewing", (await house.Drive(window.Id)).Status);
        Assert.Single(house.Forum.Calls, "release 7");
    }

    [Fact]
    public async Task What_is_torn_and_may_be_repeated_is_run_again_when_a_person_says_so()
    {
        await using var house = await Open();
        (house.Members.Refuses, house.Members.Leaves, house.Members.Repeatable) = ("5", Seen.Torn, true);
        var window = await house.Driven();
        Assert.Equal(("needsDecision", "torn"), (window.Status, window.Decision!.Observed));
        await house.Must(Rosa, window.Id, "retry");
        Assert.Equal("reviewing", (await house.Drive(window.Id)).Status);
        Assert.Equal("5", house.Members.Version);
    }

    [Fact]
    public async Task No_copy_of_an_earlier_try_is_taken_for_a_part_of_the_checkpoint()
    {
        await using var house = await Open();
        await house.Driven();
        foreach (var calls in new[] { house.Forum.Calls, house.Members.Calls })
        {
            Assert.True(calls.IndexOf("drop checkpoint") is >= 0 and var dropped && dropped < calls.FindIndex(c => c.StartsWith("checkpoint ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Looking_again_changes_nothing_and_repeats_the_question_with_what_is_seen_now()
    {
        await using var house = await Open();
        (house.Members.Refuses, house.Members.Leaves) = ("5", Seen.Unknown);
        var window = await house.Driven();
        Assert.Equal("unknown", window.Decision!.Observed);
        Assert.Equal(RefusalCode.WrongState, (await house.Do(Rosa, window.Id, "retry")).Refusal!.Code);
        house.Members.Leaves = Seen.Torn;
        var calls = house.Members.Calls.Count;
        var again = (await house.Windows.LookAgain(Rosa, window.Id, CancellationToken.None)).Value!;
        Assert.Equal(("needsDecision", "torn"), (again.Status, again.Decision!.Observed));
        Assert.Equal(calls, house.Members.Calls.Count);
        house.Members.Leaves = Seen.NotDone;
        Assert.Contains("retry", (await house.Windows.LookAgain(Rosa, window.Id, CancellationToken.None)).Value!.Decision!.Choices.Select(c => c.Verb));
    }

    [Fact]
    public async Task Looking_again_lets_the_run_go_on_where_the_step_is_there_after_all()
    {
        await using var house = await Open();
        (house.Members.Refuses, house.Members.Leaves) = ("5", Seen.Unknown);
        var window = await house.Driven();
        house.Members.Version = "5";
        var again = (await house.Windows.LookAgain(Rosa, window.Id, CancellationToken.None)).Value!;
        Assert.Equal("running", again.Status);
        Assert.Equal("reviewing", (await house.Drive(window.Id)).Status);
        Assert.DoesNotContain("release 5", house.Members.Calls);
    }

    [Fact]
    public async Task Looking_again_is_refused_where_nothing_is_in_question_and_to_those_who_only_look()
    {
        await using var house = await Open();
        var window = await house.Make();
        Assert.Equal(RefusalCode.WrongState, (await house.Windows.LookAgain(Rosa, window.Id, CancellationToken.None)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotAllowed, (await house.Windows.LookAgain(Vera, window.Id, CancellationToken.None)).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await house.Windows.LookAgain(Rosa, "none", CancellationToken.None)).Refusal!.Code);
    }

    [Fact]
    public async Task What_staff_write_is_counted_from_before_the_doors_open_and_told_before_the_rollback()
    {
        await using var house = await WindowHouse.Open();
        (house.Forum.StaffWrote, house.Members.StaffWrote) = (2, 1);
        var window = await house.Driven();
        await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: true));
        await house.Drive(window.Id);
        Assert.True(house.Forum.Counts && house.Members.Counts);
        Assert.Equal(window.Id, house.Members.CountsFor);
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "the new pages are wrong"));
        var back = await house.Drive(window.Id);
        Assert.Equal("rolledBack", back.Status);
        Assert.EndsWith("staff wrote 3 rows, which are lost", back.Steps.Single(s => s is { Group: "rollback", Kind: "closeDatabases" }).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_trial_the_gates_of_the_window_let_staff_in_and_nobody_else_and_after_it_nobody()
    {
        await using var house = await WindowHouse.Open();
        var staff = new global::OpsConsole.Domain.Gates.Staff(["Ada Abel"], []);
        var window = await house.Driven();
        Assert.False(house.Gates.Find("forum")!.LetIn("Ada Abel", null, staff));
        await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: true));
        await house.Drive(window.Id);
        var tried = house.Gates.Find("forum")!;
        Assert.Equal((true, false, "stop"), (tried.LetIn("Ada Abel", null, staff), tried.LetIn("Eve", null, staff), tried.Jobs));
        await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: false));
        await house.Drive(window.Id);
        Assert.False(house.Gates.Find("forum")!.LetIn("Ada Abel", null, staff));
        await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: true));
        await house.Drive(window.Id);
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "the new pages are wrong"));
        await house.Drive(window.Id);
        Assert.False(house.Gates.Find("forum")!.LetIn("Ada Abel", null, staff));
    }

    [Fact]
    public async Task An_instance_that_fell_silent_before_it_was_told_does_not_hold_up_the_night_and_the_closed_databases_make_it_certain()
    {
        await using var house = await WindowHouse.Open();
        await house.Gates.Ask("forum", "of last week", CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        var window = await house.Driven();
        Assert.Equal("reviewing", window.Status);
        Assert.Contains("of last week fell silent before the window was announced", window.Steps.Single(s => s.Kind == "freeze").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_approval_falls_only_for_a_change()
    {
        await using var house = await WindowHouse.Open();
        var window = await house.Approved();
        var same = (await house.Windows.Change(WindowHouse.Rosa, window.Id, window.Name, window.To, null, window.ClosesAt, CancellationToken.None)).Value!;
        Assert.Equal("approved", same.Status);
        var other = (await house.Windows.Change(WindowHouse.Rosa, window.Id, "Another name", null, null, null, CancellationToken.None)).Value!;
        Assert.Equal("draft", other.Status);
        Assert.Equal("The window was changed.", other.Approvals.Single().VoidBecause);
    }

    [Theory]
    [InlineData("FORUM", "7", "MEMBERS", "5", null)]
    [InlineData("forum", "7", "Forum", "6", "named twice")]
    [InlineData("forum", "LATEST", "members", "latest", null)]
    [InlineData("forum", "", "members", "5", "has no version")]
    [InlineData("forum", "70", "members", "5", "no release 70")]
    [InlineData("forum", "7", "moon", "5", "no database moon")]
    public async Task A_target_is_named_in_any_case_and_what_is_wrong_with_it_is_said(string one, string first, string other, string second, string? wrong)
    {
        await using var house = await WindowHouse.Open();
        var plan = await house.Windows.Plan(WindowHouse.Rosa, new Dictionary<string, string> { [one] = first, [other] = second }, null, CancellationToken.None);
        if (wrong is null) { Assert.Equal(("7", "5"), (plan.Value!.To["forum"], plan.Value.To["members"])); }
        else { Assert.Contains(wrong, plan.Refusal!.Text, StringComparison.Ordinal); Assert.Equal("to", plan.Refusal.Field); }
    }

    [Fact]
    public async Task A_trial_that_was_kept_leaves_no_counting_behind_when_the_databases_open()
    {
        await using var house = await WindowHouse.Open();
        var window = await house.Driven();
        foreach (var on in (bool[])[true, false, true])
        {
            await house.Must(WindowHouse.Rosa, window.Id, "trial", new VerbBody(On: on));
            await house.Drive(window.Id);
            Assert.Equal((on, window.Id), (house.Forum.Counts, house.Forum.CountsFor));
        }
        await house.Must(WindowHouse.Rosa, window.Id, "finalize");
        await house.Must(WindowHouse.Rosa, window.Id, "thaw", new VerbBody(Share: 100));
        await house.Drive(window.Id);
        Assert.Equal((false, null), (house.Forum.Counts, house.Forum.CountsFor));
    }

    [Fact]
    public async Task Finalize_counts_what_is_undecided_in_its_own_write_and_leaves_it_only_for_a_reason()
    {
        var witness = new Witness();
        await using var house = await WindowHouse.Open();
        house.Witnesses.Add(witness);
        var window = await house.Driven();
        // Nothing was there when it was last looked at; this is posted a moment before the press.
        witness.Left = new FinalizeFacts(1, 0, 0, 0, 2);
        var refused = await house.Do(WindowHouse.Rosa, window.Id, "finalize");
        Assert.Contains("1 pending", refused.Refusal!.Text, StringComparison.Ordinal);
        Assert.Contains("2 missed", refused.Refusal.Text, StringComparison.Ordinal);
        Assert.Equal(0, witness.Told);
        var done = await house.Must(WindowHouse.Rosa, window.Id, "finalize", new VerbBody(Leave: "the bank answers tomorrow"));
        Assert.Equal(("finalized", 1), (done.Status, witness.Told));
        var story = (await new WindowTeller(house.Book).Tell(window.Id, CancellationToken.None))!;
        Assert.Contains(story.Timeline, l => l is { By: "Rosa", What: "finalized; left open: the bank answers tomorrow" });
    }

    [Fact]
    public async Task Where_the_last_step_back_is_a_persons_task_what_was_committed_waits_again_once_it_is_done()
    {
        var witness = new Witness();
        await using var house = await WindowHouse.Open(new PlannedTask("Deploy the new site", "release", "Operator", "Deploy the former site"));
        house.Witnesses.Add(witness);
        var window = await house.Driven();
        await house.Must(WindowHouse.Rosa, window.Id, window.Can.Single(v => v.StartsWith("steps/", StringComparison.Ordinal)), new VerbBody(Note: ""));
        window = await house.Drive(window.Id);
        await house.Must(WindowHouse.Rosa, window.Id, "rollback", new VerbBody(Reason: "the new site is wrong"));
        window = await house.Drive(window.Id);
        Assert.Equal(("rollingBack", 0), (window.Status, witness.Returned));
        window = await house.Must(WindowHouse.Rosa, window.Id, window.Can.Single(v => v.StartsWith("steps/", StringComparison.Ordinal)), new VerbBody(Note: ""));
        Assert.Equal(("rolledBack", 1), (window.Status, witness.Returned));
        await house.Must(WindowHouse.Rosa, window.Id, "note", new VerbBody(Text: "the former site answers"));
        Assert.Equal(1, witness.Returned);
    }

    private sealed class Witness : global::OpsConsole.Ground.Windows.IWindowWitness
    {
        public FinalizeFacts Left { get; set; } = new(0, 0, 0, 0, 0);
        public int Told { get; private set; }
        public Task<FinalizeFacts> Undecided(global::OpsConsole.Ground.Store.StoreContext db, global::OpsConsole.Ground.Windows.OpenWindow window, CancellationToken token) => Task.FromResult(Left);
        public Task<int> CommittedIn(global::OpsConsole.Ground.Store.StoreContext db, global::OpsConsole.Ground.Windows.OpenWindow window, CancellationToken token) => Task.FromResult(0);
        public int Returned { get; private set; }
        public Task RolledBack(global::OpsConsole.Ground.Recording.StoreWrite write, global::OpsConsole.Ground.Windows.OpenWindow window, CancellationToken token) { Returned++; return Task.CompletedTask; }
        public Task Finalized(global::OpsConsole.Ground.Recording.StoreWrite write, global::OpsConsole.Ground.Windows.OpenWindow window, CancellationToken token) { Told++; return Task.CompletedTask; }
    }
}
