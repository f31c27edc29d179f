using System.Net;

namespace OpsConsole.Gate;

/// <summary>What a site knows of its gate at one instant. Replaced as a whole, so that a reader never sees half of a change.</summary>
/// <param name="Word">null: never heard</param>
/// <param name="Lease">null: the word was remembered from an earlier run of the process</param>
public sealed record GateKnowledge(GateWord? Word, GateLease? Lease)
{
    /// <summary>Nothing was heard yet.</summary>
    public static GateKnowledge None { get; } = new(null, null);
}

/// <summary>The rules of the gate, free of any clock, wire or file of their own.</summary>
public static class GateRules
{
    private const int DefaultRetrySeconds = 60;

    /// <summary>
    /// What becomes known by an answer. Versions only grow: an older answer changes nothing and renews nothing; the same version renews the lease
    /// and the announcement, but cannot move the state.
    /// </summary>
    public static GateKnowledge Take(GateKnowledge known, GateWord word, GateLease lease)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(word);
        if (known.Word is not { } held || word.Version > held.Version)
        {
            return new(word, lease);
        }
        return word.Version < held.Version ? known : new(held with { Announced = word.Announced }, lease);
    }

    /// <summary>Decides for one person, from memory.</summary>
    public static GateDecision Decide(
        GateKnowledge known, string site, GateStaff staff, TimeProvider time, string? user, IPAddress? address, GateAsk ask)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(staff);
        ArgumentNullException.ThrowIfNull(time);
        if (known.Word is not { } word)
        {
            return new(false, GateReason.NeverHeard, DefaultRetrySeconds, null);
        }
        switch (word.State)
        {
            case GateState.Open:
                if (!IsUnheard(known, time))
                {
                    return new(true, GateReason.Open, 0, null);
                }
                return ask == GateAsk.Login && IsAnnounced(known, time)
                    ? Refuse(word, GateReason.AnnouncedAndUnheard)
                    : new(true, GateReason.OpenUnheard, 0, null);
            case GateState.Logins:
                return ask == GateAsk.Session ? new(true, GateReason.SessionGoesOn, 0, null) : Refuse(word, GateReason.Frozen);
            case GateState.Thawing:
                if (ask == GateAsk.Login && IsUnheard(known, time) && IsAnnounced(known, time))
                {
                    return Refuse(word, GateReason.AnnouncedAndUnheard);
                }
                if (staff.Includes(user, address))
                {
                    return new(true, GateReason.Staff, 0, null);
                }
                // Without a name there is no bucket, and only a thaw that lets all in lets the nameless in.
                return word.Share >= 100 || (user is not null && ThawBucket.Of(site, user) < word.Share)
                    ? new(true, GateReason.InShare, 0, null)
                    : Refuse(word, GateReason.NotYet);
            default:
                return Refuse(word, GateReason.Frozen);
        }
    }

    /// <summary>Background work may run. Unknown is no: a job can wait, and what it wrote into a checkpoint could not be taken back.</summary>
    public static bool JobsMayRun(GateKnowledge known, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Word is { JobsRun: true } && !(IsUnheard(known, time) && IsAnnounced(known, time));
    }

    /// <summary>The lease ran out, or there never was one in this process.</summary>
    public static bool IsUnheard(GateKnowledge known, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.Lease is not { } lease || lease.HasRunOut(time);
    }

    private static bool IsAnnounced(GateKnowledge known, TimeProvider time)
    {
        if (known.Word?.Announced is not { } window)
        {
            return false;
        }
        if (known.Lease is { } lease)
        {
            return lease.MayBeInside(window, time);
        }
        var now = time.GetUtcNow();
        return window.From <= now && now < window.To;
    }

    private static GateDecision Refuse(GateWord word, GateReason reason) =>
        new(false, reason, Math.Max(1, word.RetryAfterSeconds ?? DefaultRetrySeconds), word.Message);
}
