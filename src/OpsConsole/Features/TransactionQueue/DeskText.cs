using System.Globalization;
using System.Text.Json;
using OpsConsole.Domain.Queue;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>How the desk speaks of transactions.</summary>
internal static class DeskText
{
    public static string Title(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
    public static string Figure(string amount) => Spoken.Money(decimal.Parse(amount, CultureInfo.InvariantCulture));
    public static string Money(MoneyView money) => $"{Figure(money.Value)} {money.Currency}";
    public static string Sums(IReadOnlyList<MoneyView> sums) => string.Join(", ", sums.Select(Money));
    public static string Keys(IReadOnlyList<string> keys) => string.Join(", ", keys.Select(k => k.Replace("=", " ", StringComparison.Ordinal)));

    /// <summary>deposit of 120.00 EUR</summary>
    public static string Say(DeskNeighbour it) => it.Amount is { } amount ? $"{it.Kind} of {Money(amount)}" : it.Kind;

    /// <summary>deposit of 120.00 EUR, account 4711</summary>
    public static string Sentence(TransactionView it) => string.Join(", ", new[] { it.Amount is { } amount ? $"{it.Kind} of {Money(amount)}" : it.Kind, Who(it) }.Where(p => p.Length > 0));

    /// <summary>The fields that are no amount, in the order in which they stand.</summary>
    public static string Who(TransactionView it) => string.Join(", ", it.Fields.EnumerateObject().Where(f => f.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        .Select(f => $"{f.Name} {Short(f.Value.ToString(), 60)}"));

    public static string Short(string text, int most) => text.Length > most ? text[..most] + "…" : text;

    public static Mark MarkOf(QueuedStatus status) => status switch
    {
        QueuedStatus.Committed => Mark.Ok,
        QueuedStatus.Held => Mark.Attention,
        QueuedStatus.InDoubt => Mark.Unknown,
        QueuedStatus.Committing => Mark.Running,
        QueuedStatus.Rejected => Mark.Refused,
        _ => Mark.Waits,
    };

    public static string Word(QueuedStatus status) => Title(status == QueuedStatus.InDoubt ? "not known yet" : QueuedTransaction.NameOf(status));

    /// <summary>Words that stay what they are say who it is about; they need no row of before and after.</summary>
    public static bool IsName(EvidenceView line) => line.After is { Length: > 0 } after && (line.Before is null || line.Before == after) && !IsNumber(after) && !char.IsAsciiDigit(after[0]);

    /// <summary>A figure as figures are written; anything else as the database wrote it.</summary>
    public static string Value(string? text) => text is null ? "" : IsNumber(text) && text.Contains('.', StringComparison.Ordinal) ? Figure(text) : text;

    public static string Change(EvidenceView line)
    {
        if (line.Before is not { } was || line.After is not { } now || !IsNumber(was) || !IsNumber(now)) { return line.Before == line.After ? "" : "changed"; }
        var (before, after) = (decimal.Parse(was, CultureInfo.InvariantCulture), decimal.Parse(now, CultureInfo.InvariantCulture));
        var change = after - before;
        return change == 0 ? "" : before.Scale > 0 || after.Scale > 0 ? Spoken.Money(change, signed: true) : (change > 0 ? "+" : "−") + Math.Abs(change).ToString("#,##0", CultureInfo.InvariantCulture);
    }

    private static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
}
