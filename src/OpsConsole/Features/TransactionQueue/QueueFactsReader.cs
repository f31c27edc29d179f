using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>Reads what the rules need to know beyond the row: the window, and who stands before it.</summary>
public sealed class QueueFactsReader(ConsoleSettings settings, IEnumerable<IWindowFacts> windows)
{
    private static readonly QueuedStatus[] Decided = [QueuedStatus.Committed, QueuedStatus.Rejected];

    public async Task<OpenWindow?> Window(StoreContext db, CancellationToken token) =>
        windows.FirstOrDefault() is { } facts ? await facts.Running(db, token) : null;

    /// <summary>A decision made now can still be taken back by that window; null: by none.</summary>
    public static string? HoldsDecisions(OpenWindow? window) =>
        window is null || window.IsFinal || window.Status == Domain.Maintenance.WindowStatus.RolledBack ? null : window.Id;

    /// <summary>A rollback of that window would not take back what this kind does.</summary>
    public bool IsOutside(string kind, OpenWindow? window) => window is { Status: Domain.Maintenance.WindowStatus.Reviewing } open
        && settings.Estate.Kind(kind) is { } known && !open.Databases.Contains(known.Database, StringComparer.OrdinalIgnoreCase);

    public async Task<QueueFacts> For(StoreContext db, QueuedTransactionRow row, OpenWindow? window, CancellationToken token)
    {
        var earlier = (await Earlier(db, [row], token)).GetValueOrDefault(row.Id);
        return new QueueFacts(window?.IsDeskOpen ?? true, earlier, IsOutside(row.Kind, window));
    }

    /// <summary>The kinds that change the same database as this one. An order key, such as an account, is one thing within a database, whichever site posts it.</summary>
    public IReadOnlyList<string> Together(string kind) => settings.Estate.Kind(kind) is { } known
        ? [.. settings.Estate.TransactionKinds.Where(k => string.Equals(k.Database, known.Database, StringComparison.OrdinalIgnoreCase)).Select(k => k.Name)] : [kind];

    /// <summary>For each of these that has one: the id of the first undecided one before it with a common order key.</summary>
    public async Task<Dictionary<string, string>> Earlier(StoreContext db, IReadOnlyList<QueuedTransactionRow> rows, CancellationToken token)
    {
        var values = rows.SelectMany(r => r.OrderKeys).Select(k => k.Value).Distinct().ToList();
        if (values.Count == 0) { return []; }
        var undecided = await (from k in db.Set<QueueOrderKeyRow>()
                               join t in db.Set<QueuedTransactionRow>() on k.TransactionId equals t.Id
                               where values.Contains(k.Value) && !Decided.Contains(t.Status)
                               select new { k.Value, t.Kind, t.Sequence, t.Id }).ToListAsync(token);
        var together = rows.Select(r => r.Kind).Distinct().ToDictionary(k => k, Together);
        return (from r in rows
                let first = undecided.Where(u => together[r.Kind].Contains(u.Kind) && u.Sequence < r.Sequence && r.OrderKeys.Exists(k => k.Value == u.Value)).MinBy(u => u.Sequence)
                where first is not null
                select (r.Id, first.Id)).ToDictionary(p => p.Item1, p => p.Item2);
    }
}
