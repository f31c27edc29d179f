using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Gates;

/// <summary>The words and the buttons of one gate.</summary>
public sealed partial class GatePanel
{
    private const string Standard = "Maintenance is in progress. Signing in is not possible.";
    private static readonly int[] ThawSteps = [0, 5, 25, 100];
    private readonly HashSet<string> pressed = [];
    private bool historyOpen;
    private (long Version, bool Certain, int Count)? historyOf;

    [Parameter, EditorRequired] public GateView Gate { get; set; } = default!;
    [Parameter, EditorRequired] public Actor Actor { get; set; } = default!;
    /// <summary>By the site's own table; null: nobody has counted.</summary>
    [Parameter] public SiteSessionCount? LoggedIn { get; set; }
    /// <summary>After each act: the refusal, or null.</summary>
    [Parameter] public EventCallback<Refusal?> Answered { get; set; }
    [Inject] private GatesService Gates { get; set; } = default!;
    [Inject] private GateDrains Drains { get; set; } = default!;
    [Inject] private GateHistory Histories { get; set; } = default!;
    [Inject] private IEnumerable<ISiteSessions> Sessions { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;
    [Inject] private ActorSource Actors { get; set; } = default!;
    [Inject] private TimeProvider Clock { get; set; } = default!;

    private IReadOnlyList<GateHappening>? History { get; set; }
    private GateDrain? Drain => Drains.Of(Gate.Site);
    private List<InstanceView> Live => [.. Gate.Instances.Where(i => i.Live)];
    /// <summary>What the instances say, else what the site's own table says.</summary>
    private int? Left => Gate.SessionsLeft ?? LoggedIn?.Count;
    private DateTimeOffset? SessionsSeen => Live.Where(i => i.SessionsLeft is not null).Select(i => (DateTimeOffset?)i.HeardAt).Min() ?? (LoggedIn?.Count is null ? null : LoggedIn.At);
    private DateTimeOffset? DatabasesSeen => Gate.Evidence.Where(e => e.What.StartsWith("Connections of", StringComparison.Ordinal)).Select(e => e.At).Min();
    private int NextThaw => ThawSteps.FirstOrDefault(s => s > (Gate.Share ?? -1), -1);

    /// <summary>The instances have a table of their own; databases of which the same was found share a line, as old as the oldest.</summary>
    private IEnumerable<EvidenceView> Lines => Gate.Evidence.Where(e => e.What != "Instances")
        .GroupBy(e => (Kind: e.What.Split(" of ")[0].Split(" in ")[0], e.Found, e.Holds))
        .Select(g => g.Count() == 1 ? g.First() : g.First() with { What = g.Key.Kind, Found = $"{g.Key.Found}, in {g.Count()} databases", At = g.Min(e => e.At) });

    protected override async Task OnParametersSetAsync()
    {
        if (historyOpen) { await ReadHistory(); }
    }

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
        { Frozen: true, Depth: FreezeDepth.Logins } => "nobody new; who is logged in stays",
        { Frozen: true, Trial: false } => "nobody; the console itself",
        { Frozen: false, State: "open" } => "everybody",
        _ when Gate.StaffUsers.Count + Gate.StaffAddresses.Count == 0 => "no staff is named; the console itself",
        _ => "staff: " + string.Join(", ", Gate.StaffUsers.Concat(Gate.StaffAddresses)),
    };

    private string ShutText => Gate.SiteRoles.Count == 0 ? $"Close {string.Join(" and ", Gate.Databases)} to the site {Gate.Site}" : $"Shut {RolesText} out of {string.Join(" and ", Gate.Databases)}";

    private string RolesText => Gate.SiteRoles.Count == 0 ? Gate.Site : string.Join(" and ", Gate.SiteRoles);

    private string Acked(InstanceView instance) => instance.Version >= Gate.Version ? $"version {instance.Version}" : instance.Version == 0 ? "none yet" : $"still at {instance.Version}";

    private string? MayFreeze => Permissions.GateFreeze with { StepUp = false } is var right ? right.Refuse(Actor, Clock.GetUtcNow())?.Text : null;
    private string? MayThaw => Gate.HeldBy is not null ? "A window holds this gate; it is thawed there." : Permissions.GateThaw.Refuse(Actor, Clock.GetUtcNow())?.Text;
    private string? MayDrain => Drains.Refuse(Actor, Gate.Site)?.Text;
    private string? MayEnd => Permissions.SessionEnd.Refuse(Actor, Clock.GetUtcNow())?.Text ?? (!Sessions.Any() || LoggedIn is null ? "Nobody can tell who is logged in." : LoggedIn.EndClosed)
        ?? (LoggedIn!.Count is null ? LoggedIn.Because : LoggedIn.Count == 0 ? "Nobody is left." : null);

    private RenderFragment Depth(FreezeDepth depth, string word, string says, DateTimeOffset? seen) => builder =>
    {
        var mark = Gate.Depth == depth ? Mark.Frozen : Gate.Depth > depth || (depth == FreezeDepth.Databases && Gate.DatabasesClosed) ? Mark.Ok : Mark.Waits;
        builder.OpenElement(0, "div");
        builder.AddAttribute(1, "class", $"depth {(Gate.Depth == depth ? "is-frozen" : null)}");
        builder.OpenElement(2, "b");
        builder.OpenComponent<StateMark>(3);
        builder.AddComponentParameter(4, nameof(StateMark.Mark), mark);
        builder.AddComponentParameter(5, nameof(StateMark.Word), word);
        builder.CloseComponent();
        builder.CloseElement();
        builder.OpenElement(6, "span");
        builder.AddContent(7, says);
        // Its evidence is as old as this.
        if (seen is { } at && Gate.Frozen)
        {
            builder.AddContent(8, ", seen ");
            builder.OpenComponent<TimeText>(9);
            builder.AddComponentParameter(10, nameof(TimeText.At), at);
            builder.AddComponentParameter(11, nameof(TimeText.Kind), TimeKind.Since);
            builder.CloseComponent();
            builder.AddContent(12, " ago");
        }
        builder.CloseElement();
        builder.CloseElement();
    };

