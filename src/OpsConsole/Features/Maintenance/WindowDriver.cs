using Hangfire;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Windows;
using Seen = OpsConsole.Engines.Observed;

namespace OpsConsole.Features.Maintenance;

/// <summary>
/// Does the next step until a person has the word. Woken by a job that carries an id only, by a verb and at start; it may be woken twice at once
/// without harm, because one gate lets one driver through and every event is decided on the window as it is when it is written.
/// </summary>
public sealed class WindowDriver(
    WindowBook book, StepWork work, DriverLease lease, IEnumerable<IWindowWitness> witnesses, WindowProgress progress, TimeProvider time, ILogger<WindowDriver> log) : IDisposable
{
    private readonly SemaphoreSlim one = new(1, 1);

    [AutomaticRetry(Attempts = 0)]
    public async Task Drive(string id, CancellationToken token)
    {
        await one.WaitAsync(token);
        try
        {
            while (lease.Held && await book.Load(id, token) is { } window && window.Run.Next() is { } todo)
            {
                if (!await Step(id, window, todo, token)) { return; }
            }
        }
        catch (FenceRefused fault)
        {
            log.LogCritical("Another console drives window {Window}: {Fault}", id, fault.Message);
        }
        finally
        {
            progress.Clear(id);
            one.Release();
        }
    }

    /// <summary>Looks at the step in question without touching it: it is done, or the question stands with what is seen now.</summary>
    public async Task<Answer<LoadedWindow>> LookAgain(Actor actor, string id, CancellationToken token)
    {
        await one.WaitAsync(token);
        try
        {
            if (await book.Load(id, token) is not { Run.Decision: { } asked } window)
            {
                return new Domain.Refusal(Domain.RefusalCode.WrongState, "No step of this window is in question.");
            }
            if (!lease.Held) { return new Domain.Refusal(Domain.RefusalCode.NotNow, "Another console drives; look again there."); }
            StepEnd end;
            try
            {
                end = await work.Look(window, window.Run.Steps.Single(s => s.Number == asked.Step), token);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // It could not be seen: that is what is known now.
            {
                end = new StepEnd(Seen.Unknown, $"The database could not be looked at: {fault.Message}");
            }
            var at = time.GetUtcNow();
            var before = WindowStatus.None;
            return await book.Change(id, actor, (w, _) => (before = w.Run.Status) == WindowStatus.None || w.Run.Decision?.Step != asked.Step
                ? new Domain.Refusal(Domain.RefusalCode.WrongState, "The window has moved on.")
                : new Answer<IReadOnlyList<WindowEvent>>(end.Observed == Seen.Done
                    ? [new StepDone(at, actor.Name, asked.Step, end.Detail)] : [new DecisionNeeded(at, actor.Name, asked.Step, Word(end.Observed), end.Detail, end.Repeatable)], null), token,
                (write, after, t) => Turned(witnesses, write, before, after, t));
        }
        finally { one.Release(); }
    }

    public void Dispose() => one.Dispose();

    private static string Word(Seen seen) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(seen.ToString());

    /// <summary>False: stop here, somebody else has written, or a person is asked.</summary>
    private async Task<bool> Step(string id, LoadedWindow window, StepToDo todo, CancellationToken token)
    {
        if (!todo.Inspect)
        {
            var begun = await Write(id, todo, new StepStarted(time.GetUtcNow(), lease.Node, todo.Step.Number), token);
            if (begun is null) { return false; }
            window = begun;
        }
        StepEnd end;
        try
        {
            end = await work.Do(window, todo, token);
        }
        catch (Exception fault) when (fault is not (FenceRefused or OperationCanceledException)) // Whatever failed, a person sees it and what is known.
        {
            log.LogError(fault, "Step {Step} of window {Window} failed.", todo.Step.Number, id);
            end = new StepEnd(fault is EngineFault { Unknown: false } or ArgumentException ? Seen.NotDone : Seen.Unknown, fault.Message);
        }
        var at = time.GetUtcNow();
        var number = todo.Step.Number;
        if (end.Observed == Seen.Done)
        {
            return await Write(id, todo, [.. end.Before ?? [], new StepDone(at, lease.Node, number, end.Detail)], token) is not null;
        }
        WindowEvent failed = end.Observed == Seen.Torn ? new StepTorn(at, lease.Node, number, end.Detail) : new StepFailed(at, lease.Node, number, end.Detail);
        await Write(id, todo, [failed, new DecisionNeeded(at, lease.Node, number, Word(end.Observed), end.Detail, end.Repeatable)], token);
        return false;
    }

    private Task<LoadedWindow?> Write(string id, StepToDo todo, WindowEvent happened, CancellationToken token) => Write(id, todo, [happened], token);

    /// <summary>
    /// The group is back, whoever wrote the last event of it: the driver, a second look, or a person whose task came last. What was committed waits again in that same write.
    /// </summary>
    internal static async Task Turned(IEnumerable<IWindowWitness> witnesses, Ground.Recording.StoreWrite write, WindowStatus before, LoadedWindow after, CancellationToken token)
    {
        if (before == WindowStatus.RolledBack || after.Run.Status != WindowStatus.RolledBack) { return; }
        foreach (var witness in witnesses) { await witness.RolledBack(write, WindowBook.Outside(after), token); }
    }

    // An event is only written while the step is still the one to do: a second driver finds it moved and stops.
    private async Task<LoadedWindow?> Write(string id, StepToDo todo, IReadOnlyList<WindowEvent> events, CancellationToken token)
    {
        var before = WindowStatus.None;
        var answer = await book.Change(id, Actor.Console, (now, _) => (before = now.Run.Status) != WindowStatus.None && now.Run.Next()?.Step.Number == todo.Step.Number
            ? new Answer<IReadOnlyList<WindowEvent>>(events, null)
            : new Domain.Refusal(Domain.RefusalCode.WrongState, "The window has moved on."), token,
            (write, after, t) => Turned(witnesses, write, before, after, t));
        return answer.Value;
    }
}

/// <summary>Wakes the driver. Hangfire only carries the id; the window itself says what there is to do.</summary>
public sealed class WindowWaker(IBackgroundJobClient jobs)
{
    public void Wake(string id) => jobs.Enqueue<WindowDriver>(d => d.Drive(id, CancellationToken.None));
}

/// <summary>At start: whatever was running is taken over and inspected before anything else moves.</summary>
public sealed class TakeUpWindows(WindowBook book, WindowWaker waker, DriverLease lease) : IStartStep
{
    public int Order => 400;

    public async Task Run(CancellationToken token)
    {
        foreach (var id in await book.Open(token))
        {
            if (await book.Load(id, token) is not { } window || (!window.Run.IsOpen && window.Run.Next() is null)) { continue; }
            await book.Change(id, Actor.Console, (_, now) => new Answer<IReadOnlyList<WindowEvent>>([new TakenOver(now, lease.Node, lease.Node, lease.Epoch)], null), token);
            waker.Wake(id);
        }
    }
}
