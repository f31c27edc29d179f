using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace OpsConsole.Features.Gates;

/// <summary>
/// Something that was asked for from a shell. It goes through the store and not through a port: whoever may write the store may do this anyway,
/// and a console on another node hears it as well.
/// </summary>
public sealed class ShellRequestRow
{
    public required string Id { get; init; }
    public required string OrderJson { get; init; }
    /// <summary>The operating system's user who asked.</summary>
    public required string By { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    /// <summary>Afterwards nobody waits for it any more, and it must not be done.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
    /// <summary>Null: not yet, and it may be withdrawn. Taken and withdrawn exclude each other.</summary>
    public DateTimeOffset? TakenAt { get; set; }
    public string? TakenBy { get; set; }
    public bool Withdrawn { get; set; }
    public int? ExitCode { get; set; }
    public string? Answer { get; set; }
}

internal sealed class ShellRequestRows : IEntityTypeConfiguration<ShellRequestRow>
{
    public void Configure(EntityTypeBuilder<ShellRequestRow> builder)
    {
        builder.ToTable("ShellRequests").HasKey(r => r.Id);
        builder.HasIndex(r => new { r.TakenAt, r.Withdrawn });
    }
}
