using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Windows;

/// <summary>What other rooms may know of the window that is open now. At most one is past approval at a time.</summary>
/// <param name="Databases">of its group: those that its checkpoint covers</param>
/// <param name="CheckpointAt">null: none was taken yet</param>
/// <param name="EndedAt">closed or given up; null: it is open still</param>
public sealed record OpenWindow(
    string Id, string Name, WindowStatus Status, IReadOnlyList<string> Databases, DateTimeOffset? StartedAt, DateTimeOffset? CheckpointAt,
    DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt, DateTimeOffset? EndedAt = null)
{
    /// <summary>Review, commit and catch-up are open.</summary>
    public bool IsDeskOpen => Status is WindowStatus.Reviewing or WindowStatus.RolledBack;
    public bool IsFinal => Status is WindowStatus.Finalized or WindowStatus.Thawing or WindowStatus.Closed;
}

/// <summary>Maintenance answers this to the other rooms.</summary>
public interface IWindowFacts
{
    /// <summary>Null: no window runs. Reads in the caller's own transaction, so that the answer cannot be older than the caller's rows.</summary>
    Task<OpenWindow?> Running(StoreContext db, CancellationToken token);
    /// <summary>The one that ended last, of those that were started; null: there is none.</summary>
    Task<OpenWindow?> LastEnded(StoreContext db, CancellationToken token) => Task.FromResult<OpenWindow?>(null);
}

/// <summary>One thing that is still to be done before the end of a window.</summary>
/// <param name="DueAt">since when; null: it has no time of its own</param>
/// <param name="Route">where it is done</param>
public sealed record StillOpen(string What, DateTimeOffset? DueAt, string State, string Route);

/// <summary>The queue and the schedules answer this to maintenance.</summary>
public interface IWindowWitness
{
    /// <summary>What is undecided; maintenance adds the answers up.</summary>
    Task<FinalizeFacts> Undecided(StoreContext db, OpenWindow window, CancellationToken token);
    /// <summary>What of it is worth a line of its own, oldest first.</summary>
    Task<IReadOnlyList<StillOpen>> Open(StoreContext db, OpenWindow window, CancellationToken token) => Task.FromResult<IReadOnlyList<StillOpen>>([]);
    /// <summary>When all of it is decided at the pace of now; null: nothing is left, or too little was decided to tell.</summary>
    Task<DateTimeOffset?> DoneAbout(StoreContext db, OpenWindow window, DateTimeOffset now, CancellationToken token) => Task.FromResult<DateTimeOffset?>(null);
    /// <summary>How many a rollback would put back.</summary>
    Task<int> CommittedIn(StoreContext db, OpenWindow window, CancellationToken token);
    /// <summary>The group went back and took markers and effects along: what was committed in this window waits again. In the same write as the event.</summary>
    Task RolledBack(StoreWrite write, OpenWindow window, CancellationToken token);
    /// <summary>The window is final: outcomes may be told to the sites. In the same write as the event.</summary>
    Task Finalized(StoreWrite write, OpenWindow window, CancellationToken token);
}
