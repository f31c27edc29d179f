using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Domain.Gates;

public enum GateDoor { Open, Logins, Everyone, Thawing }

public enum FreezeDepth { Logins, Everyone, Databases }

/// <summary>A time in which a freeze may come; sites whose lease runs out within it refuse logins by themselves.</summary>
public sealed record AnnouncedWindow(DateTimeOffset From, DateTimeOffset To);

/// <summary>A running process of a site. Times of the form *Milliseconds are of the console's monotonic clock, never of a wall clock.</summary>
/// <param name="AckedVersion">the newest version it said it acts on; 0: none yet</param>
/// <param name="HeardAt">when it last asked, for people</param>
public sealed record SiteInstance(string Name, long AckedVersion, DateTimeOffset HeardAt, long LeaseEndsMilliseconds, int? SessionsLeft = null, string? AppVersion = null)
{
    public bool IsLive(long nowMilliseconds) => LeaseEndsMilliseconds > nowMilliseconds;
}

/// <param name="Because">acknowledged, leasesRanOut or databasesClosed; null while it is not certain</param>
/// <param name="WaitingFor">instances that have not acknowledged and whose lease runs on</param>
public sealed record Certainty(bool Is, string? Because, IReadOnlyList<string> WaitingFor);

/// <summary>Who passes a closed gate.</summary>
/// <param name="Addresses">addresses, or ranges such as 10.0.0.0/8</param>
public sealed record Staff(IReadOnlyList<string> Users, IReadOnlyList<string> Addresses)
{
    public static Staff Nobody { get; } = new([], []);

    /// <summary>An address or range that cannot be read lets nobody in.</summary>
    public bool Includes(string? user, string? address) =>
        (user is not null && Users.Contains(user, StringComparer.Ordinal))
        || (IPAddress.TryParse(address, out var ip) && Addresses.Any(range => Covers(range, ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip)));

    private static bool Covers(string range, IPAddress ip) =>
        IPNetwork.TryParse(range, out var network) ? network.Contains(ip) : IPAddress.TryParse(range, out var one) && one.Equals(ip);
}

