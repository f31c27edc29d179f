using Xunit;

namespace OpsConsole.Faults.Tests;

// A freeze that a person orders at the gates, with nobody but the start to carry it on.
public sealed partial class Lap
{
    private async Task FreezeByHand()
    {
        foreach (var database in LapEstate.Databases)
        {
            if (!sessions.ContainsKey(database)) { sessions[database] = await estate.LeaveSession(database); }
        }
        await olga.Say("api/v1/gates/forum/freeze", new { depth = "databases", includeSites = true, reason = "by hand" });
    }

    /// <summary>Wholly ordered or not at all: a gate that says it is closed down to the databases is so, and no session goes on behind it.</summary>
    private async Task<string> FrozenByHand()
    {
        var (depth, closed) = await Gate("forum");
        var old = depth is null;
        Assert.True(old || depth == "databases", $"the gate is frozen at {depth}");
        if (old)
        {
            Assert.False(closed);
            Assert.Equal(shells, await All(estate.Shell));
            await FreezeByHand();
        }
        Assert.Equal(("databases", true), await Gate("forum"));
        await NobodyOfTheSites();
        foreach (var (database, session) in sessions)
        {
            Assert.False(session is not null && await estate.SessionLives(database, session), $"the gate says that {database} is shut, and a session of the site goes on in it");
        }
        sessions.Clear();
        return old ? $"{AllOld}: the gate is open, the doors are as they were; frozen when it is ordered again" : $"{AllNew}: the gate is frozen, both databases are shut, no session is left";
    }

    private async Task ThawByHand() => await olga.Say("api/v1/gates/forum/thaw", new { share = 100 });

    private async Task<string> ThawedByHand()
    {
        var (depth, closed) = await Gate("forum");
        var old = depth is not null;
        if (old)
        {
            Assert.True(closed, "the gate is frozen down to the databases, and they are not shut");
            await NobodyOfTheSites();
            await ThawByHand();
        }
        await olga.Say("api/v1/gates/members/thaw", new { share = 100 });
        foreach (var site in LapEstate.Sites) { Assert.Equal((null, false), await Gate(site)); }
        Assert.Equal(shells, await All(estate.Shell));
        foreach (var database in LapEstate.Databases) { Assert.True(await estate.SiteGetsIn(database), $"the site does not get into {database}"); }
        return old ? $"{AllOld}: the gate is frozen, both databases are shut; open when it is ordered again" : $"{AllNew}: the gate is open, the rights are as they were";
    }

    private async Task<(string? Depth, bool Closed)> Gate(string site)
    {
        var gate = (await olga.See("api/v1/gates")).GetProperty("items").EnumerateArray().Single(g => Word(g, "site") == site);
        return (gate.GetProperty("depth").GetString(), gate.GetProperty("databasesClosed").GetBoolean());
    }
}
