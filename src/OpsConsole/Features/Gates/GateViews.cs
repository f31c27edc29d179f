using OpsConsole.Domain.Gates;

namespace OpsConsole.Features.Gates;

/// <summary>What a site is told. Field names are the interface's.</summary>
public sealed record GateAnswer(
    string Site, string State, long Version, int LeaseSeconds, DateTimeOffset Now, string? Message, int? RetryAfterSeconds, string Jobs, AnnouncedWindow? Announced, int? Share);

public sealed record CertainView(bool Is, DateTimeOffset? Since, string? Because, IReadOnlyList<string> WaitingFor);

/// <param name="Version">the newest that it acknowledged; 0: none</param>
/// <param name="At">when it did; null: before this console started, or not yet</param>
public sealed record InstanceView(string Instance, long Version, DateTimeOffset? At, DateTimeOffset HeardAt, DateTimeOffset LeaseEndsAt, bool Live, int? SessionsLeft, string? AppVersion);

/// <summary>One thing that was looked at, with its time.</summary>
/// <param name="Holds">null: cannot be told</param>
public sealed record EvidenceView(string What, bool? Holds, string Found, DateTimeOffset? At);

/// <summary>A gate as people see it.</summary>
public sealed record GateView(
    string Site, string State, long Version, int LeaseSeconds, DateTimeOffset Now, string? Message, string Jobs, AnnouncedWindow? Announced, int? Share,
    FreezeDepth? Depth, DateTimeOffset? OrderedAt, bool DatabasesClosed, bool Trial, string? HeldBy, CertainView Certain, DateTimeOffset? CertainAtTheLatest,
    IReadOnlyList<InstanceView> Instances, int? SessionsLeft, int? Connections, int? Prepared, IReadOnlyList<EvidenceView> Evidence,
    IReadOnlyList<string> Databases, IReadOnlyList<string> SiteRoles, IReadOnlyList<string> AlsoHit, IReadOnlyList<string> StaffUsers, IReadOnlyList<string> StaffAddresses)
{
    public bool Frozen => Depth is not null;
}