/// <summary>
/// The door of one site. Pure: each change gives a new state.
///
/// The version only grows, and it grows with every change that a site has to act on. A freeze is *certain* when every live instance has acknowledged its version,
/// or when every lease that was given before it has run out inside an announced window, or when the databases are closed to the site's roles. Nothing else makes it so:
/// an instance that nobody heard of yet is covered by the second (its lease would have been longer than one lease length ago) or the third.
/// </summary>
/// <param name="Depth">null while the door is open or thawing</param>
/// <param name="Share">percent of members let in while thawing; null otherwise</param>
/// <param name="OrderedAt">when the freeze of this version was ordered; null: not frozen</param>
/// <param name="OrderedMilliseconds">the same on the monotonic clock of the node that reads it</param>
/// <param name="DatabasesClosed">the engine itself refuses the site's roles, in every database of the site</param>
public sealed record GateState(
    string Site, GateDoor Door, long Version, int LeaseSeconds, FreezeDepth? Depth = null, int? Share = null, string? Message = null, AnnouncedWindow? Announced = null,
    DateTimeOffset? OrderedAt = null, long OrderedMilliseconds = 0, bool DatabasesClosed = false, bool Trial = false, IReadOnlyList<SiteInstance>? Heard = null)
{
    public static GateState New(string site, int leaseSeconds) => new(site, GateDoor.Open, 1, leaseSeconds);

    public IReadOnlyList<SiteInstance> Instances => Heard ?? [];

    /// <summary>open, logins, everyone or thawing, as sites are told. At depth databases it is everyone.</summary>
    public string State => Door switch { GateDoor.Open => "open", GateDoor.Logins => "logins", GateDoor.Everyone => "everyone", _ => "thawing" };

    /// <summary>Whether the site's background work may run: only while the door is open, or wholly thawed.</summary>
    public string Jobs => Door == GateDoor.Open ? "run" : "stop";

    /// <summary>Closes the door, or closes it further. A freeze that is not deeper than the present one changes the message only.</summary>
    public GateState Freeze(FreezeDepth depth, string? message, DateTimeOffset now, long nowMilliseconds)
    {
        if (Depth is { } present && present >= depth)
        {
            return this with { Version = Version + 1, Message = message };
        }
        return this with
        {
            Version = Version + 1,
            Door = depth == FreezeDepth.Logins ? GateDoor.Logins : GateDoor.Everyone,
            Depth = depth,
            Share = null,
            Message = message,
            OrderedAt = now,
            OrderedMilliseconds = nowMilliseconds,
            DatabasesClosed = false,
            Trial = false,
        };
    }

    /// <summary>The engine refuses the site's roles now. A fact that was observed, not an order: the version stays.</summary>
    public GateState WithDatabasesClosed(bool closed) => this with { DatabasesClosed = closed };

    /// <summary>Lets staff (0) and then members up to <paramref name="share"/> percent in. At 100 the door is still thawing; <see cref="Open"/> ends it after the watch.</summary>
    /// <returns>a refusal where nothing is frozen, where the share would shrink, or where it is no share</returns>
    public (GateState State, Refusal? Refusal) Thaw(int share)
    {
        if (share is < 0 or > 100)
        {
            return (this, Refusal.Of("share", $"A share goes from 0 to 100; {share} does not."));
        }
        if (Door == GateDoor.Open)
        {
            return (this, new(RefusalCode.WrongState, $"The gate of {Site} is open; there is nothing to thaw."));
        }
        if (DatabasesClosed)
        {
            return (this, new(RefusalCode.WrongState, $"The databases still refuse the roles of {Site}; they are opened first."));
        }
        if (Share > share)
        {
            return (this, new(RefusalCode.WrongState, $"{Share} percent are let in already; to shut members out again, freeze."));
        }
        // Where everybody may come in, what told them that they cannot is over.
        return (this with { Version = Version + 1, Door = GateDoor.Thawing, Depth = null, Share = share, Message = share == 100 ? null : Message, OrderedAt = null, OrderedMilliseconds = 0, Trial = false }, null);
    }

    /// <summary>Everybody in, background work runs again.</summary>
    public GateState Open() => this with
    {
        Version = Version + 1,
        Door = GateDoor.Open,
        Depth = null,
        Share = null,
        Message = null,
        OrderedAt = null,
        OrderedMilliseconds = 0,
        DatabasesClosed = false,
        Trial = false,
    };

    /// <summary>Staff may try the frozen site, or no longer: then it is frozen anew, and what was certain before says nothing of those who came in meanwhile.</summary>
    public GateState WithTrial(bool on, DateTimeOffset now, long nowMilliseconds) => on == Trial || Depth is null ? this
        : on ? this with { Version = Version + 1, Trial = true }
        : this with { Version = Version + 1, Trial = false, OrderedAt = now, OrderedMilliseconds = nowMilliseconds };

    /// <summary>Staff are let into a site that is frozen for everybody else.</summary>
    public bool LetsStaffTry => Trial && !DatabasesClosed && Depth is not null;

    /// <summary>Tells sites of a coming window; null takes the news back.</summary>
    public GateState Announce(AnnouncedWindow? window) => window == Announced ? this : this with { Version = Version + 1, Announced = window };

    /// <summary>An instance asked and is answered now: that gives it a lease. Its acknowledgement stays as it was.</summary>
    public GateState Ask(string instance, DateTimeOffset now, long nowMilliseconds) =>
        With(instance, i => i with { HeardAt = now, LeaseEndsMilliseconds = nowMilliseconds + (LeaseSeconds * 1000L) }, now);

    /// <summary>An instance says on which version it acts. An older word never takes a newer one back, and none can acknowledge what was not ordered yet.</summary>
    public GateState Acknowledge(string instance, long version, DateTimeOffset now, int? sessionsLeft = null, string? appVersion = null) =>
        With(instance, i => i with
        {
            AckedVersion = Math.Max(i.AckedVersion, Math.Min(version, Version)),
            HeardAt = now,
            SessionsLeft = sessionsLeft ?? i.SessionsLeft,
            AppVersion = appVersion ?? i.AppVersion,
        }, now);

    /// <summary>Forgets instances whose lease ended longer ago than <paramref name="keepMilliseconds"/>: the list has to end somewhere.</summary>
    public GateState Forget(long nowMilliseconds, long keepMilliseconds) =>
        this with { Heard = [.. Instances.Where(i => i.LeaseEndsMilliseconds > nowMilliseconds - keepMilliseconds)] };

    private GateState With(string instance, Func<SiteInstance, SiteInstance> change, DateTimeOffset now)
    {
        var one = Instances.FirstOrDefault(i => i.Name == instance) ?? new SiteInstance(instance, 0, now, 0);
        return this with { Heard = [.. Instances.Where(i => i.Name != instance), change(one)] };
    }

    /// <summary>Whether nobody can be let in any more by a site that has not heard of the freeze.</summary>
    public Certainty Certain(DateTimeOffset now, long nowMilliseconds)
    {
        if (Depth is null)
        {
            return new(false, null, []);
        }
        if (DatabasesClosed)
        {
            return new(true, "databasesClosed", []);
        }
        string[] waiting = [.. Instances.Where(i => i.IsLive(nowMilliseconds) && i.AckedVersion < Version).Select(i => i.Name).Order(StringComparer.Ordinal)];
        // Without an announced window a site whose lease ran out lets people in: then silence proves nothing.
        var announced = OrderedAt is { } at && Announced is { } window && window.From <= at && at <= window.To && window.From <= now && now <= window.To;
        var leasesOver = announced && nowMilliseconds - OrderedMilliseconds >= (LeaseSeconds * 1000L) + 1000;
        if (Instances.Any(i => i.IsLive(nowMilliseconds)) && waiting.Length == 0 && (announced || EveryoneHeardIsLive(nowMilliseconds)))
        {
            return new(true, "acknowledged", []);
        }
        return leasesOver ? new(true, "leasesRanOut", []) : new(false, null, waiting);
    }

    // Outside an announced window an instance that fell silent before it acknowledged may be serving on its own word.
    private bool EveryoneHeardIsLive(long nowMilliseconds) => Instances.All(i => i.AckedVersion >= Version || i.IsLive(nowMilliseconds));

    /// <summary>0 to 99: SHA-256 of site, line feed and user; its first four bytes, big-endian, mod 100. Every site and console computes the same.</summary>
    public static int Bucket(string site, string user) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{site}\n{user}"))) % 100);

    /// <summary>Whether a login may pass. While the databases are closed nobody does, staff included, because the site could not work.</summary>
    public bool LetIn(string? user, string? address, Staff staff) => Door switch
    {
        GateDoor.Open => true,
        GateDoor.Thawing => staff.Includes(user, address) || (user is not null && Bucket(Site, user) < (Share ?? 0)) || Share == 100,
        _ => LetsStaffTry && staff.Includes(user, address),
    };
}
