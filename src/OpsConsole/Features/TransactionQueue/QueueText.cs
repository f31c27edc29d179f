using System.Text.Json;
using OpsConsole.Domain;
using OpsConsole.Domain.Queue;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>Makes of a row what is shown of it.</summary>
internal static class QueueText
{
    public static TransactionView View(QueuedTransactionRow row, string database, QueueFacts facts, Func<string, Refusal?> byRight, string actor)
    {
        var domain = row.ToDomain();
        var refused = QueuedTransaction.Verbs.Select(v => (Verb: v, Why: byRight(v) ?? domain.Refuse(v, actor, facts))).ToList();
        using var fields = JsonDocument.Parse(row.FieldsJson);
        return new TransactionView(
            row.Id, row.Sequence, row.Site, row.Key, row.Kind, fields.RootElement.Clone(), database, row.StartedAt, row.ReceivedAt, row.ExternalId, row.PostedBy, row.Status,
            QueueService.Money(row), row.AboveLimit, row.PayloadSha256, domain.OrderKeys, facts.EarlierUndecided,
            domain.Approval is { } a ? new ApprovalView(a.By, a.At, a.PayloadSha256) : null, row.CommittedBy, row.DecidedBy, row.DecidedAt, row.Reason, row.PublicReason,
            row.HeldUntil, row.Attempt, row.Window, row.ResultJson is null ? null : JsonSerializer.Deserialize<ResultView>(row.ResultJson, JsonSerializerOptions.Web),
            [.. refused.Where(r => r.Why is null).Select(r => r.Verb)], refused.Where(r => r.Why is not null).ToDictionary(r => r.Verb, r => r.Why!.Text));
    }
}
