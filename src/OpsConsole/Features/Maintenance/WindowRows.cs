using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpsConsole.Features.Maintenance;

/// <summary>One window, for lists and for finding the open one. What happened is in its events.</summary>
public sealed class WindowRow
{
    public required string Id { get; init; }
    public required string Name { get; set; }
    /// <summary>as the API writes it</summary>
    public required string Status { get; set; }
    public DateTimeOffset MadeAt { get; init; }
    /// <summary>Grows with each event: a decision that was made on an older state is refused.</summary>
    [System.ComponentModel.DataAnnotations.ConcurrencyCheck]
    public int Events { get; set; }
}

/// <summary>One event of a window, written once.</summary>
public sealed class WindowEventRow
{
    public required string Window { get; init; }
    public int Sequence { get; init; }
    public DateTimeOffset At { get; init; }
    public required string By { get; init; }
    public required string Json { get; init; }
}

internal sealed class WindowRows : IEntityTypeConfiguration<WindowRow>, IEntityTypeConfiguration<WindowEventRow>
{
    public void Configure(EntityTypeBuilder<WindowRow> builder)
    {
        builder.ToTable("Windows").HasKey(w => w.Id);
        builder.HasIndex(w => w.Status);
    }

    public void Configure(EntityTypeBuilder<WindowEventRow> builder) => builder.ToTable("WindowEvents").HasKey(e => new { e.Window, e.Sequence });
}
