using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Domain.Gates;

namespace OpsConsole.Ground.Freezing;

/// <summary>The gate of one site as it is on disk. Leases are not here: they live on the monotonic clock of the node that gave them.</summary>
public sealed class GateRow
{
    public required string Site { get; init; }
    public GateDoor Door { get; set; }
    public long Version { get; set; }
    public FreezeDepth? Depth { get; set; }
    public int? Share { get; set; }
    public string? Message { get; set; }
    public DateTimeOffset? AnnouncedFrom { get; set; }
    public DateTimeOffset? AnnouncedTo { get; set; }
    /// <summary>The version in which the announcement was made: whoever was answered with an older one does not know of it.</summary>
    public long AnnouncedVersion { get; set; }
    public DateTimeOffset? OrderedAt { get; set; }
    public bool DatabasesClosed { get; set; }
    public bool Trial { get; set; }
    /// <summary>The window that holds this gate; null: a person froze it by hand.</summary>
    public string? Window { get; set; }
}

/// <summary>An instance that was given a lease at some time. On disk before its first lease, so that a restart knows for whom a freeze has to wait.</summary>
public sealed class InstanceRow
{
    public required string Site { get; init; }
    public required string Name { get; init; }
    public DateTimeOffset HeardAt { get; set; }
    public long AnsweredVersion { get; set; }
    public long AckedVersion { get; set; }
}

/// <summary>The rights of one database as they were before its doors were shut. There is a row as long as they are not put back.</summary>
public sealed class DoorRow
{
    public required string Database { get; init; }
    public required string RecordJson { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
    /// <summary>Null until the engine was seen to refuse the site's roles.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}

internal sealed class GateRows : IEntityTypeConfiguration<GateRow>
{
    public void Configure(EntityTypeBuilder<GateRow> builder) => builder.ToTable("Gates").HasKey(g => g.Site);
}

internal sealed class InstanceRows : IEntityTypeConfiguration<InstanceRow>
{
    public void Configure(EntityTypeBuilder<InstanceRow> builder) => builder.ToTable("GateInstances").HasKey(i => new { i.Site, i.Name });
}

internal sealed class DoorRows : IEntityTypeConfiguration<DoorRow>
{
    public void Configure(EntityTypeBuilder<DoorRow> builder) => builder.ToTable("Doors").HasKey(d => d.Database);
}
