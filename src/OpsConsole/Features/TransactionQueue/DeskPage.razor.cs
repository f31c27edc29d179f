using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>One transaction at a time: what it changes, and what this person may do with it. Nothing can be pressed before the preview is drawn.</summary>
public sealed partial class DeskPage
{
    private static readonly TimeSpan PreviewHolds = TimeSpan.FromSeconds(10), ClaimAgain = TimeSpan.FromSeconds(15);
    private DeskSide? side;
    private string? claimed, led;
    private Drawn? drawn;
    private DateTimeOffset claimedAt;
    private bool busy, pressed, evidence, looksAhead;

    /// <summary>What this person did last, or what somebody else did before them.</summary>
    /// <param name="Undo">what U does about it; null: nothing can be done any more</param>
    private sealed record Deed(Mark Mark, string Word, string Fact, DateTimeOffset? At = null, string? Undo = null, string? Id = null, string? Verb = null);
    /// <summary>What the preview of one row said, or why there is none. It counts for that row as it was and for no other, whatever the desk reads meanwhile.</summary>
    private sealed record Drawn(string Of, PreviewView? Shown, string? Words);
    private sealed record Sight(string Id, PreviewView Shown);

    [Parameter] public string? Id { get; set; }
    /// <summary>A part of the queue to begin with: held, two for what needs two people, or a kind.</summary>
    [SupplyParameterFromQuery(Name = "show")] public string? Part { get; set; }
    [Inject] private QueueService Queue { get; set; } = default!;
    [Inject] private DeskService Room { get; set; } = default!;
    [Inject] private ConsoleSettings Settings { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private QueueStanding? Standing { get; set; }
    private IReadOnlyList<TransactionView> List { get; set; } = [];
    private IReadOnlySet<string> Elsewhere { get; set; } = new HashSet<string>();
    private DeskView? Desk { get; set; }
    private TransactionView? Current => Desk?.It;
    private Drawn? Here => Current is { } it && drawn?.Of == Version(it) ? drawn : null;
    private PreviewView? Preview => Here?.Shown;
    private string? PreviewWords => Here?.Words;
    private Sight? Ahead { get; set; }
    private Deed? Last { get; set; }
    private string? Said { get; set; }
    private string Filter { get; set; } = "";

    protected override IReadOnlyList<string> Hears => [Topics.Queue, Topics.Windows];
    protected override TimeSpan? Tick => ClaimAgain;
    protected override string WaitsFor => "the queue";

    private IReadOnlyList<string> Kinds => [.. Settings.Estate.TransactionKinds.Select(k => k.Name)];
    // Where the database would refuse, everything stays as it is: that is known, and is said.
    private IReadOnlyList<EvidenceView>? Evidence => Preview is { WouldCommit: false } refused ? [.. refused.Evidence.Select(e => e with { After = e.Before })] : Preview?.Evidence ?? Current?.Result?.ReadBack;
    private IReadOnlyList<EvidenceView> Names => [.. (Evidence ?? []).Where(DeskText.IsName)];

    private IReadOnlyList<TransactionView> Visible => [.. List.Where(t => Filter switch
    {
        "" => t.Status != QueuedStatus.Held, "held" => t.Status == QueuedStatus.Held, "two" => t.AboveLimit && t.Status != QueuedStatus.Held, _ => t.Kind == Filter && t.Status != QueuedStatus.Held,
    })];

    /// <summary>This person has a word to say on it now: commits it, or is the second person that it needs.</summary>
    private static bool IsMine(TransactionView t) => t.Can.Contains("commit") || (t.AboveLimit && t.Can.Contains("approve"));

    /// <summary>The one after this that somebody can decide now and nobody else has open.</summary>
    private TransactionView? NextOne
    {
        get
        {
            var free = Visible.Where(t => t.Id != Current?.Id && t.WaitsFor is null && !Elsewhere.Contains(t.Id)).ToList();
            if (free.Where(IsMine).ToList() is { Count: > 0 } mine) { free = mine; }
            return free.FirstOrDefault(t => t.Sequence > (Current?.Sequence ?? 0)) ?? (free.Count > 0 ? free[0] : null);
        }
    }

    private DateTimeOffset? EndsAt => Standing is { SecondsEach: { } each, Waiting: > 0 and var left } ? Clock.GetUtcNow().AddSeconds(each * left) : null;

    private IReadOnlyList<PageKey> Keys => letters ??=
    [
        new("c", "commit; above the limit it asks, and Enter confirms", () => Press("commit", Current?.Id, Commit)), new("s", "be the second person: approve", () => Press("approve", Current?.Id, Approve)),
        new("a", "approve, the same as S", () => Press("approve", Current?.Id, Approve)), new("r", "reject, asks for the reason", () => Press("reject", Current?.Id, Reject)), new("h", "hold, asks for the reason", () => Press("hold", Current?.Id, Hold)),
        new("u", "take your last word back, until it commits", Undo), new("j", "next", () => Go(1)), new("k", "previous", () => Go(-1)),
        new("e", "evidence: the statements and the fields", ShowEvidence), new("n", "write a note", () => side?.WriteNote() ?? Task.CompletedTask), new("p", "run the preview again", () => May("preview") ? Look() : Task.CompletedTask),
    ];
    private IReadOnlyList<PageKey>? letters;
    private string Shown() => Current?.Id ?? "";
    private static string Version(TransactionView it) => $"{it.Id} {it.Status} {it.Attempt}";

    protected override async Task OnParametersSetAsync()
    {
        // Heard where it changes, so that the same link leads there again.
        if (Part != led)
        {
            led = Part;
            if (Part is { } part && (part is "held" or "two" || Kinds.Contains(part)))
            {
                Filter = part;
                if (Loaded) { await ReadAgain(); }
            }
        }
        if (Loaded && Id is not null && Id != Current?.Id) { await ReadAgain(); }
    }

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        var standing = await Room.Standing(actor, token);
        if (standing.Refusal is { } no) { return no; }
        Standing = standing.Value;
        var items = new List<TransactionView>();
        foreach (var status in (QueuedStatus[])[QueuedStatus.Pending, QueuedStatus.Approved, QueuedStatus.Held]) { items.AddRange((await Queue.List(actor, status, null, 200, token)).Value?.Items ?? []); }
        List = [.. items.OrderBy(t => t.Sequence)];
        Elsewhere = (await Room.OpenElsewhere(actor, token)).Value ?? Elsewhere;
        var was = Current;
        var now = was is null ? null : (await Queue.Get(actor, was.Id, token)).Value;
        // One that waits for an earlier one, or that somebody else has open, is not offered first; it is there when somebody goes to it.
        var wanted = Id ?? (now is not null && (now.Status == QueuedStatus.Committing || Visible.Any(t => t.Id == now.Id)) ? now.Id
            : (Visible.FirstOrDefault(t => t.WaitsFor is null && !Elsewhere.Contains(t.Id) && IsMine(t)) ?? Visible.FirstOrDefault(t => t.WaitsFor is null && !Elsewhere.Contains(t.Id)) ?? Visible.FirstOrDefault(t => t.WaitsFor is null) ?? (Visible.Count > 0 ? Visible[0] : null))?.Id);
        Desk = wanted is null ? null : (await Room.Look(actor, wanted, token)).Value;
        if (Current?.Id == now?.Id) { now = Current; }
        // Who reads one that somebody else decides meanwhile learns it, pressed or not: a press can meet it while it is being committed.
        if (was is { DecidedBy: null } && now is { DecidedBy: { } by } && by != actor.Name) { Last = Lost(now, by); }
        if (!RendererInfo.IsInteractive) { return null; }
        await Claim(actor, token);
        if (was?.Id != Current?.Id) { evidence = false; }
        await Draw(actor, token);
        return null;
    }

