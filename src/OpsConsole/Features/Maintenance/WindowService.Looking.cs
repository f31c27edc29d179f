using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <summary>What is known of the windows, and what the sites are told of their times.</summary>
public sealed partial class WindowService
{
    /// <summary>The window that runs, else the next, else the last; a null value where there is none.</summary>
    public async Task<Answer<WindowView?>> Now(Actor actor, CancellationToken token) =>
        Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : new Answer<WindowView?>(await strip.Current(token), null);

    /// <summary>The same facts as the strip's.</summary>
    public StripFacts Facts(WindowView window) => strip.Facts(window, time.GetUtcNow());

    public async Task<Answer<IReadOnlyList<WindowRow>>> List(Actor actor, CancellationToken token) =>
        Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : new Answer<IReadOnlyList<WindowRow>>(await book.List(Paging.Most, token), null);

    public async Task<Answer<IReadOnlyList<WindowEvent>>> Happened(Actor actor, string id, CancellationToken token)
    {
        if (Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return await book.Load(id, token) is { } window ? new Answer<IReadOnlyList<WindowEvent>>(window.Events, null) : NoWindow(id);
    }

    /// <summary>What has to hold before the window may be started, looked at now; and the plan as it would be drawn now.</summary>
    public async Task<Answer<PreflightView>> Preflight(Actor actor, string id, CancellationToken token)
    {
        var answer = await One(actor, id, token);
        if (answer.Value is not { } view) { return answer.Refusal!; }
        var (plan, refusal) = await desk.Draw(view.To, null, token);
        return desk.Preflight(PreflightOf.Window(view), view.From.Keys, plan, refusal, time.GetUtcNow());
    }

    /// <summary>The same of a plan that is no window yet.</summary>
    public IReadOnlyList<PreflightLamp> Preflight(DrawnPlan plan, DateTimeOffset? opensAt, DateTimeOffset? closesAt) =>
        desk.Preflight(new PreflightOf(null, opensAt, closesAt, false), plan.From.Keys, plan, null, time.GetUtcNow()).Lamps;

    /// <summary>What is still to be done before finalize, one by one, as far as it is worth a line.</summary>
    public async Task<IReadOnlyList<StillOpen>> StillOpen(Actor actor, WindowView view, CancellationToken token)
    {
        if (Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is not null || view.StartedAt is null || await book.Load(view.Id, token) is not { } window) { return []; }
        await using var db = store.CreateDbContext();
        var lines = new List<StillOpen>();
        foreach (var witness in witnesses) { lines.AddRange(await witness.Open(db, WindowBook.Outside(window), token)); }
        return [.. lines.OrderBy(l => l.DueAt)];
    }

    /// <summary>The newest windows, each with what it is about.</summary>
    public async Task<Answer<IReadOnlyList<WindowLine>>> Lines(Actor actor, CancellationToken token) =>
        Permissions.WindowRead.Refuse(actor, time.GetUtcNow()) is { } no ? no : new Answer<IReadOnlyList<WindowLine>>(await book.Lines(100, token), null);

    private async Task<Refusal?> Namesake(string name, string? but, CancellationToken token) =>
        (await book.List(200, token)).FirstOrDefault(w => w.Id != but && w.Status is not ("closed" or "abandoned") && string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase)) is { } other
            ? new Refusal(RefusalCode.WrongState, $"There is an open window {other.Name} already. Change that one, or take another name.") : null;

    private static AnnouncedWindow? Span(DateTimeOffset? from, DateTimeOffset? to) => from is { } opens && to is { } closes ? new(opens, closes) : null;
}
