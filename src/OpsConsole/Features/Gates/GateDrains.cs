using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.Gates;

/// <summary>What is open on a frozen site may end by itself until then. Nothing happens when the time is over: a person ends what is left.</summary>
public sealed record GateDrain(string By, DateTimeOffset From, DateTimeOffset Until);

/// <summary>Drains by hand. What was ordered stands in the audit, and is read from there after a restart.</summary>
public sealed class GateDrains(GateBook gates, StoreFactory store, Recorder recorder, ChangeFeed feed, TimeProvider time) : IStartStep
{
    public const int Seconds = 60;
    private const string Ordered = "gate.drain";
    private static readonly TimeSpan Told = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, GateDrain> drains = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null: none runs, or it has been over for long, or the gate is not closed any more.</summary>
    public GateDrain? Of(string site) =>
        drains.GetValueOrDefault(site) is { } drain && time.GetUtcNow() < drain.Until + Told && gates.Find(site) is { Depth: >= FreezeDepth.Everyone, OrderedAt: var at } && at <= drain.From ? drain : null;

    /// <summary>Why a drain cannot begin; null: it can.</summary>
    public Refusal? Refuse(Actor actor, string site)
    {
        if (Permissions.SessionEnd.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (gates.Find(site) is not { } gate) { return GateBook.NoSite(site); }
        if (gates.HeldBy(site) is not null) { return new Refusal(RefusalCode.WrongState, "The window that holds it drains it."); }
        return gate.Depth >= FreezeDepth.Everyone ? Of(site)?.Until > time.GetUtcNow() ? new Refusal(RefusalCode.WrongState, "It is being drained.") : null
            : new Refusal(RefusalCode.WrongState, "Put everyone out first: while logins go on a drain has no end.");
    }

    public async Task<Refusal?> Begin(Actor actor, string site, CancellationToken token)
    {
        if (Refuse(actor, site) is { } no) { return no; }
        var now = time.GetUtcNow();
        await recorder.Write((write, _) =>
        {
            write.Audit(actor, Ordered, site, new { seconds = Seconds });
            return Task.CompletedTask;
        }, token);
        drains[site] = new GateDrain(actor.Name, now, now.AddSeconds(Seconds));
        feed.Moved([Topics.Gates]);
        return null;
    }

    /// <summary>After the freezes are known again.</summary>
    public int Order => 310;

    public async Task Run(CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        foreach (var site in gates.All.Where(g => g.Depth >= FreezeDepth.Everyone).Select(g => g.Site))
        {
            if (await db.Audit.AsNoTracking().Where(a => a.Subject == site && a.Action == Ordered).OrderByDescending(a => a.Sequence).FirstOrDefaultAsync(token) is not { } last) { continue; }
            using var details = JsonDocument.Parse(last.DetailsJson);
            drains[site] = new GateDrain(last.Actor, last.At, last.At.AddSeconds(details.RootElement.GetProperty("seconds").GetInt32()));
        }
    }
}
