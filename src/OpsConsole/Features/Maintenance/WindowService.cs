using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <summary>What a verb brings along; each verb uses its own part.</summary>
public sealed record VerbBody(
    string? Digest = null, string? Note = null, string? Reason = null, string? Leave = null, bool? On = null, int? Share = null,
    DateTimeOffset? ClosesAt = null, string? Text = null);

/// <summary>The door to the windows: planning them, the verbs, and what is known of them.</summary>
public sealed partial class WindowService(
    WindowBook book, PlanDesk desk, WindowViews views, WindowWaker waker, WindowDriver driver, WindowStrip strip, FreezeService freezing, ConsoleSettings settings, StoreFactory store,
    IEnumerable<IWindowWitness> witnesses, TimeProvider time)
{
    private const int LongestText = 2000;
    private static readonly Dictionary<string, Permission> Rights = new()
    {
        ["approve"] = Permissions.WindowApprove,
        ["return"] = Permissions.WindowApprove,
        ["start"] = Permissions.WindowStart,
        ["rollback"] = Permissions.WindowRollback,
        ["finalize"] = Permissions.WindowFinalize,
    };

    public static Permission RightOf(string verb) => Rights.GetValueOrDefault(verb, Permissions.WindowWrite);

    public async Task<Answer<DrawnPlan>> Plan(Actor actor, IReadOnlyDictionary<string, string> to, IReadOnlyDictionary<string, string>? from, CancellationToken token)
    {
        if (Permissions.PlanMake.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        var (plan, refusal) = await desk.Draw(to, from, token);
        return refusal is not null ? refusal : plan!;
    }

    public async Task<Answer<WindowView>> Make(
        Actor actor, string name, IReadOnlyDictionary<string, string> to, DateTimeOffset? opensAt, DateTimeOffset? closesAt, CancellationToken token)
    {
        if (Permissions.WindowWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        var content = await Content(name, to, opensAt, closesAt, token);
        if (content.Refusal is not null) { return new Answer<WindowView>(null, content.Refusal, content.More); }
        // The name is what a person types to take a window back, and a second sending of the same plan must not make a second window.
        if (await Namesake(name, null, token) is { } taken) { return taken; }
        var policy = settings.Policy;
        var rules = new WindowRules(policy.RequireRehearsal, policy.RequireSecondPerson, policy.FinalizeBySecondPerson);
        var made = await book.Draft(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), actor, content.Value!, rules, token);
        return await views.Of(made, token);
    }

    private async Task<Answer<WindowContent>> Content(
        string name, IReadOnlyDictionary<string, string> to, DateTimeOffset? opensAt, DateTimeOffset? closesAt, CancellationToken token)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100) { return Refusal.Of("name", "name: give the window a name of 1 to 100 characters."); }
        if (closesAt <= opensAt || closesAt <= time.GetUtcNow()) { return Refusal.Of("closesAt", "closesAt: it has to be later than opensAt and than now."); }
        var (plan, refusal) = await desk.Draw(to, null, token);
        if (refusal is not null) { return refusal; }
        if (!plan!.Plan.Possible)
        {
            return new Answer<WindowContent>(null, new Refusal(RefusalCode.WrongState, plan.Plan.Reason!), new { plan.Plan.ForbiddenBy, plan.Plan.Nearest });
        }
        if (plan.Findings.Where(f => f.Blocking).ToList() is { Count: > 0 } blocking)
        {
            return new Answer<WindowContent>(null, new Refusal(RefusalCode.WrongState, $"{blocking.Count} findings block the plan, the first: {blocking[0].File}:{blocking[0].Line} {blocking[0].Text}"), new { Findings = blocking });
        }
        return new WindowContent(name, plan.Plan, plan.From, plan.To, plan.Digest, opensAt, closesAt);
    }

    public async Task<Answer<WindowView>> Change(
        Actor actor, string id, string? name, IReadOnlyDictionary<string, string>? to, DateTimeOffset? opensAt, DateTimeOffset? closesAt, CancellationToken token)
    {
        if (Permissions.WindowWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (await book.Load(id, token) is not { Run.Content: { } old } known) { return NoWindow(id); }
        if (known.Run.Refuse("change", time.GetUtcNow()) is { } closed) { return With(closed, known); }
        var content = await Content(name ?? old.Name, to ?? old.To, opensAt ?? old.OpensAt, closesAt ?? known.Run.ClosesAt, token);
        if (content.Refusal is not null) { return new Answer<WindowView>(null, content.Refusal, content.More); }
        // An approval falls only for a change.
        if (IsSame(content.Value!, old with { ClosesAt = known.Run.ClosesAt })) { return await views.Of(known, token); }
        if (await Namesake(content.Value!.Name, id, token) is { } taken) { return taken; }
        var changed = await Write(actor, id, (w, now) => w.Run.Refuse("change", now) is { } r ? r : Events(new Changed(now, actor.Name, content.Value!)), null, token);
        // The approval has fallen, and with it what the sites were told.
        if (changed.Value is not null) { await freezing.Reannounce(actor, Span(old.OpensAt, known.Run.ClosesAt), null, token); }
        return changed;
    }

    private static bool IsSame(WindowContent a, WindowContent b) => (a.Name, a.Digest, a.OpensAt, a.ClosesAt) == (b.Name, b.Digest, b.OpensAt, b.ClosesAt);

    /// <summary>One verb, decided on the window as it is in the write. Anything else is refused with what is open.</summary>
    public async Task<Answer<WindowView>> Do(Actor actor, string id, string verb, VerbBody body, CancellationToken token)
    {
        if (RightOf(verb).Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (TooLong(body) is { } field) { return Refusal.Of(field, $"{field}: 1 to {LongestText} characters."); }
        var by = actor.Name;
        if (verb == "start" && await Compare(id, token) is { } red)
        {
            return red.Refusal is null ? await Write(actor, id, (w, now) => w.Run.Refuse("start", now) is { } r ? r : Events(new PreflightRed(now, by, red.Findings)), null, token,
                () => new Refusal(RefusalCode.WrongState, $"Preflight is red: {string.Join(" ", red.Findings)}")) : red.Refusal;
        }
        var facts = new FinalizeFacts(0, 0, 0, 0, 0);
        AnnouncedWindow? was = null;
        var answer = await Write(actor, id, (w, now) =>
        {
            var run = w.Run;
            if (run.Refuse(verb, now) is { } refusal) { return refusal; }
            was = Span(run.Content!.OpensAt, run.ClosesAt);
            return verb switch
            {
                "approve" => run.RefuseApproval(by, body.Digest) is { } r ? r : Events(new Approved(now, by, run.Digest!, body.Note)),
                "return" => Reason(body.Reason) is { } r ? r : Events(new Returned(now, by, body.Reason!)),
                "start" => Events(new Started(now, by)),
                "pause" => Events(new Paused(now, by)),
                "resume" => Events(new Resumed(now, by)),
                "retry" => Events(new RetryChosen(now, by, run.Decision!.Step)),
                "rollback" => Events(new RollbackChosen(now, by, body.Reason)),
                "trial" => body.On is { } on ? Events(new TrialSet(now, by, on)) : Refusal.Of("on", "on: true or false."),
                "finalize" => run.RefuseFinalize(by, facts, body.Leave) is { } r ? r : Events(new Finalized(now, by, body.Leave)),
                "thaw" => body.Share is not { } share ? Refusal.Of("share", "share: a number from 0 to 100.")
                    : run.RefuseThaw(share) is { } r ? r : Events(new ThawSet(now, by, share)),
                "close" => Events(new Closed(now, by)),
                "extend" => body.ClosesAt is not { } until || until <= now || until <= run.ClosesAt ? Refusal.Of("closesAt", "closesAt: a time later than now and than the end that stands.")
                    : Reason(body.Reason) is { } r ? r : Events(new Extended(now, by, until, body.Reason!)),
                "note" => string.IsNullOrWhiteSpace(body.Text) ? Refusal.Of("text", $"text: 1 to {LongestText} characters.") : Events(new Noted(now, by, body.Text)),
                "abandon" => Events(new Abandoned(now, by, body.Reason)),
                _ when verb.StartsWith("steps/", StringComparison.Ordinal) => Events(new TaskDone(now, by, int.Parse(verb.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture), body.Note ?? "")),
                _ => new Refusal(RefusalCode.NotFound, $"A window has no verb '{verb}'."),
            };
            // Counted in the write itself: what a site posts a moment before is not finalized over.
        }, verb, token, first: verb == "finalize" ? async (write, w, t) => facts = await Undecided(write.Db, w, t) : null);
        // Sites are told of what is approved, and of nothing else: one whose link is lost within those times refuses logins by itself.
        if (answer.Value is { } after && Span(after.OpensAt, after.ClosesAt) is var span)
        {
            // A window that had no end is told for the first time when it is given one.
            if (span is not null && (verb is "approve" or "start" || (verb == "extend" && was is null && !after.Is("draft")))) { await freezing.Announce(actor, span, null, token); }
            else if (verb == "extend" && !after.Is("draft")) { await freezing.Reannounce(actor, was, span, token); }
            if (verb is "return" or "close" or "abandon") { await freezing.Reannounce(actor, was, null, token); }
        }
        return answer;
    }

    /// <summary>What may be chosen as a target, and what binds the databases to each other.</summary>
    public Answer<PlanChoices> Choices(Actor actor) => Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : desk.Choices();

    /// <summary>Looks at the step in question again; what is seen is written, and the run goes on where it is done.</summary>
    public async Task<Answer<WindowView>> LookAgain(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.WindowWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (await book.Load(id, token) is null) { return NoWindow(id); }
        var seen = await driver.LookAgain(actor, id, token);
        if (seen.Refusal is { } refusal) { return refusal; }
        waker.Wake(id);
        return await views.Of(seen.Value!, token);
    }

    public async Task<Answer<WindowView>> One(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return await book.Load(id, token) is { } window ? await views.Of(window, token) : NoWindow(id);
    }

    private sealed record Red(IReadOnlyList<string> Findings, Refusal? Refusal);

    // What was approved must be what is there: versions, scripts and contracts give the same digest, and no other window runs.
    private async Task<Red?> Compare(string id, CancellationToken token)
    {
        if (await book.Load(id, token) is not { Run.Content: { } content } window || window.Run.Refuse("start", time.GetUtcNow()) is not null) { return null; }
        var (plan, refusal) = await desk.Draw(content.To, null, token);
        if (refusal is not null) { return new Red([refusal.Text], null); }
        if (plan!.Digest != content.Digest) { return new Red(["Versions, scripts or contracts are not what was approved. Change the window, and have it approved again."], null); }
        await using var db = store.CreateDbContext();
        return await book.Running(db, token) is { } other && other.Id != id
            ? new Red([], new Refusal(RefusalCode.WrongState, $"The window {other.Name} is running; it is closed first.")) : null;
    }

    private async Task<FinalizeFacts> Undecided(StoreContext db, LoadedWindow window, CancellationToken token)
    {
        var sum = new FinalizeFacts(0, 0, 0, 0, 0);
        foreach (var witness in witnesses) { sum += await witness.Undecided(db, WindowBook.Outside(window), token); }
        return sum;
    }

    private async Task<Answer<WindowView>> Write(
        Actor actor, string id, Func<LoadedWindow, DateTimeOffset, Answer<IReadOnlyList<WindowEvent>>> decide, string? verb, CancellationToken token, Func<Refusal>? instead = null,
        Func<StoreWrite, LoadedWindow, CancellationToken, Task>? first = null)
    {
        LoadedWindow? seen = null;
        var answer = await book.Change(id, actor, (w, now) => { seen = w; return decide(w, now); }, token, async (write, after, t) =>
        {
            if (verb == "finalize") { foreach (var witness in witnesses) { await witness.Finalized(write, WindowBook.Outside(after), t); } }
            await WindowDriver.Turned(witnesses, write, seen!.Run.Status, after, t);
        }, first);
        if (answer.Refusal is { } refusal) { return seen is null ? refusal : With(refusal, seen); }
        waker.Wake(id);
        return instead is null ? await views.Of(answer.Value!, token) : With(instead(), answer.Value!);
    }

    private static string? TooLong(VerbBody body) => new[] { ("note", body.Note), ("reason", body.Reason), ("leave", body.Leave), ("text", body.Text) }.FirstOrDefault(t => t.Item2?.Length > LongestText).Item1;
    private Answer<WindowView> With(Refusal refusal, LoadedWindow window) => new(null, refusal, new { Can = window.Run.Can(time.GetUtcNow()), window.Run.Findings });
    private static Answer<IReadOnlyList<WindowEvent>> Events(WindowEvent e) => new([e], null);
    private static Refusal? Reason(string? reason) => string.IsNullOrWhiteSpace(reason) ? Refusal.Of("reason", "reason: say why.") : null;
    private static Refusal NoWindow(string id) => new(RefusalCode.NotFound, $"There is no window {id}.");
}
