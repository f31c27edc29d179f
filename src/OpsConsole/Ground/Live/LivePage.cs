using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Ground.Live;

/// <summary>
/// A page, or a part of one, that shows the house as it is now. It reads through its room's service, listens to topics, and reads again at most
/// four times a second. It asks who acts at each reading, because circuits outlive sign-outs.
/// </summary>
public abstract class LivePage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource gone = new();
    private readonly SemaphoreSlim turn = new(1);
    private Task loop = Task.CompletedTask;

    [Inject] protected ChangeFeed Feed { get; set; } = default!;
    [Inject] protected ActorSource Actors { get; set; } = default!;
    [Inject] protected TimeProvider Clock { get; set; } = default!;

    /// <summary>The topics to listen to.</summary>
    protected abstract IReadOnlyList<string> Hears { get; }
    /// <summary>Reads again after this long even when nothing moved; null: never.</summary>
    protected virtual TimeSpan? Tick => null;
    /// <summary>What the loading block says that it waits for.</summary>
    protected virtual string WaitsFor => "the console";

    /// <summary>Who looks; null until the first reading.</summary>
    protected Actor? Actor { get; private set; }
    protected Refusal? Refused { get; private set; }
    protected string? Failed { get; private set; }
    /// <summary>There is something to show; it stays when a later reading fails.</summary>
    protected bool Loaded { get; private set; }
    protected DateTimeOffset? ReadAt { get; private set; }
    /// <summary>Ends with the page.</summary>
    protected CancellationToken Gone => gone.Token;
    /// <summary>True: this is a person with a live circuit, so buttons work.</summary>
    protected bool Ready => Actor is not null;

    /// <summary>Reads what the page shows. A refusal is shown in its place.</summary>
    protected abstract Task<Refusal?> Read(Actor actor, CancellationToken token);

    protected override Task OnInitializedAsync() => ReadOnce();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && !gone.IsCancellationRequested) { loop = Listen(); }
    }

    /// <summary>Reads now, after an act of this page.</summary>
    protected async Task ReadAgain()
    {
        await ReadOnce();
        StateHasChanged();
    }

    /// <summary>Loading, refused or failed; nothing when all is well. Stands above the content.</summary>
    protected RenderFragment StateBlock => builder =>
    {
        if (Refused is { } refusal)
        {
            Block<RefusedBlock>(builder, ("Title", refusal.Code == RefusalCode.NotFound ? "Not there" : "Not for you to see"), ("Text", refusal.Text));
        }
        else if (Failed is { } words)
        {
            Block<FailedBlock>(builder, ("Title", "This could not be read"), ("Text", Loaded ? $"What stands below is as of {ReadAt:HH:mm:ss} UTC." : "Nothing is shown in its place."),
                ("ServerWords", words), ("Again", EventCallback.Factory.Create(this, ReadAgain)));
        }
        else if (!Loaded)
        {
            Block<LoadingBlock>(builder, ("WaitsFor", WaitsFor));
        }
    };

    private static void Block<T>(RenderTreeBuilder builder, params (string Name, object Value)[] parameters) where T : IComponent
    {
        builder.OpenComponent<T>(0);
        builder.AddMultipleAttributes(1, parameters.Select(p => KeyValuePair.Create(p.Name, p.Value)));
        builder.CloseComponent();
    }

    // One reading after the other: of two at once the older could end last, and what was done already would stand there again.
    private async Task ReadOnce()
    {
        try
        {
            await turn.WaitAsync(Gone);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        try
        {
            Actor = await Actors.Current(Gone);
            Refused = Actor is null ? new Refusal(RefusalCode.Unauthorized, "You are signed out. Sign in again to see this.") : await Read(Actor, Gone);
            (Loaded, Failed) = (Refused is null, null);
            if (Loaded) { ReadAt = Clock.GetUtcNow(); }
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested) { /* The page was left while it read. */ }
        catch (Exception fault) // Whatever the reading throws, the page stays and says so.
        {
            Failed = fault.Message;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task Listen()
    {
        using var heard = Feed.Subscribe([.. Hears]);
        try
        {
            while (true)
            {
                await heard.Wait(Tick ?? Timeout.InfiniteTimeSpan, Gone);
                await InvokeAsync(ReadAgain);
                await Task.Delay(Pause, Clock, Gone);
            }
        }
        catch (OperationCanceledException) { /* The page was left. */ }
        catch (ObjectDisposedException) { /* The circuit has gone. */ }
    }

    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        if (loop.IsCompleted) { await loop; }
        gone.Dispose();
        GC.SuppressFinalize(this);
    }
}
