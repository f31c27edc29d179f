using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>One window: what happens, what a person has to press, and whether one can still go back.</summary>
public sealed partial class RunPage
{
    private ElementReference noteField;
    private string? shown;
    private readonly HashSet<(string, int?)> pressed = [];

    [Parameter] public string Id { get; set; } = "";
    [Inject] private WindowService Windows { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;

    private PageKeys? Keys { get; set; }
    private WindowView? View { get; set; }
    private StripFacts? Strip { get; set; }
    private IReadOnlyList<WindowEvent> Events { get; set; } = [];
    private Refusal? Said { get; set; }
    private string Note { get; set; } = "";

    protected override IReadOnlyList<string> Hears => [Topics.Windows, Topics.Queue, Topics.Schedules];
    // The time to decide runs while nothing else moves.
    protected override TimeSpan? Tick => TimeSpan.FromSeconds(5);
    protected override string WaitsFor => "the window";

    private IReadOnlyList<PageKey> Letters => letters ??=
    [
        new("n", "Write a note", async () => await noteField.FocusAsync()),
        new("p", "Pause, or go on", () => View is { } v ? Press(v.Open("resume") ? "resume" : "pause") : Task.CompletedTask),
        new("d", "Look at the step in question again", () => View?.Decision is null ? Task.CompletedTask : LookAgain()),
    ];
    private IReadOnlyList<PageKey>? letters;

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        var answer = await Windows.One(actor, Id, token);
        if (answer.Value is { } view)
        {
            (View, Strip, Events) = (view, Windows.Facts(view), (await Windows.Happened(actor, Id, token)).Value ?? []);
            // Something new under the hands: letters wait a moment.
            if (shown is not null && shown != view.Status && Keys is not null) { await Keys.HushAsync(TimeSpan.FromMilliseconds(400)); }
            shown = view.Status;
        }
        return answer.Refusal;
    }

    private string Head(WindowView view) => view switch
    {
        { StartedAt: null } => WindowWords.Targets(view),
        { Approvals: var approvals } => $"{WindowWords.Targets(view)}, approved by {approvals.LastOrDefault(a => a.VoidBecause is null)?.By}",
    };

    private string? Shut(string verb, string? missing) => Why(View!, Actor!, verb, Clock.GetUtcNow()) ?? missing;

    /// <summary>Why the verb is not open to this person now; null: it is.</summary>
    internal static string? Why(WindowView view, Actor actor, string verb, DateTimeOffset now)
    {
        if ((WindowService.RightOf(verb) with { StepUp = false }).Refuse(actor, now) is { } no) { return no.Text; }
        if (verb == "approve" && view.SecondPerson && view.Authors.Contains(actor.Name, StringComparer.OrdinalIgnoreCase))
        {
            return $"{actor.Name} has made or changed this window; somebody else has to approve it.";
        }
        return view.Open(verb) ? null : view.Closed.GetValueOrDefault(verb) ?? "Not open now.";
    }

    private Task Press(string verb) => Press(verb, null);
    private Task Thaw(int share) => Press("thaw", share);

    // A second press of the same button while the first is asked or under way was meant for the first.
    private async Task Press(string verb, int? share)
    {
        if (!pressed.Add((verb, share))) { return; }
        try
        {
            await Ask(verb, share);
        }
        finally
        {
            pressed.Remove((verb, share));
        }
    }

    private async Task Ask(string verb, int? share)
    {
        if (View is not { } view || Actor is not { } actor) { return; }
        var body = new VerbBody(On: verb == "trial" ? !view.Trial : null, Share: share, Digest: verb == "approve" ? view.Digest : null, Note: verb.StartsWith("steps/", StringComparison.Ordinal) ? "" : null);
        if (WindowQuestions.For(verb, view, actor, Clock.GetUtcNow(), share) is { } question)
        {
            if (await Dialogs.AskAsync(question) is not { } yes) { return; }
            if (yes.Proof is { } password && !await Proof.Prove(actor, password))
            {
                await Tell(new Refusal(RefusalCode.StepUpNeeded, "That was not your password. Nothing was done."));
                return;
            }
            body = body with { Reason = yes.Reason, Leave = verb == "finalize" ? yes.Reason : null };
        }
        await Act(actor => Windows.Do(actor, view.Id, verb, body, Gone));
    }

    private Task LookAgain() => Act(actor => Windows.LookAgain(actor, Id, Gone));

    private async Task AddNote()
    {
        var text = Note.Trim();
        Note = "";
        await Act(actor => Windows.Do(actor, Id, "note", new VerbBody(Text: text), Gone));
        if (Said is not null) { Note = text; }
    }

    /// <summary>Who acts is asked again at the moment of the act.</summary>
    private async Task Act(Func<Actor, Task<Answer<WindowView>>> act) =>
        await Tell(await Actors.Current(Gone) is { } actor ? (await act(actor)).Refusal : new Refusal(RefusalCode.Unauthorized, "You are signed out. Nothing was done."));

    private async Task Tell(Refusal? refusal)
    {
        Said = refusal;
        await ReadAgain();
    }
}
