using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>Somebody has a transaction open at the desk. It keeps two people off the same one; it forbids nothing, because the store decides who was first.</summary>
public sealed class DeskClaimRow
{
    public required string TransactionId { get; init; }
    public required string By { get; set; }
    public DateTimeOffset Since { get; set; }
    /// <summary>It lapses by itself when the page has gone.</summary>
    public DateTimeOffset Until { get; set; }
}

/// <summary>What one of the team wrote about a transaction. Only ever added to.</summary>
public sealed class DeskNoteRow
{
    public required string Id { get; init; }
    public required string TransactionId { get; init; }
    public DateTimeOffset At { get; init; }
    public required string By { get; init; }
    public required string Text { get; init; }
}

internal sealed class DeskRows : IEntityTypeConfiguration<DeskClaimRow>, IEntityTypeConfiguration<DeskNoteRow>
{
    public void Configure(EntityTypeBuilder<DeskClaimRow> builder)
    {
        builder.ToTable("DeskClaims").HasKey(c => c.TransactionId);
        builder.HasIndex(c => c.By);
    }

    public void Configure(EntityTypeBuilder<DeskNoteRow> builder)
    {
        builder.ToTable("DeskNotes").HasKey(n => n.Id);
        builder.HasIndex(n => n.TransactionId);
    }
}