    // Renewed while the page is there; a page that is gone lets it lapse.
    private async Task Claim(Actor actor, CancellationToken token)
    {
        var id = Current is { } it && it.Can.Count > 0 && actor.Is(Roles.Reviewer) ? it.Id : null;
        if ((id is null && claimed is null) || (id == claimed && Clock.GetUtcNow() - claimedAt < ClaimAgain)) { return; }
        (claimed, claimedAt) = (id, Clock.GetUtcNow());
        await Room.Claim(actor, id, token);
    }

    // A changed row makes its preview void; one that was made ahead counts as long as one made here.
    private async Task Draw(Actor actor, CancellationToken token)
    {
        if (Here is not null) { return; }
        var ahead = Ahead;
        Ahead = null;
        if (Current is { Status: QueuedStatus.Pending } it && ahead?.Id == it.Id && Clock.GetUtcNow() - ahead.Shown.At < PreviewHolds) { drawn = new Drawn(Version(it), ahead.Shown, null); }
        else { await RunPreview(actor, token); }
    }

    private async Task RunPreview(Actor actor, CancellationToken token)
    {
        if (Current is not { } it) { return; }
        if (!it.Can.Contains("preview")) { drawn = null; return; }
        var answer = await Queue.Preview(actor, it.Id, token);
        drawn = new Drawn(Version(it), answer.Value, answer.Refusal?.Text);
    }

    /// <summary>While this one is read, the next one is run.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (looksAhead || Preview is null || busy || NextOne is not { } next || !next.Can.Contains("preview") || Ahead?.Id == next.Id || Actor is not { } actor) { return; }
        looksAhead = true;
        try
        {
            if ((await Queue.Preview(actor, next.Id, Gone)).Value is { } shown)
            {
                Ahead = new Sight(next.Id, shown);
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) { /* The page was left. */ }
        finally
        {
            looksAhead = false;
        }
    }

    private string EmptyTitle => Standing is { DeskOpen: false, Window: { } window } ? $"The desk opens when {window.Name} is in review" : Filter.Length > 0 ? "Nothing of this in the queue" : Standing?.Count(QueuedStatus.Held) is > 0 and var held ? $"Nothing is left to decide, {held} held" : "Queue is empty";

    private string EmptyText
    {
        get
        {
            if (Standing is not { } s) { return ""; }
            var sums = s.SumsOf(QueuedStatus.Committed) is { Count: > 0 } m ? $" {DeskText.Sums(m)}" : "";
            var done = $"{s.Count(QueuedStatus.Committed)} committed{sums}, {s.Count(QueuedStatus.Rejected)} rejected, {s.Count(QueuedStatus.Held)} held.";
            return s.Total == 0 ? "What a site cannot commit itself is put here." : s.Waiting > 0 ? $"{s.Waiting} wait. {done}" : done;
        }
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
