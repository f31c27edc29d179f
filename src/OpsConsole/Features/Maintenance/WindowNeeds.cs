using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>What the windows need a person for, and the board's one sentence.</summary>
public sealed class WindowNeeds(WindowService windows, TimeProvider time) : INeeds, IBoardLine
{
    public async Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token)
    {
        if ((await windows.Now(actor, token)).Value is not { } window) { return []; }
        var route = $"windows/{window.Id}";
        List<Need> needs = [];
        if (window.Decision is { } asked)
        {
            needs.Add(new(WindowWords.Phase(window).Mark, $"{window.Name}, step {asked.Step} was seen as {WindowWords.Seen(asked.Observed)}", window.Current?.EndedAt, May(actor, "retry") ? "Decide" : "See it", route));
        }
        if (window.Task is { } task && May(actor, "note")) { needs.Add(new(Mark.YouPress, $"Task {task.Number}: {task.Subject}", null, "Do it", route)); }
        if (window.Open("finalize") && window.Undecided.IsClear && May(actor, "finalize")) { needs.Add(new(Mark.YouPress, $"Finalize {window.Name}", null, "See it", route)); }
        if (window.Open("start") && May(actor, "start") && !(window.OpensAt > time.GetUtcNow())) { needs.Add(new(Mark.YouPress, $"{window.Name} is approved and can be started", null, "See it", route)); }
        if (window.Open("approve") && May(actor, "approve")) { needs.Add(new(Mark.YouPress, $"{window.Name} waits for an approval", null, "See it", route)); }
        if (window.WayBack.IsLate(time.GetUtcNow()) && window.Is("running", "needsDecision", "reviewing"))
        {
            needs.Add(new(Mark.Attention, $"A rollback of {window.Name} would end after the window", window.WayBack.TurnBackAt, "See it", route));
        }
        return needs;
    }

    private bool May(Actor actor, string verb) => (WindowService.RightOf(verb) with { StepUp = false }).Refuse(actor, time.GetUtcNow()) is null;

    // While it runs the strip above the board says it all.
    async Task<string?> IBoardLine.Read(Actor actor, CancellationToken token) =>
        (await windows.Now(actor, token)).Value is not { } window ? null : window.StartedAt is not null && !window.Is("closed", "abandoned") ? "" : Sentence(window, time.GetUtcNow());

    public static string Sentence(WindowView window, DateTimeOffset now) => window switch
    {
        _ when window.Is("closed", "abandoned") => $"Nothing runs. {window.Name} is {window.Status}.",
        { OpensAt: { } opens } when window.Is("draft", "rehearsed", "approved") && opens > now =>
            $"Nothing runs. {window.Name} opens in {Spoken.Sentence(opens - now)}, {(window.Is("approved") ? "approved" : "not yet approved")}.",
        _ when window.Is("draft", "rehearsed") => $"Nothing runs. {window.Name} is planned and waits for an approval.",
        _ => $"Nothing runs. {window.Name} is approved and can be started.",
    };
}
