using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpsConsole.Features.Schedules;

public enum OccurrenceStatus { Missed, Committing, InDoubt, Failed, Done }

/// <summary>One due time that fell into a window, in which the sites' own work was stopped.</summary>
public sealed class OccurrenceRow
{
    /// <summary>schedule/NAME/DUE: the key under which it is committed.</summary>
    public required string Name { get; init; }
    public required string Schedule { get; init; }
    public DateTimeOffset Due { get; init; }
    public OccurrenceStatus Status { get; set; }
    public int Version { get; set; }
    public long Epoch { get; set; }
    public int Attempt { get; set; }
    public string? By { get; set; }
    public DateTimeOffset? At { get; set; }
    public string? Because { get; set; }
    /// <summary>The window that can still take it back; null: none.</summary>
    public string? Window { get; set; }
}

internal sealed class OccurrenceRows : IEntityTypeConfiguration<OccurrenceRow>
{
    public void Configure(EntityTypeBuilder<OccurrenceRow> builder)
    {
        builder.ToTable("Occurrences").HasKey(o => o.Name);
        builder.HasIndex(o => new { o.Schedule, o.Due });
        builder.Property(o => o.Status).HasConversion<string>();
        builder.Property(o => o.Version).IsConcurrencyToken();
    }
}
