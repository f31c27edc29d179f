using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Freezing;

namespace OpsConsole.Features.Status;

/// <summary>What members may know. No database, no instance, no version, no count.</summary>
public sealed record StatusFacts(
    StatusPhase Phase, IReadOnlyList<StatusSite> Sites, DateTimeOffset? PlannedFrom, DateTimeOffset? PlannedTo, DateTimeOffset? ExpectedEnd, DateTimeOffset? ActualEnd,
    bool Late, IReadOnlyList<PublicUpdate> Updates, DateTimeOffset MadeAt);

public enum StatusPhase { Open, Closed, Opening, Unknown }

public enum StatusDoor { Open, SigningInClosed, Closed, Opening, Unknown }

public sealed record StatusSite(string Name, StatusDoor Door, string? Message);

/// <summary>Made from memory at most every two seconds, however many ask.</summary>
public sealed class StatusService(GateBook gates, TimeProvider time, IWindowPublicFacts? windows = null)
{
    public static readonly TimeSpan Keep = TimeSpan.FromSeconds(2);
    private StatusFacts? made;

    public StatusFacts Now
    {
        get
        {
            var now = time.GetUtcNow();
            if (Volatile.Read(ref made) is { } kept && now - kept.MadeAt < Keep && now >= kept.MadeAt) { return kept; }
            var fresh = Make(now);
            Volatile.Write(ref made, fresh);
            return fresh;
        }
    }

    private StatusFacts Make(DateTimeOffset now)
    {
        // Before the gates were read, "open" would be a guess.
        IReadOnlyList<StatusSite> sites = [.. gates.All.OrderBy(g => g.Site, StringComparer.OrdinalIgnoreCase).Select(g => new StatusSite(g.Site, gates.Loaded ? Door(g) : StatusDoor.Unknown, g.Message))];
        var phase = !gates.Loaded ? StatusPhase.Unknown
            : sites.Any(s => s.Door is StatusDoor.Closed or StatusDoor.SigningInClosed) ? StatusPhase.Closed
            : sites.Any(s => s.Door == StatusDoor.Opening) ? StatusPhase.Opening : StatusPhase.Open;
        // What is closed now is not what ended before.
        var window = windows?.Current is { } told && (told.ActualEnd is null || phase == StatusPhase.Open) ? told : null;
        var announced = gates.All.Select(g => g.Announced).OfType<AnnouncedWindow>().Where(a => a.To > now).OrderBy(a => a.From).FirstOrDefault();
        var to = window?.PlannedTo ?? announced?.To;
        return new StatusFacts(
            phase, sites, window?.PlannedFrom ?? announced?.From, to, window?.ExpectedEnd, window?.ActualEnd,
            phase is StatusPhase.Closed or StatusPhase.Opening && to < now && window?.ActualEnd is null, window?.Updates ?? [], now);
    }

    private static StatusDoor Door(GateState gate) => gate.Door switch
    {
        GateDoor.Open => StatusDoor.Open,
        GateDoor.Logins => StatusDoor.SigningInClosed,
        GateDoor.Thawing => StatusDoor.Opening,
        _ => StatusDoor.Closed,
    };
}
