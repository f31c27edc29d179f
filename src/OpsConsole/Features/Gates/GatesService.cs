using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Jobs;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Gates;

/// <summary>The door to the gates, for sites and for people.</summary>
public sealed class GatesService(
    GateBook gates, FreezeService freezing, DatabaseWatch watch, EstateDatabases databases, DriverLease lease, TimeProvider time,
    IWindowPublicFacts? windows = null) : INeeds
{
    /// <summary>The evidence that the page writes in the viewer's zone.</summary>
    public const string Announcement = "Window announced";
    private const int LongestName = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    // ---- sites

    /// <summary>What the site is told now. Waits for news beyond <paramref name="after"/>, but never so long that the lease of the last answer runs out meanwhile.</summary>
    public async Task<Answer<GateAnswer>> Ask(Actor actor, string site, string instance, long? after, int wait, CancellationToken token)
    {
        if (Refuse(actor, site) is { } no) { return no; }
        if (instance.Length is 0 or > LongestName) { return Refusal.Of("instance", $"An instance is named with 1 to {LongestName} characters."); }
        if (await gates.Ask(site, instance, token) is not { } gate) { return new Refusal(RefusalCode.TooMany, $"{site} has more instances than the console keeps."); }
        if (after >= gate.Version && wait > 0)
        {
            var limit = TimeSpan.FromSeconds(gate.LeaseSeconds / 2.0);
            var span = TimeSpan.FromSeconds(Math.Min(wait, LongestWait.TotalSeconds));
            await gates.WaitBeyond(site, after.Value, span < limit ? span : limit, token);
            gate = await gates.Ask(site, instance, token);
        }
        return Told(gate!);
    }

    /// <summary>For a stream: waits for news, then answers, which renews the lease.</summary>
    public async Task<GateAnswer?> Next(string site, string instance, long after, TimeSpan atMost, CancellationToken token)
    {
        if (!lease.Held) { return null; }
        await gates.WaitBeyond(site, after, atMost, token);
        return await gates.Ask(site, instance, token) is { } gate && lease.Held ? Told(gate) : null;
    }

    public async Task<Answer<bool>> Acknowledge(Actor actor, string site, string instance, long version, int? sessionsLeft, string? appVersion, CancellationToken token)
    {
        if (Refuse(actor, site) is { } no) { return no; }
        if (version < 1) { return Refusal.Of("version", "version is the gate's, which begins at 1."); }
        if (sessionsLeft < 0) { return Refusal.Of("sessionsLeft", "sessionsLeft begins at 0."); }
        if (appVersion?.Length > LongestName) { return Refusal.Of("appVersion", $"appVersion has at most {LongestName} characters."); }
        return await gates.Acknowledge(site, instance, version, sessionsLeft, appVersion, token)
            ? true : new Refusal(RefusalCode.WrongState, $"Instance {instance} of {site} never asked, so it has nothing to acknowledge.");
    }

    /// <summary>Whether this login may pass.</summary>
    public Answer<bool> Check(Actor actor, string site, string? user, string? address) =>
        Refuse(actor, site) is { } no ? no : gates.Find(site)!.LetIn(user, address, gates.StaffOf(site));

    public int RetryAfter => windows?.Current is { Running: true } window && (window.ExpectedEnd ?? window.PlannedTo) - time.GetUtcNow() is { TotalSeconds: > 30 } left
        ? (int)Math.Min(left.TotalSeconds, 3600) : 30;

    private Refusal? Refuse(Actor actor, string site)
    {
        if (Permissions.GateAsk.Refuse(actor, time.GetUtcNow(), site) is { } no) { return no; }
        if (gates.Find(site) is null) { return GateBook.NoSite(site); }
        // Without the lease this console may not know the newest word; saying open then could let people in.
        return gates.Loaded && lease.Held ? null : new Refusal(RefusalCode.NotNow, "This console does not drive now; ask again.");
    }

    // A trial is to a site what the first stage of a thaw is: staff, and no background work.
    private GateAnswer Told(GateState gate) => new(
        gate.Site, gate.LetsStaffTry ? "thawing" : gate.State, gate.Version, gate.LeaseSeconds, time.GetUtcNow(), gate.Message, gate.Door == GateDoor.Open ? null : RetryAfter, gate.Jobs, gate.Announced,
        gate.LetsStaffTry ? 0 : gate.Share);

    // ---- people

    public Answer<IReadOnlyList<GateView>> List(Actor actor) => Permissions.GateRead.Refuse(actor, time.GetUtcNow()) is { } no
        ? no : new Answer<IReadOnlyList<GateView>>([.. gates.All.OrderBy(g => g.Site, StringComparer.OrdinalIgnoreCase).Select(View)], null);

    public async Task<Answer<GateView>> Freeze(Actor actor, string site, FreezeDepth? depth, string? message, string? reason, bool includeSites, CancellationToken token)
    {
        if (Permissions.GateFreeze.Refuse(actor, time.GetUtcNow(), site) is { } no) { return no; }
        if (depth is not { } how) { return Refusal.Of("depth", "depth is logins, everyone or databases."); }
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > 500) { return Refusal.Of("reason", "A reason is needed, of at most 500 characters."); }
        if (message?.Length > 500) { return Refusal.Of("message", "The message has at most 500 characters."); }
        return Seen(await freezing.Freeze(actor, site, how, message, reason, includeSites, null, null, token));
    }

    public async Task<Answer<GateView>> Thaw(Actor actor, string site, int? share, CancellationToken token) =>
        Permissions.GateThaw.Refuse(actor, time.GetUtcNow(), site) is { } no ? no
        : share is not { } percent ? Refusal.Of("share", "share is a number from 0, staff only, to 100.") : Seen(await freezing.Thaw(actor, site, percent, null, null, token));

    public Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token)
    {
        List<Need> needs = [];
        foreach (var gate in List(actor).Value ?? [])
        {
            if (gate.Frozen && !gate.Certain.Is)
            {
                needs.Add(new(Mark.Attention, gate.Certain.WaitingFor.Count > 0 ? $"{gate.Site} is not closed for certain: {string.Join(", ", gate.Certain.WaitingFor)}" : $"{gate.Site} is not closed for certain", gate.OrderedAt, "See the gate", "gates"));
            }
            // Frozen by a window it is the window's; by hand nobody else remembers it.
            if (gate.HeldBy is null && ((gate.Frozen && gate.Certain.Is) || gate.State == "thawing"))
            {
                needs.Add(new(Mark.Frozen, gate.State == "thawing" ? $"{gate.Site} was frozen by hand and lets in {(gate.Share == 0 ? "staff only" : $"{gate.Share} %")}"
                    : $"{gate.Site} is frozen by hand: {(gate.Depth == FreezeDepth.Logins ? "nobody can log in" : gate.DatabasesClosed ? "everyone is out, its databases are closed" : "everyone is out")}", gate.OrderedAt, "See the gate", "gates"));
            }
            if (gate.Depth == FreezeDepth.Databases && !gate.DatabasesClosed)
            {
                needs.Add(new(Mark.Danger, $"The databases of {gate.Site} should refuse its roles and do not", gate.OrderedAt, "See the gate", "gates"));
            }
        }
        return Task.FromResult<IReadOnlyList<Need>>(needs);
    }

    private Answer<GateView> Seen(Answer<GateState> answer) => answer.Refusal is { } no ? new Answer<GateView>(null, no, answer.More) : View(answer.Value!);

    private GateView View(GateState gate)
    {
        var certainty = gates.CertainNow(gate.Site);
        var now = gates.Milliseconds;
        IReadOnlyList<InstanceView> instances = [.. gate.Instances.OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new InstanceView(
            i.Name, i.AckedVersion, gates.AckedAt(gate.Site, i.Name), i.HeardAt, gates.ToTime(i.LeaseEndsMilliseconds), i.IsLive(now), i.SessionsLeft, i.AppVersion))];
        var names = freezing.DatabasesOf(gate.Site);
        var seen = names.Select(watch.Of).ToList();
        // What an instance said with its acknowledgement counts down an eviction; of an open site it is a figure of long ago.
        var known = gate.Depth >= FreezeDepth.Everyone ? instances.Where(i => i.Live && i.SessionsLeft is not null).ToList() : [];
        var inWindow = gate.Announced is { } a && gate.OrderedAt is { } at && a.From <= at && at <= a.To;
        return new GateView(
            gate.Site, gate.State, gate.Version, gate.LeaseSeconds, time.GetUtcNow(), gate.Message, gate.Jobs, gate.Announced, gate.Share, gate.Depth, gate.OrderedAt,
            gate.DatabasesClosed, gate.Trial, gates.HeldBy(gate.Site), new CertainView(certainty.Is, certainty.Is ? gates.CertainSince(gate.Site) : null, certainty.Because, certainty.WaitingFor),
            gate.Depth is not null && !certainty.Is && inWindow ? gates.ToTime(gate.OrderedMilliseconds + (gate.LeaseSeconds * 1000L) + 1000) : null,
            instances, known.Count > 0 ? known.Sum(i => i.SessionsLeft) : null,
            seen.Count > 0 && seen.All(s => s is { Reachable: true, Facts.SiteSessions: not null }) ? seen.Sum(s => s.Facts!.SiteSessions) : null,
            seen.Count > 0 && seen.All(s => s is { Reachable: true, Facts: not null }) ? seen.Sum(s => s.Facts!.InDoubt) : null,
            Evidence(gate, instances, seen), names, [.. names.SelectMany(n => databases.Find(n)?.Settings.SiteRoles ?? []).Distinct()],
            freezing.NotFrozenNeighbours(gate.Site), gates.StaffOf(gate.Site).Users, gates.StaffOf(gate.Site).Addresses);
    }

    private List<EvidenceView> Evidence(GateState gate, IReadOnlyList<InstanceView> instances, List<Seen> seen)
    {
        var now = time.GetUtcNow();
        var live = instances.Where(i => i.Live).ToList();
        List<EvidenceView> found =
        [
            new("Gate on disk", true, $"version {gate.Version}, {gate.State}", now),
            new("Instances", gate.Depth is null ? true : live.Count > 0 && live.All(i => i.Version >= gate.Version),
                live.Count == 0 ? "none is heard" : $"{live.Count(i => i.Version >= gate.Version)} of {live.Count} acknowledged", live.Count == 0 ? null : live.Min(i => i.HeardAt)),
            new(Announcement, gate.Announced is not null ? true : null, gate.Announced is { } w ? $"{w.From:HH:mm} to {w.To:HH:mm} UTC" : "none: silence of an instance proves nothing", now),
            new("Background work", true, gate.Jobs == "stop" ? "told to stop" : "told to run", now),
        ];
        found.AddRange(seen.Select(s => new EvidenceView(
            $"Connections of {s.Name}", s.Reachable && s.Facts?.SiteSessions is { } n ? gate.Depth is null || n == 0 : null,
            !s.Reachable ? s.Fault ?? "not seen yet" : s.Facts?.SiteSessions is { } count ? $"{count} of the site" : "SQLite cannot tell", s.SeenAt)));
        found.AddRange(seen.Select(s => new EvidenceView(
            $"Prepared in {s.Name}", s.Reachable && s.Facts is not null ? s.Facts.InDoubt == 0 : null,
            !s.Reachable || s.Facts is null ? s.Fault ?? "not seen yet" : s.Facts.InDoubt == 0 ? "none" : $"{s.Facts.InDoubt} prepared", s.SeenAt)));
        if (gate.Depth is not null)
        {
            // The same question that a web server asks before it lets somebody in, for nobody in particular.
            var refused = !gate.LetIn(null, null, Staff.Nobody);
            found.Insert(2, new("Test login", refused, refused ? "refused by the gate (403)" : "let in by the gate", now));
        }
        if (gate.Depth == FreezeDepth.Databases || gate.DatabasesClosed)
        {
            found.Add(new("Databases refuse the roles", gate.DatabasesClosed, gate.DatabasesClosed ? string.Join(", ", freezing.DatabasesOf(gate.Site)) : "not all of them", now));
        }
        return found;
    }
}