    /// <summary>What nobody can tell is lit where the certainty of a freeze hangs on it, and quiet at an open gate.</summary>
    private Mark Untold => Gate.Frozen ? Mark.Unknown : Mark.Waits;

    private RenderFragment Figure(string label, int? value, Mark? mark) => builder =>
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
            builder.AddComponentParameter(8, nameof(StateMark.Mark), mark ?? Untold);
            builder.AddComponentParameter(9, nameof(StateMark.Word), value is { } n ? $"{n}" : "unknown");
            if (mark is null && !Gate.Frozen) { builder.AddComponentParameter(10, nameof(StateMark.Class), "is-untold"); }
            builder.CloseComponent();
        }
        builder.CloseElement();
        builder.CloseElement();
    };

    private Task ToggleHistory()
    {
        (historyOpen, historyOf) = (!historyOpen, null);
        return historyOpen ? ReadHistory() : Task.CompletedTask;
    }

    // Read again when the gate has moved, not with every tick of the page.
    private async Task ReadHistory()
    {
        var now = (Gate.Version, Gate.Certain.Is, Drain is null ? 0 : 1);
        if (historyOf == now) { return; }
        historyOf = now;
        History = await Histories.Read(Actor, Gate.Site, CancellationToken.None);
    }

    private Task Freeze(FreezeDepth depth) => Once($"freeze {depth}", async () =>
    {
        var (verb, consequence) = depth switch
        {
            FreezeDepth.Logins => ($"Freeze logins of {Gate.Site}", "New logins are refused; sessions go on."),
            FreezeDepth.Everyone => ($"Put everyone out of {Gate.Site}", "New logins are refused and sessions are ended."),
            _ => (ShutText, "The engine refuses the site's roles and ends what is connected; open work there is lost."),
        };
        var along = depth == FreezeDepth.Databases ? Gate.AlsoHit : [];
        List<ConfirmFact> facts = [new("Instances told", $"{Live.Count}"), new("Logged in", Left is { } left ? $"{left}" : "unknown"), new("Site connections", Gate.Connections is { } n ? $"{n}" : "unknown"), new("Background work", "told to stop")];
        if (along.Count > 0) { facts.Add(new("Also put out", string.Join(", ", along), true)); }
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{verb}?", along.Count > 0 ? $"{verb}, and freeze {string.Join(" and ", along)}" : verb, "Leave it as it is", facts)
        {
            Text = consequence,
            ReasonNeeded = true,
            WordsLabel = "What members read",
            Words = Gate.Message ?? Standard,
            StepUp = !(Actor.SteppedUpUntil > Clock.GetUtcNow()),
        }, password => Proof.Prove(Actor, password));
        if (yes is null) { return; }
        await With(async actor => (await Gates.Freeze(actor, Gate.Site, depth, yes.Words, yes.Reason, along.Count > 0, CancellationToken.None)).Refusal);
    });

    private Task Thaw(int share) => Once($"thaw {share}", async () =>
    {
        var what = share switch { 0 => $"Thaw {Gate.Site} to staff", 100 => $"Open {Gate.Site} to everybody", _ => $"Thaw {Gate.Site} to {share} percent of members" };
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{what}?", what, "Leave it as it is",
            [new("Let in now", Gate.Share is { } now ? $"staff and {now} %" : "nobody"), new("Databases", Gate.DatabasesClosed ? "let the site's roles in again first" : "let the site's roles in"), new("Background work", share == 100 ? "told to run" : "stays stopped")])
        { Danger = false });
        if (yes is not null) { await With(async actor => (await Gates.Thaw(actor, Gate.Site, share, CancellationToken.None)).Refusal); }
    });

    private Task BeginDrain() => Once("drain", () => With(actor => Drains.Begin(actor, Gate.Site, CancellationToken.None)));

    private Task EndLeft() => Once("end", async () =>
    {
        var count = LoggedIn?.Count ?? 0;
        var what = $"End the {count} left on {Gate.Site}";
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{what}?", what, "Leave them logged in", [new("Logged in", $"{count}"), new("Ended by", "the site's own SQL")])
        {
            Text = "They have to sign in again. What they had not sent is lost to them.",
            StepUp = !(Actor.SteppedUpUntil > Clock.GetUtcNow()),
        }, password => Proof.Prove(Actor, password));
        if (yes is null) { return; }
        await With(async actor => Sessions.FirstOrDefault() is { } sessions ? (await sessions.EndAll(actor, Gate.Site, CancellationToken.None)).Refusal : null);
    });

    // A second press of the same button while the first is asked or under way was meant for the first.
    private async Task Once(string what, Func<Task> act)
    {
        if (!pressed.Add(what)) { return; }
        try { await act(); }
        finally { pressed.Remove(what); }
    }

    /// <summary>Who acts is asked again at the moment of the act.</summary>
    private async Task With(Func<Actor, Task<Refusal?>> act) =>
        await Answered.InvokeAsync(await Actors.Current(CancellationToken.None) is { } actor ? await act(actor) : new Refusal(RefusalCode.Unauthorized, "You are signed out. Nothing was done."));
}
