using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What is unusual about one transaction. Every flag carries the fact that it rests on, so that nobody has to believe it.</summary>
public sealed class DeskFlags(QueueFactsReader facts)
{
    private const int Known = 3, Times = 3;

    internal async Task<IReadOnlyList<DeskFlag>> Of(StoreContext db, QueuedTransactionRow row, IReadOnlyList<DeskNeighbour> order, OpenWindow? window, CancellationToken token)
    {
        var flags = new List<DeskFlag>();
        var place = order.ToList().FindIndex(n => n.Id == row.Id);
        if (place > 0 && row.ToDomain().IsUndecided)
        {
            var first = order[0];
            flags.Add(new(FlagWeight.Attention, "Waits for an earlier one", $"{Ordinal(place + 1)} of {order.Count} for {Keys(row)}; the first, {DeskText.Say(first)}, {Where(first)}", first.Id));
        }
        if (facts.IsOutside(row.Kind, window)) { flags.Add(new(FlagWeight.Refused, "Waits for finalize", "it changes a database outside the group, which a rollback would not take back")); }
        switch (row)
        {
            case { Status: QueuedStatus.Held, Reason: { } reason }:
                flags.Add(new(FlagWeight.Attention, "Held", row.HeldUntil is { } until ? $"{reason}; until {until.UtcDateTime.ToString("ddd d MMM HH:mm", CultureInfo.InvariantCulture)} UTC" : reason));
                break;
            case { Status: QueuedStatus.Pending, Reason: { } reason } when reason == QueuedTransaction.TakenBack:
                flags.Add(new(FlagWeight.Attention, "Taken back", reason));
                break;
            case { Status: QueuedStatus.Pending, Reason: { } reason }:
                flags.Add(new(FlagWeight.Attention, "The database refused it", $"{reason} Nothing was changed. Put right what it names and commit again, or hold it, or reject it."));
                break;
            case { Status: QueuedStatus.InDoubt, Reason: { } reason }:
                flags.Add(new(FlagWeight.Attention, "Not known yet", $"{reason} Its marker is read every few seconds; nothing has to be pressed."));
                break;
        }
        await Compare(db, row, flags, token);
        return flags;
    }

    // The same amount again within a day, and an amount far above what this one usually moves.
    private static async Task Compare(StoreContext db, QueuedTransactionRow row, List<DeskFlag> flags, CancellationToken token)
    {
        if (row.Amount is not { } amount || row.OrderKeys.Count == 0) { return; }
        var values = row.OrderKeys.Select(k => k.Value).ToList();
        var others = await db.Set<QueuedTransactionRow>().AsNoTracking()
            .Where(t => t.Id != row.Id && t.Kind == row.Kind && t.Currency == row.Currency && t.OrderKeys.Any(k => values.Contains(k.Value)))
            .OrderByDescending(t => t.Sequence).Take(200).Select(t => new { t.Id, t.Sequence, t.Amount, t.Status, t.DecidedBy, t.StartedAt }).ToListAsync(token);
        if (others.FirstOrDefault(o => o.Amount == amount && (o.StartedAt - row.StartedAt).Duration() < TimeSpan.FromDays(1)) is { } twin)
        {
            flags.Add(new(FlagWeight.Attention, "Same amount again", $"number {twin.Sequence} is {QueuedTransaction.NameOf(twin.Status)}{(twin.DecidedBy is { } by ? $" by {by}" : "")}", twin.Id));
        }
        var before = others.Where(o => o.Sequence < row.Sequence && o.Amount is not null).Select(o => o.Amount!.Value).ToList();
        if (before.Count >= Known && amount > before.Max() * Times)
        {
            flags.Add(new(FlagWeight.Attention, "Larger than usual", $"the largest of {before.Count} before it was {Spoken.Money(before.Max())} {row.Currency}"));
        }
    }

    private static string Where(DeskNeighbour first) => first switch
    {
        { Status: QueuedStatus.Held, By: { } by } => $"is held by {by}",
        { Status: QueuedStatus.Held } => "is held",
        { OpenAt: { } open } => $"is open at {open}",
        _ => $"is {QueuedTransaction.NameOf(first.Status)}",
    };

    private static string Keys(QueuedTransactionRow row) => DeskText.Keys([.. row.OrderKeys.Select(k => k.Value)]);
    private static string Ordinal(int n) => n % 100 is 11 or 12 or 13 ? $"{n}th" : (n % 10) switch { 1 => $"{n}st", 2 => $"{n}nd", 3 => $"{n}rd", _ => $"{n}th" };
}
