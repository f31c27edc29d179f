using Microsoft.AspNetCore.Components;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What this person presses, and what came of it.</summary>
public sealed partial class DeskPage
{
    /// <summary>The verb with its target; a phone has room for the amount alone.</summary>
    private static RenderFragment Target(string verb, TransactionView it) => builder =>
    {
        builder.OpenElement(0, "span");
        builder.AddContent(1, $"{verb} ");
        builder.OpenElement(2, "span");
        builder.AddAttribute(3, "class", "wide-only");
        builder.AddContent(4, it.Amount is null ? it.Kind : $"{it.Kind} of ");
        builder.CloseElement();
        builder.AddContent(5, it.Amount is { } amount ? DeskText.Figure(amount.Value) : "");
        builder.CloseElement();
    };

    /// <param name="id">what was shown when it was pressed: where the desk has gone on, the press was meant for the one before</param>
    private async Task Press(string verb, string? id, Func<Task> act)
    {
        // A second press while the first is asked or under way was meant for the first.
        if (id != Current?.Id || pressed) { return; }
        if (!Closed(verb))
        {
            pressed = true;
            try { await act(); }
            finally { pressed = false; }
        }
        // A press is never passed over in silence where somebody else was faster.
        else if (Current is { } it && (it.DecidedBy ?? it.CommittedBy) is { } by && by != Actor?.Name)
        {
            Last = Lost(it, by);
            StateHasChanged();
        }
    }

    private bool May(string verb) => Current?.Can.Contains(verb) == true && !busy;

    /// <summary>Null: open to this person now.</summary>
    private string? Why(string verb) => Current?.Cannot.GetValueOrDefault(verb) is { } rule
            ? verb is "commit" && Current.WaitsFor is { } first && Desk?.Order.FirstOrDefault(n => n.Id == first) is { } before ? $"Number {before.Sequence} of {DeskText.Keys(Current.OrderKeys)} was captured before it and is not decided." : rule
        : verb is "approve" && Current is { AboveLimit: false } ? "It is not above the limit and needs no second person."
        : verb is "approve" && Desk is { OnlyTheyCommit: true } ? "Nobody else may commit, so the approval is left to an approver: then you commit it."
        : verb is "unhold" ? null : Preview is null ? PreviewWords ?? "The preview has not been drawn yet."
        : verb is "commit" && Preview is { WouldCommit: false } ? "The database would refuse it." : null;

    private bool Closed(string verb) => !May(verb) || Why(verb) is not null;

    private async Task Look()
    {
        (drawn, Ahead) = (null, null);
        await ReadAgain();
    }

    private Task ShowEvidence()
    {
        evidence = !evidence;
        StateHasChanged();
        return Task.CompletedTask;
    }

    private async Task Choose(string filter)
    {
        Filter = filter;
        (Id, Desk, Said) = (null, null, null);
        Navigation.NavigateTo("queue");
        await ReadAgain();
    }

