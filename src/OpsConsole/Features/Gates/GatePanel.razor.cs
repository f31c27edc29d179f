using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.Gates;

/// <summary>The words and the buttons of one gate.</summary>
public sealed partial class GatePanel
{
    private static readonly int[] ThawSteps = [0, 5, 25, 100];

    [Parameter, EditorRequired] public GateView Gate { get; set; } = default!;
    [Parameter, EditorRequired] public Actor Actor { get; set; } = default!;
    /// <summary>After each act: the refusal, or null.</summary>
    [Parameter] public EventCallback<Refusal?> Answered { get; set; }
    [Inject] private GatesService Gates { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;
    [Inject] private ActorSource Actors { get; set; } = default!;
    [Inject] private TimeProvider Clock { get; set; } = default!;

    private Mark Tone => Gate switch
    {
        { Frozen: true, Certain.Is: true } => Mark.Frozen,
        { Frozen: true } => Mark.Attention,
        { State: "thawing" } => Mark.Running,
        _ => Mark.Ok,
    };

    private string Verdict => Gate switch
    {
        { Frozen: true, Certain.Is: true } => "Frozen, certain",
        { Frozen: true } => "Not yet certain",
        { State: "thawing" } => Gate.Share == 0 ? "Thawing: staff" : $"Thawing: {Gate.Share} %",
        _ => "Open",
    };

    private string Because => Gate.Certain switch
    {
        _ when !Gate.Frozen => Gate.State == "thawing" ? "background work is stopped" : "members can sign in",
        { Because: "acknowledged" } => $"all {Gate.Instances.Count(i => i.Live)} instances acknowledged",
        { Because: "leasesRanOut" } => "every lease of before has run out in the announced window",
        { Because: "databasesClosed" } => "the databases refuse the site's roles",
        { WaitingFor.Count: > 0 } waiting => $"because {string.Join(", ", waiting.WaitingFor)} {(waiting.WaitingFor.Count == 1 ? "has" : "have")} not acknowledged",
        _ => "because no instance is heard and no window is announced",
    };

    private string Sentence => Gate switch
    {
        { Frozen: true, Certain.Is: true, Depth: FreezeDepth.Logins } => "Nobody can log in. Sessions go on.",
        { Frozen: true, Certain.Is: true, DatabasesClosed: true } => "Nobody can log in, and the databases refuse the site.",
        { Frozen: true, Certain.Is: true } => "Nobody can log in. Sessions are being ended.",
        { Frozen: true, CertainAtTheLatest: not null } => "Certain at the latest when the leases of before have run out, in",
        { Frozen: true } => "Outside an announced window silence proves nothing. Shutting the roles out of the databases makes it certain.",
        { State: "thawing" } => Gate.Share == 0 ? "Staff are let in, members are not." : $"Staff and {Gate.Share} percent of members are let in.",
        _ => "Members can sign in and background work runs.",
    };

    private string StillIn => Gate switch
    {
        { Frozen: true, Trial: false } => "nobody; the console itself",
        { Frozen: false, State: "open" } => "everybody",
        _ when Gate.StaffUsers.Count + Gate.StaffAddresses.Count == 0 => "no staff is named; the console itself",
        _ => "staff: " + string.Join(", ", Gate.StaffUsers.Concat(Gate.StaffAddresses)),
    };

    private string RolesText => Gate.SiteRoles.Count == 0 ? Gate.Site : string.Join(" and ", Gate.SiteRoles);

    private string Acked(InstanceView instance) => instance.Version >= Gate.Version ? $"version {instance.Version}" : instance.Version == 0 ? "none yet" : $"still at {instance.Version}";

    private string? MayFreeze => Permissions.GateFreeze with { StepUp = false } is var right ? right.Refuse(Actor, Clock.GetUtcNow())?.Text : null;
    private string? MayThaw => Gate.HeldBy is { } window ? $"Held by window {window}." : Permissions.GateThaw.Refuse(Actor, Clock.GetUtcNow())?.Text;

    private RenderFragment Depth(FreezeDepth depth, string word, string says) => builder =>
    {
        var mark = Gate.Depth == depth ? Mark.Frozen : Gate.Depth > depth ? Mark.Ok : Mark.Waits;
        builder.OpenElement(0, "div");
        builder.AddAttribute(1, "class", $"depth {(Gate.Depth == depth ? "is-frozen" : null)}");
        builder.OpenElement(2, "b");
        builder.OpenComponent<StateMark>(3);
        builder.AddComponentParameter(4, nameof(StateMark.Mark), mark);
        builder.AddComponentParameter(5, nameof(StateMark.Word), word);
        builder.CloseComponent();
        builder.CloseElement();
        builder.AddContent(6, says);
        builder.CloseElement();
    };

    private static RenderFragment Figure(string label, int? value, Mark? mark) => builder =>
    {
        builder.OpenElement(0, "div");
        builder.OpenElement(1, "div");
        builder.AddAttribute(2, "class", "figure-label");
        builder.AddContent(3, label);
        builder.CloseElement();
        builder.OpenElement(4, "div");
        builder.AddAttribute(5, "class", "figure-value");
        if (value is { } known && mark is null)
        {
            builder.AddContent(6, known);
        }
        else
        {
            builder.OpenComponent<StateMark>(7);
            builder.AddComponentParameter(8, nameof(StateMark.Mark), mark ?? Mark.Unknown);
            builder.AddComponentParameter(9, nameof(StateMark.Word), value is { } n ? $"{n}" : "unknown");
            builder.CloseComponent();
        }
        builder.CloseElement();
        builder.CloseElement();
    };

    private async Task Freeze(FreezeDepth depth)
    {
        var (verb, consequence) = depth switch
        {
            FreezeDepth.Logins => ($"Freeze logins of {Gate.Site}", "New logins are refused; sessions go on."),
            FreezeDepth.Everyone => ($"Put everyone out of {Gate.Site}", "New logins are refused and sessions are ended."),
            _ => ($"Shut {RolesText} out of {string.Join(" and ", Gate.Databases)}", "The engine refuses the site's roles and ends what is connected; open work there is lost."),
        };
        var along = depth == FreezeDepth.Databases ? Gate.AlsoHit : [];
        List<ConfirmFact> facts = [new("Instances told", $"{Gate.Instances.Count(i => i.Live)}"), new("Site connections", Gate.Connections is { } n ? $"{n}" : "unknown"), new("Background work", "told to stop")];
        if (along.Count > 0) { facts.Add(new("Also put out", string.Join(", ", along), true)); }
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{verb}?", along.Count > 0 ? $"{verb}, and freeze {string.Join(" and ", along)}" : verb, "Leave it as it is", facts)
        {
            Text = consequence, ReasonNeeded = true, StepUp = !(Actor.SteppedUpUntil > Clock.GetUtcNow()),
        });
        if (yes is null) { return; }
        if (yes.Proof is { } password && !await Proof.Prove(Actor, password))
        {
            await Answered.InvokeAsync(new Refusal(RefusalCode.StepUpNeeded, "That was not your password. Nothing was done."));
            return;
        }
        await With(async actor => (await Gates.Freeze(actor, Gate.Site, depth, Gate.Message, yes.Reason, along.Count > 0, CancellationToken.None)).Refusal);
    }

    private async Task Thaw(int share)
    {
        var what = share switch { 0 => $"Thaw {Gate.Site} to staff", 100 => $"Open {Gate.Site} to everybody", _ => $"Thaw {Gate.Site} to {share} percent of members" };
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{what}?", what, "Leave it as it is",
            [new("Databases", Gate.DatabasesClosed ? "let the site's roles in again first" : "let the site's roles in"), new("Background work", share == 100 ? "told to run" : "stays stopped")]) { Danger = false });
        if (yes is not null) { await With(async actor => (await Gates.Thaw(actor, Gate.Site, share, CancellationToken.None)).Refusal); }
    }

    /// <summary>Who acts is asked again at the moment of the act.</summary>
    private async Task With(Func<Actor, Task<Refusal?>> act) =>
        await Answered.InvokeAsync(await Actors.Current(CancellationToken.None) is { } actor ? await act(actor) : new Refusal(RefusalCode.Unauthorized, "You are signed out. Nothing was done."));
}
