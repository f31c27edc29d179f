using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>One transaction at a time: what it changes, and what this person may do with it. Nothing can be pressed before the preview is drawn.</summary>
public sealed partial class DeskPage
{
    private static readonly TimeSpan Deaf = TimeSpan.FromMilliseconds(400), PreviewHolds = TimeSpan.FromSeconds(10);
    private PageKeys? keys;
    private string? previewOf;
    private bool busy;

    [Parameter] public string? Id { get; set; }
    [Inject] private QueueService Queue { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private QueueStanding? Standing { get; set; }
    private IReadOnlyList<TransactionView> List { get; set; } = [];
    private IReadOnlyList<NeighbourView> Neighbours { get; set; } = [];
    private TransactionView? Current { get; set; }
    private TransactionView? Done { get; set; }
    private PreviewView? Preview { get; set; }
    private string? PreviewWords { get; set; }
    private string? Said { get; set; }

    protected override IReadOnlyList<string> Hears => [Topics.Queue, Topics.Windows];
    protected override string WaitsFor => "the queue";

    private IReadOnlyList<PageKey> Keys =>
    [
        new("c", "commit", () => Press("commit", Commit)), new("a", "approve", () => Press("approve", Approve)), new("r", "reject, asks for the reason", () => Press("reject", Reject)),
        new("h", "hold, asks for the reason", () => Press("hold", Hold)), new("u", "put a held one back", () => Press("unhold", Unhold)), new("j", "next", () => Go(1)), new("k", "previous", () => Go(-1)),
        new("p", "run the preview again", () => May("preview") ? Look() : Task.CompletedTask),
    ];

    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && Current is not null && Id is not null && Id != Current.Id) { await ReadAgain(); }
    }

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        var standing = await Queue.Standing(actor, token);
        if (standing.Refusal is { } no) { return no; }
        Standing = standing.Value;
        var pending = await Queue.List(actor, QueuedStatus.Pending, null, 200, token);
        var approved = await Queue.List(actor, QueuedStatus.Approved, null, 200, token);
        List = [.. (pending.Value?.Items ?? []).Concat(approved.Value?.Items ?? []).OrderBy(t => t.Sequence)];
        // One that waits for an earlier one is not offered first; it is there when somebody goes to it.
        var wanted = Id ?? (Current is { } was && List.Any(t => t.Id == was.Id) ? was.Id : (List.FirstOrDefault(t => t.WaitsFor is null) ?? (List.Count > 0 ? List[0] : null))?.Id);
        var current = wanted is null ? null : (await Queue.Get(actor, wanted, token)).Value;
        var changed = current?.Id != Current?.Id;
        Current = current;
        Neighbours = current is null ? [] : (await Queue.Neighbours(actor, current.Id, token)).Value ?? [];
        var version = current is null ? null : $"{current.Id} {current.Status} {current.Attempt}";
        if (version != previewOf && RendererInfo.IsInteractive)
        {
            (previewOf, Preview, PreviewWords) = (version, null, null);
            await RunPreview(actor, token);
            if (changed && keys is not null) { await keys.HushAsync(Deaf); }
        }
        return null;
    }

    private async Task RunPreview(Actor actor, CancellationToken token)
    {
        if (Current is not { } it || !it.Can.Contains("preview")) { return; }
        var answer = await Queue.Preview(actor, it.Id, token);
        (Preview, PreviewWords) = (answer.Value, answer.Refusal?.Text);
    }

    private Task Press(string verb, Func<Task> act) => Closed(verb) ? Task.CompletedTask : act();
    private bool May(string verb) => Current?.Can.Contains(verb) == true && !busy;

    /// <summary>Null: open to this person now.</summary>
    private string? Why(string verb) => Current?.Cannot.GetValueOrDefault(verb) is { } rule ? rule
        : verb is "commit" or "approve" && Preview is null ? PreviewWords ?? "The preview has not been drawn yet."
        : verb is "commit" && Preview is { WouldCommit: false } ? "The database would refuse it." : null;

    private bool Closed(string verb) => !May(verb) || Why(verb) is not null;

    private async Task Look()
    {
        previewOf = null;
        await ReadAgain();
    }

    private async Task Commit()
    {
        if (Current is not { } it || Preview is not { } seen || Actor is not { } actor) { return; }
        if (Clock.GetUtcNow() - seen.At > PreviewHolds)
        {
            await RunPreview(actor, Gone);
            if (Preview is null || !Preview.Evidence.SequenceEqual(seen.Evidence) || !Preview.WouldCommit)
            {
                Said = "The database has changed since the preview was drawn. Look at the figures again.";
                return;
            }
        }
        await Do(it, (who, token) => Queue.Commit(who, it.Id, token), proofFor: "Commit");
    }

    private Task Approve() => Current is { } it ? Do(it, (who, token) => Queue.Approve(who, it.Id, token)) : Task.CompletedTask;
    private Task Unhold() => Current is { } it ? Do(it, (who, token) => Queue.Unhold(who, it.Id, token)) : Task.CompletedTask;
    private Task Reject() => WithReason("Reject", "It stays in the queue", "Reason, for the team", danger: true, (id, who, reason, token) => Queue.Reject(who, id, reason, null, token));
    private Task Hold() => WithReason("Hold", "Leave it", "Reason, for the team", danger: false, (id, who, reason, token) => Queue.Hold(who, id, reason, null, token));

    private async Task WithReason(string verb, string stay, string label, bool danger, Func<string, Actor, string, CancellationToken, Task<Answer<TransactionView>>> act)
    {
        if (Current is not { } it) { return; }
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{verb} {Sentence(it)}?", $"{verb} {it.Kind}", stay, [new("Site", it.Site), new("Posted", it.Key)])
            { Danger = danger, ReasonNeeded = true, ReasonLabel = label });
        if (yes?.Reason is { } reason) { await Do(it, (who, token) => act(it.Id, who, reason, token)); }
    }

    /// <summary>Asks who acts now, acts, and shows what came of it.</summary>
    private async Task Do(TransactionView it, Func<Actor, CancellationToken, Task<Answer<TransactionView>>> act, string? proofFor = null)
    {
        if (busy) { return; }
        (busy, Said) = (true, null);
        try
        {
            if (await Actors.Current(Gone) is not { } actor) { Said = "You are signed out."; return; }
            var answer = await act(actor, Gone);
            if (answer.Refusal?.Code == RefusalCode.StepUpNeeded && proofFor is not null)
            {
                var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{proofFor} {Sentence(it)}?", $"{proofFor} {it.Kind}", "Leave it", [new("Above the limit", "two people, and a fresh proof of the second")]) { Danger = false, StepUp = true });
                if (yes?.Proof is not { } proof) { return; }
                if (!await Proof.Prove(actor, proof)) { Said = "That was not your password, or the account is locked."; return; }
                answer = await Actors.Current(Gone) is { } proven ? await act(proven, Gone) : answer;
            }
            Said = answer.Refusal?.Text;
            if (answer.Value is { Status: QueuedStatus.Committed } committed) { Done = committed; }
            if (answer.Refusal is null && answer.Value is { Status: not (QueuedStatus.Approved or QueuedStatus.Pending) }) { await Next(it); }
        }
        finally
        {
            busy = false;
        }
        await ReadAgain();
    }

    private Task Next(TransactionView it)
    {
        var next = List.FirstOrDefault(t => t.Sequence > it.Sequence && t.WaitsFor is null) ?? List.FirstOrDefault(t => t.Id != it.Id);
        Navigation.NavigateTo(next is null ? "queue" : $"queue/{next.Id}");
        Id = next?.Id;
        if (next is null) { Current = null; }
        return Task.CompletedTask;
    }

    private Task Go(int step)
    {
        if (List.Count == 0) { return Task.CompletedTask; }
        var at = List.ToList().FindIndex(t => t.Id == Current?.Id);
        var next = List[(((at < 0 ? 0 : at + step) % List.Count) + List.Count) % List.Count];
        Said = null;
        Navigation.NavigateTo($"queue/{next.Id}");
        return Task.CompletedTask;
    }

    private int Count(QueuedStatus status) => Standing?.Sums.FirstOrDefault(s => s.Status == status)?.Count ?? 0;
    private int Total => Standing?.Sums.Sum(s => s.Count) ?? 0;
    private int Decided => Count(QueuedStatus.Committed) + Count(QueuedStatus.Rejected);
    private int Waiting => Count(QueuedStatus.Pending) + Count(QueuedStatus.Approved);
    private double Share(QueuedStatus status) => Total == 0 ? 0 : (double)Count(status) / Total;
    private int Place => Neighbours.ToList().FindIndex(n => n.Id == Current?.Id) + 1;
    private string Name(string name) => name == Actor?.Name ? "You" : name;

    private string EmptyText
    {
        get
        {
            var committed = Standing?.Sums.FirstOrDefault(s => s.Status == QueuedStatus.Committed);
            var sums = committed is null || committed.Sums.Count == 0 ? "" : " " + string.Join(", ", committed.Sums.Select(m => $"{Figure(m.Value)} {m.Currency}"));
            return $"{Count(QueuedStatus.Committed)} committed{sums}, {Count(QueuedStatus.Rejected)} rejected, {Count(QueuedStatus.Held)} held";
        }
    }

    private static Mark StatusMark(QueuedStatus status) => status switch
    {
        QueuedStatus.Committed => Mark.Ok, QueuedStatus.Held => Mark.Attention, QueuedStatus.InDoubt => Mark.Unknown, QueuedStatus.Committing => Mark.Running,
        QueuedStatus.Rejected => Mark.Refused, _ => Mark.Waits,
    };

    private static string Title(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
    private static string Figure(string amount) => Spoken.Money(decimal.Parse(amount, CultureInfo.InvariantCulture));
    private static string Sentence(TransactionView it) => it.Amount is { } amount ? $"{it.Kind} of {Figure(amount.Value)} {amount.Currency}, {Who(it)}" : $"{it.Kind}, {Who(it)}";

    /// <summary>The fields that are no amount, in the order in which they stand.</summary>
    private static string Who(TransactionView it) => string.Join(", ", it.Fields.EnumerateObject().Where(f => f.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        .Select(f => $"{f.Name} {Short(f.Value.ToString())}"));

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private static string Change(EvidenceView line)
    {
        if (!decimal.TryParse(line.Before, NumberStyles.Number, CultureInfo.InvariantCulture, out var before) || !decimal.TryParse(line.After, NumberStyles.Number, CultureInfo.InvariantCulture, out var after))
        {
            return line.Before is not null && line.Before == line.After ? "none" : "";
        }
        var change = after - before;
        return change == 0 ? "none" : before.Scale > 0 || after.Scale > 0 ? Spoken.Money(change, signed: true) : (change > 0 ? "+" : "−") + Math.Abs(change).ToString("#,##0", CultureInfo.InvariantCulture);
    }
}
