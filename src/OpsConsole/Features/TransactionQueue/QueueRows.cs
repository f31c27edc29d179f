using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Domain.Queue;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>A transaction as the store keeps it. Its rules are in <see cref="QueuedTransaction"/>; this row only remembers.</summary>
public sealed class QueuedTransactionRow
{
    public required string Id { get; init; }
    public long Sequence { get; init; }
    public required string Site { get; init; }
    public required string Key { get; init; }
    public required string Kind { get; init; }
    public required string FieldsJson { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public string? ExternalId { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public required string PostedBy { get; init; }
    public required string PayloadSha256 { get; init; }
    /// <summary>Of all that was posted: the payload, when it was started, the site's own number.</summary>
    public required string ContentSha256 { get; init; }
    public bool AboveLimit { get; init; }
    public decimal? Amount { get; init; }
    public string? Currency { get; init; }
    public List<QueueOrderKeyRow> OrderKeys { get; init; } = [];
    public QueuedStatus Status { get; set; }
    /// <summary>Grows with every change; two who read the same one cannot both write.</summary>
    public int Version { get; set; }
    public int Attempt { get; set; }
    public long Epoch { get; set; }
    public string? ApprovedBy { get; set; }
    public DateTimeOffset? ApprovedAt { get; set; }
    public string? ApprovedSha256 { get; set; }
    public string? CommittedBy { get; set; }
    public string? DecidedBy { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }
    public string? Reason { get; set; }
    public string? PublicReason { get; set; }
    public DateTimeOffset? HeldUntil { get; set; }
    /// <summary>The window that can still take the decision back; null: none.</summary>
    public string? Window { get; set; }
    /// <summary>Its site was told the outcome: no rollback can take it back any more.</summary>
    public bool Told { get; set; }
    /// <summary>It was read from a table of its site, and its row there is ended in the transaction that commits it.</summary>
    public bool Pulled { get; init; }
    /// <summary>A pulled one that was rejected: its row in the site's table was ended too.</summary>
    public bool EndedAtSite { get; set; }
    /// <summary>Rows per leg, and what was read back.</summary>
    public string? ResultJson { get; set; }

    /// <summary>As the log names it: by what was asked for and the site's own key, never by whose it is.</summary>
    public string Said => Amount is { } amount ? string.Create(CultureInfo.InvariantCulture, $"{Kind} {Key} of {amount:0.00##} {Currency}") : $"{Kind} {Key}";

    public QueuedTransaction ToDomain() => new(
        Id, Site, Key, Kind, Sequence, PostedBy, PayloadSha256, [.. OrderKeys.Select(k => k.Value)], AboveLimit, Status,
        ApprovedBy is { } by ? new QueuedApproval(by, ApprovedAt ?? default, ApprovedSha256 ?? "") : null,
        CommittedBy, Attempt, Reason, PublicReason, HeldUntil, DecidedAt);

    public void Take(QueuedTransaction t)
    {
        (Status, Attempt, CommittedBy, Reason, PublicReason, HeldUntil, DecidedAt) = (t.Status, t.Attempt, t.CommittedBy, t.Reason, t.PublicReason, t.HeldUntil, t.DecidedAt);
        (ApprovedBy, ApprovedAt, ApprovedSha256) = (t.Approval?.By, t.Approval?.At, t.Approval?.PayloadSha256);
        Version++;
    }
}

/// <summary>One order key of one transaction, in a table of its own so that a lock is found by an index.</summary>
public sealed class QueueOrderKeyRow
{
    public required string TransactionId { get; init; }
    public required string Value { get; init; }
}

/// <summary>What a site may know, in the order in which it became final. Only ever added to.</summary>
public sealed class OutcomeRow
{
    public long Sequence { get; init; }
    public required string Site { get; init; }
    public required string TransactionId { get; init; }
    public QueuedStatus Status { get; init; }
    public DateTimeOffset At { get; init; }
}

internal sealed class QueuedTransactions : IEntityTypeConfiguration<QueuedTransactionRow>
{
    public void Configure(EntityTypeBuilder<QueuedTransactionRow> builder)
    {
        builder.ToTable("QueuedTransactions").HasKey(t => t.Id);
        builder.HasIndex(t => t.Sequence).IsUnique();
        builder.HasIndex(t => new { t.Site, t.Key }).IsUnique();
        builder.HasIndex(t => new { t.Status, t.Sequence });
        builder.HasIndex(t => t.Window);
        builder.Property(t => t.Version).IsConcurrencyToken();
        builder.Property(t => t.Status).HasConversion<string>();
        builder.HasMany(t => t.OrderKeys).WithOne().HasForeignKey(k => k.TransactionId);
    }
}

internal sealed class QueueOrderKeys : IEntityTypeConfiguration<QueueOrderKeyRow>
{
    public void Configure(EntityTypeBuilder<QueueOrderKeyRow> builder)
    {
        builder.ToTable("QueueOrderKeys").HasKey(k => new { k.TransactionId, k.Value });
        builder.HasIndex(k => k.Value);
    }
}

internal sealed class Outcomes : IEntityTypeConfiguration<OutcomeRow>
{
    public void Configure(EntityTypeBuilder<OutcomeRow> builder)
    {
        builder.ToTable("Outcomes").HasKey(o => o.Sequence);
        builder.Property(o => o.Sequence).ValueGeneratedNever();
        builder.HasIndex(o => new { o.Site, o.Sequence });
        builder.Property(o => o.Status).HasConversion<string>();
    }
}
