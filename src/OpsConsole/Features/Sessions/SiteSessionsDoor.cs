using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Sessions;

/// <summary>What other rooms may ask of the members' sessions: how many there are, and to end all of them.</summary>
public sealed class SiteSessionsDoor(SessionsService sessions, ConsoleSettings settings, TimeProvider time) : ISiteSessions
{
    public async Task<SiteSessionCount> Count(Actor actor, string site, CancellationToken token)
    {
        var now = time.GetUtcNow();
        if (Permissions.EstateRead.Refuse(actor, now) is { } no) { return new(null, no.Text, no.Text, now); }
        if (settings.Estate.Site(site) is not { } known) { return new(null, $"There is no site {site}.", $"There is no site {site}.", now); }
        var there = await sessions.Members(known, token);
        return new(there.Source.Count, there.Source.Because, known.Sessions?.EndSql is null ? $"{site} names no EndSql, so its sessions cannot be ended from here." : null, now);
    }

    public async Task<Answer<int>> EndAll(Actor actor, string site, CancellationToken token)
    {
        if (Permissions.SessionEndAll.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (settings.Estate.Site(site) is not { } known) { return new Refusal(RefusalCode.NotFound, $"There is no site {site}."); }
        var ended = 0;
        foreach (var ids in (await sessions.Members(known, token)).Rows.Select(m => m.Id).Chunk(SessionsService.MostAtOnce))
        {
            var answer = await sessions.EndMembers(actor, site, ids, token);
            if (answer.Refusal is { } refusal) { return refusal; }
            ended += answer.Value;
        }
        return ended;
    }
}
