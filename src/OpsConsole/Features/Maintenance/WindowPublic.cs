using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>
/// What members may know of the windows: times and turns, no name, no note, no number. Kept in memory, because the public page must cost nothing however many ask.
/// </summary>
public sealed class WindowPublic(WindowBook book, ChangeFeed feed, TimeProvider time, ILogger<WindowPublic> log) : BackgroundService, IWindowPublicFacts
{
    private static readonly TimeSpan EndIsNewsFor = TimeSpan.FromHours(12), AgainAfter = TimeSpan.FromSeconds(30);
    private const int Looked = 30;
    private volatile IReadOnlyList<PublicWindow> known = [];

    /// <summary>The one that runs, else the next that is approved, else the one that ended lately.</summary>
    public PublicWindow? Current
    {
        get
        {
            var now = time.GetUtcNow();
            return known.FirstOrDefault(w => w.Running)
                ?? known.Where(w => w.ActualEnd is null && w.PlannedTo > now).MinBy(w => w.PlannedFrom)
                ?? known.Where(w => w.ActualEnd > now - EndIsNewsFor).MaxBy(w => w.ActualEnd);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var moved = feed.Subscribe(Topics.Windows);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Read(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // The store failed for a moment: what was known stays, and is read again.
            {
                log.LogWarning("The windows could not be read for the status page: {Fault}", fault.Message);
            }
            await moved.Wait(AgainAfter, stoppingToken);
        }
    }

    public async Task Read(CancellationToken token)
    {
        List<PublicWindow> read = [];
        foreach (var row in (await book.List(Looked, token)).Where(r => r.Status is not ("draft" or "rehearsing" or "rehearsed")))
        {
            if (await book.Load(row.Id, token) is { } window && Of(window.Run, window.Events) is { } told) { read.Add(told); }
        }
        known = read;
    }

    /// <summary>Null: there is nothing that members have to know of it.</summary>
    public static PublicWindow? Of(WindowRun run, IReadOnlyList<WindowEvent> events)
    {
        var content = run.Content!;
        if (run.StartedBy is not { } started)
        {
            return run.Status == WindowStatus.Approved && content.OpensAt is not null && run.ClosesAt is not null ? new PublicWindow(content.OpensAt, run.ClosesAt, null, null, false, []) : null;
        }
        // What was moved before the start was the plan; what is moved after it is longer than planned.
        var planned = events.TakeWhile(e => e is not Started).LastOrDefault(e => e is Extended or Changed) is Extended moved ? moved.ClosesAt : content.ClosesAt;
        var ended = events.LastOrDefault(e => e is Closed or Abandoned)?.At;
        return new PublicWindow(content.OpensAt ?? started.At, planned, ended is null && run.ClosesAt != planned ? run.ClosesAt : null, ended, ended is null, [.. News(events).Reverse()]);
    }

    private static IEnumerable<PublicUpdate> News(IReadOnlyList<WindowEvent> events)
    {
        var (started, lettingIn) = (false, false);
        foreach (var happened in events)
        {
            PublicNews? news = happened switch
            {
                Started => PublicNews.Started,
                Extended when started => PublicNews.TakesLonger,
                ThawSet when !lettingIn => PublicNews.LettingIn,
                Closed or Abandoned => PublicNews.Ended,
                _ => null,
            };
            started |= news == PublicNews.Started;
            lettingIn |= news == PublicNews.LettingIn;
            if (news is { } what) { yield return new PublicUpdate(happened.At, what); }
        }
    }
}
