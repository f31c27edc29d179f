using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <summary>One window: what happens, what a person has to press, and whether one can still go back.</summary>
public sealed partial class RunPage
{
    private static readonly TimeSpan LookedGood = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TakenOverTold = TimeSpan.FromMinutes(15), LookedAgainTold = TimeSpan.FromSeconds(30);
    private DateTimeOffset? lookedAgain;
    private string? shown;
    private readonly HashSet<string> pressed = [];
    private bool changing, wasAsked;

    [Parameter] public string Id { get; set; } = "";
    /// <summary>A verb to ask about as soon as the page is there: another page leads here for it.</summary>
    [SupplyParameterFromQuery(Name = "ask")] public string? LedTo { get; set; }
    [Inject] private WindowService Windows { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;

    private PageKeys? Keys { get; set; }
    private RunLog? Log { get; set; }
    private WindowView? View { get; set; }
    private StripFacts? Strip { get; set; }
    private IReadOnlyList<WindowEvent> Events { get; set; } = [];
    private IReadOnlyList<LogLine> Lines { get; set; } = [];
    private IReadOnlyList<StillOpen> Rest { get; set; } = [];
    private PlanChoices Choices { get; set; } = new([], []);
    private PreflightView? Looked { get; set; }
    private Refusal? Said { get; set; }
    private Refusal? ChangeSaid { get; set; }

    protected override IReadOnlyList<string> Hears => [Topics.Windows, Topics.Queue, Topics.Schedules, Topics.Gates, Topics.Reach];
    // The time to decide runs while nothing else moves.
    protected override TimeSpan? Tick => TimeSpan.FromSeconds(5);
    protected override string WaitsFor => "the window";

    private IReadOnlyList<PageKey> Letters => letters ??=
    [
        new("n", "Write a note", () => Focus("#note")),
        new("p", "Pause, or go on", () => View is { } v ? Press(v.Open("resume") ? "resume" : "pause") : Task.CompletedTask),
        new("l", "Let the log follow, or hold it still", () => { Log?.Toggle(); return Task.CompletedTask; }),
        new("d", "Go to the decision; looking again comes first", () => Focus("[data-choice]")),
        // A number leads to its choice; pressing it is a second thing.
        .. Enumerable.Range(1, 4).Select(n => new PageKey($"{n}", $"Go to choice {n}", () => Focus($"[data-number=\"{n}\"]"))),
    ];
    private IReadOnlyList<PageKey>? letters;
    private string Shown() => View is null ? "" : $"{View.Status}{(View.Paused ? ", paused" : null)}";

    private Task Focus(string selector) => Keys?.FocusAsync(selector) ?? Task.CompletedTask;

    // A question only, so that following a link never does anything by itself.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (LedTo != "finalize" || wasAsked || View is not { } view || Actor is not { } actor || Why(view, actor, LedTo, Clock.GetUtcNow()) is not null) { return; }
        wasAsked = true;
        await Press(LedTo);
    }

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        var answer = await Windows.One(actor, Id, token);
        if (answer.Value is { } view)
        {
            (View, Strip, Events) = (view, Windows.Facts(view), (await Windows.Happened(actor, Id, token)).Value ?? []);
            Lines = StepWords.Log(view, Events);
            Rest = view.Undecided.Missed > 0 ? await Windows.StillOpen(actor, view, token) : [];
            if (view.StartedAt is null)
            {
                if (Choices.Databases.Count == 0 || shown != view.Status) { Choices = Windows.Choices(actor).Value ?? Choices; }
                // Every folder is read and every database asked, so not with each reading.
                if (!view.Is("abandoned") && (Looked is null || shown != view.Status || Clock.GetUtcNow() - Looked.LookedAt > LookedGood)) { Looked = (await Windows.Preflight(actor, Id, token)).Value ?? Looked; }
            }
            shown = view.Status;
        }
        return answer.Refusal;
    }

    private static string Head(WindowView view) => (WindowWords.WentBack(view) ? "taken back, " : null) + Planned(view);

    private static string Planned(WindowView view) => view.Approvals.LastOrDefault(a => a.VoidBecause is null) is { } approval
        ? $"{WindowWords.Targets(view)}, approved by {approval.By}" : WindowWords.Targets(view);

    /// <summary>What has to be said before anything else; one line each.</summary>
    private IEnumerable<(Mark Mark, string Text)> Bands(WindowView view)
    {
        var now = Clock.GetUtcNow();
        var runs = view.StartedAt is not null && !view.Is("closed", "abandoned");
        if (runs && view.ClosesAt < now)
        {
            yield return (Mark.Attention, $"The window's end passed {Spoken.Sentence(now - view.ClosesAt.Value)} ago. Nothing happens by itself: extend it, go on, or go back.");
        }
        else if (runs && view.WayBack.IsLate(now) && view.WayBack.Possible)
        {
            yield return (Mark.Attention, $"The turn-back time passed {Spoken.Sentence(now - view.WayBack.TurnBackAt!.Value)} ago. A rollback is still possible and would end after the window.");
        }
        // The answer may be the same as before, and then nothing else on the page would show that it was asked.
        if (view.Decision is { } asked && lookedAgain is { } looked && now - looked < LookedAgainTold)
        {
            yield return (Mark.Waits, $"Looked again {Spoken.Sentence(now - looked)} ago, step {asked.Step} was seen as {WindowWords.Seen(asked.Observed)}.");
        }
        if (runs && StepWords.TakenOver(view, Events) is { } taken && now - taken.At < TakenOverTold)
        {
            yield return (Mark.Ok, $"Taken over {Spoken.Sentence(now - taken.At)} ago after a stop of the console; {taken.What}.");
        }
    }

    /// <summary>Why the verb is not open to this person now; null: it is.</summary>
    internal static string? Why(WindowView view, Actor actor, string verb, DateTimeOffset now)
    {
        if ((WindowService.RightOf(verb) with { StepUp = false }).Refuse(actor, now) is { } no) { return no.Text; }
        if (verb == "approve" && view.SecondPerson && view.Authors.Contains(actor.Name, StringComparer.OrdinalIgnoreCase))
        {
            return $"{actor.Name} has made or changed this window; somebody else has to approve it.";
        }
        return view.Open(verb) ? null : WindowWords.Plain(view.Closed.GetValueOrDefault(verb) ?? "Not open now.");
    }

    private Task Press(string verb) => Once(verb, () => Ask(verb, null));
    private Task Thaw(int share) => Once($"thaw {share}", () => Ask("thaw", share));

    // A second press of the same button while the first is asked or under way was meant for the first.
    private async Task Once(string what, Func<Task> act)
    {
        if (!pressed.Add(what)) { return; }
        try { await act(); }
        finally { pressed.Remove(what); }
    }

    private async Task Ask(string verb, int? share)
    {
        if (View is not { } view || Actor is not { } actor) { return; }
        if (Why(view, actor, verb, Clock.GetUtcNow()) is { } why)
        {
            await Tell(new Refusal(RefusalCode.WrongState, why));
            return;
        }
        if (verb == "change")
        {
            (changing, ChangeSaid) = (!changing, null);
            StateHasChanged();
            return;
        }
        var body = new VerbBody(On: verb == "trial" ? !view.Trial : null, Share: share, Digest: verb == "approve" ? view.Digest : null);
        if (WindowQuestions.For(verb, view, actor, Clock.GetUtcNow(), share) is { } question)
        {
            if (await Dialogs.AskAsync(question, password => Proof.Prove(actor, password)) is not { } yes) { return; }
            body = body with { Reason = yes.Reason, Leave = verb == "finalize" ? yes.Reason : null, Note = yes.Reason, ClosesAt = yes.Moment };
        }
        await Act(actor => Windows.Do(actor, view.Id, verb, body, Gone));
    }

    private Task LookAgain() => Once("lookAgain", async () =>
    {
        await Act(actor => Windows.LookAgain(actor, Id, Gone));
        if (Said is not null) { return; }
        lookedAgain = Clock.GetUtcNow();
        StateHasChanged();
    });

    private async Task LookNow()
    {
        Looked = null;
        await ReadAgain();
    }

    private Task Change(string name, DateTimeOffset? opens, DateTimeOffset? closes) => Once("save", async () =>
    {
        if (await Actors.Current(Gone) is not { } actor) { ChangeSaid = SignedOut; return; }
        ChangeSaid = (await Windows.Change(actor, Id, name, null, opens, closes, Gone)).Refusal;
        changing = ChangeSaid is not null;
        Looked = null;
        await ReadAgain();
    });

    private async Task<bool> AddNote(string text)
    {
        await Once("note", () => Act(actor => Windows.Do(actor, Id, "note", new VerbBody(Text: text), Gone)));
        return Said is null;
    }

    private static Refusal SignedOut => new(RefusalCode.Unauthorized, "You are signed out. Nothing was done.");

    /// <summary>Who acts is asked again at the moment of the act.</summary>
    private async Task Act(Func<Actor, Task<Answer<WindowView>>> act) =>
        await Tell(await Actors.Current(Gone) is { } actor ? (await act(actor)).Refusal : SignedOut);

    private async Task Tell(Refusal? refusal)
    {
        Said = refusal;
        await ReadAgain();
    }
}