    private async Task Commit()
    {
        if (Current is not { } it || Preview is not { } seen || Actor is not { } actor) { return; }
        if (Clock.GetUtcNow() - seen.At > PreviewHolds && !await IsAsSeen(actor, seen)) { return; }
        if (!it.AboveLimit) { await Do(it, "commit", (who, token) => Queue.Commit(who, it.Id, token)); return; }
        var needed = !(actor.SteppedUpUntil > Clock.GetUtcNow());
        var changes = seen.Evidence.Where(e => !DeskText.IsName(e) && e.Before != e.After).Select(e => new ConfirmFact(e.Label, $"{DeskText.Value(e.Before)} → {DeskText.Value(e.After)}", true));
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"Commit {DeskText.Sentence(it)}?", $"Commit {it.Kind}", "Leave it approved",
            [.. changes, new("Approved by", it.Approval?.By ?? ""), new("Content", Spoken.Hash(it.PayloadSha256))])
        { Danger = false, StepUp = needed, EnterConfirms = true }, password => Proof.Prove(actor, password));
        if (yes is null) { return; }
        await Do(it, "commit", (who, token) => Queue.Commit(who, it.Id, token));
    }

    // The figures that were read are the figures that are committed.
    private async Task<bool> IsAsSeen(Actor actor, PreviewView seen)
    {
        await RunPreview(actor, Gone);
        if (Preview is { WouldCommit: true } now && now.Evidence.SequenceEqual(seen.Evidence)) { return true; }
        Said = Preview is { WouldCommit: true } ? "The database has changed since the preview was drawn. Look at the figures again." : PreviewWords ?? $"The database would refuse it now: {Preview?.Refusal}";
        StateHasChanged();
        return false;
    }

    /// <summary>Makes the preview older than it is, so that its age can be tried without waiting for it.</summary>
    internal void SetBack(TimeSpan span) => drawn = drawn! with { Shown = Preview! with { At = Preview.At - span } };

    private Task Approve() => Current is { } it ? Do(it, "approve", (who, token) => Queue.Approve(who, it.Id, token)) : Task.CompletedTask;
    private Task Unhold() => Current is { } it ? Do(it, "unhold", (who, token) => Queue.Unhold(who, it.Id, token)) : Task.CompletedTask;
    private Task Reject() => WithReason("Reject", "It stays in the queue", danger: true, (id, who, reason, token) => Queue.Reject(who, id, reason, null, token));
    private Task Hold() => WithReason("Hold", "Leave it", danger: false, (id, who, reason, token) => Queue.Hold(who, id, reason, null, token));

    private async Task WithReason(string verb, string stay, bool danger, Func<string, Actor, string, CancellationToken, Task<Answer<TransactionView>>> act)
    {
        if (Current is not { } it) { return; }
        var behind = Desk!.Order.Count(n => n.Sequence > it.Sequence);
        List<ConfirmFact> about = [new("Site", it.Site), new("Key", it.Key)];
        if (!danger && behind > 0) { about.Add(new("Wait behind it", $"{behind} of {DeskText.Keys(it.OrderKeys)}", true)); }
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{verb} {DeskText.Sentence(it)}?", $"{verb} {it.Kind}", stay, about) { Danger = danger, ReasonNeeded = true, ReasonLabel = "Reason, for the team and the audit log" });
        if (yes?.Reason is { } reason) { await Do(it, verb.ToLowerInvariant(), (who, token) => act(it.Id, who, reason, token)); }
    }

    /// <summary>Takes back what this person did last, or what stands on the one that is shown: a hold, or the own approval.</summary>
    private Task Undo()
    {
        var (id, verb) = Current switch
        {
            { Status: QueuedStatus.Held } it => (it.Id, "unhold"),
            { Status: QueuedStatus.Approved } it when it.Approval?.By == Actor?.Name => (it.Id, "withdraw"),
            _ => (Last?.Id, Last?.Verb),
        };
        return id is null || verb is null || busy ? Task.CompletedTask : TakeBack(id, verb);
    }

    private async Task TakeBack(string id, string verb)
    {
        if (Actor is not { } actor || (await Queue.Get(actor, id, Gone)).Value is not { } it) { return; }
        await Do(it, verb, (who, token) => verb == "unhold" ? Queue.Unhold(who, id, token) : Queue.Withdraw(who, id, token));
    }

    /// <summary>Asks who acts now, acts, and shows what came of it.</summary>
    private async Task Do(TransactionView it, string verb, Func<Actor, CancellationToken, Task<Answer<TransactionView>>> act)
    {
        if (busy) { return; }
        (busy, Said) = (true, null);
        try
        {
            if (await Actors.Current(Gone) is not { } actor) { Said = "You are signed out. Nothing was done."; return; }
            var answer = await act(actor, Gone);
            var now = answer.Value ?? (await Queue.Get(actor, it.Id, Gone)).Value;
            if (now is { DecidedBy: { } by } && by != actor.Name) { Last = Lost(now, by); }
            else if (answer.Refusal is { } refusal) { (Said, Last) = (refusal.Text, null); }
            else if (now is not null) { Last = Done(now, verb); }
            if (verb is "commit" or "reject" or "hold" && now is { Status: not (QueuedStatus.Approved or QueuedStatus.Pending) }) { Next(it); }
            else if (verb is "unhold" or "withdraw") { Show(it.Id); }
            else if (verb is "approve" && now is { Status: QueuedStatus.Approved } && NextOne is { } waiting && IsMine(waiting)) { Show(waiting.Id); }
            // What is pressed before the desk shows what came of it was meant for the one that was decided.
            await ReadAgain();
        }
        finally
        {
            busy = false;
            StateHasChanged();
        }
    }

    private static Deed Done(TransactionView now, string verb) => (verb, now.Status) switch
    {
        ("commit", QueuedStatus.Committed) => new(Mark.Ok, $"Committed {DeskText.Sentence(now)}", ReadBack(now)),
        ("commit", _) => new(Mark.Unknown, $"Not known yet: {DeskText.Sentence(now)}", "its marker is read every few seconds, and says what became of it"),
        ("reject", _) => new(Mark.Refused, $"Rejected {DeskText.Sentence(now)}", now.Reason ?? ""),
        ("hold", _) => new(Mark.Attention, $"Held {DeskText.Sentence(now)}", now.Reason ?? "", Undo: "Put it back", Id: now.Id, Verb: "unhold"),
        ("approve", _) => new(Mark.Ok, $"Approved {DeskText.Sentence(now)}", "another person commits it", Undo: "Withdraw it", Id: now.Id, Verb: "withdraw"),
        ("withdraw", _) => new(Mark.Ok, $"Withdrew your approval of {DeskText.Sentence(now)}", ""),
        _ => new(Mark.Ok, $"Put back {DeskText.Sentence(now)}", ""),
    };

    /// <summary>Somebody was faster: who, when, and what the database shows since then.</summary>
    private static Deed Lost(TransactionView now, string by) => new(
        Mark.Attention, $"{by} was faster", $"{DeskText.Sentence(now)}: {QueuedTransaction.NameOf(now.Status)}{(now.Status == QueuedStatus.Committed ? $", {ReadBack(now)}" : now.Reason is { } r ? $", {r}" : "")}. Nothing was done twice.", now.DecidedAt);

    private static string ReadBack(TransactionView now) => now.Result is { ReadBack.Count: > 0 } result
        ? "read back: " + string.Join(", ", result.ReadBack.Where(e => !DeskText.IsName(e)).Select(e => $"{e.Label} {DeskText.Value(e.After)}")) : "its marker is in the database";

    private void Next(TransactionView it)
    {
        var next = NextOne ?? Visible.FirstOrDefault(t => t.Id != it.Id);
        if (next is null) { Desk = null; }
        Show(next?.Id);
    }

    private void Show(string? id)
    {
        Id = id;
        Navigation.NavigateTo(id is null ? "queue" : $"queue/{id}");
    }

    private async Task Go(int step)
    {
        if (Visible is not { Count: > 0 } list) { return; }
        var at = list.ToList().FindIndex(t => t.Id == Current?.Id);
        (Said, Last) = (null, null);
        Show(list[(((at < 0 ? 0 : at + step) % list.Count) + list.Count) % list.Count].Id);
        await ReadAgain();
    }

    private async Task AddNote(string text)
    {
        if (Current is not { } it) { return; }
        Said = await Actors.Current(Gone) is { } actor ? (await Room.Note(actor, it.Id, text, Gone)).Refusal?.Text : "You are signed out. Nothing was written.";
        await ReadAgain();
    }
}
