using System.Net.Http.Json;
using OpsConsole.Engines;
using Xunit;

namespace OpsConsole.Faults.Tests;

// What is said in each phase, and what has to be true after it, seen from outside the console.
public sealed partial class Lap
{
    private const string AllNew = "all-new", AllOld = "all-old";
    private static readonly Dictionary<string, string?> Old = new() { ["members"] = "4", ["forum"] = "6" }, New = new() { ["members"] = "5", ["forum"] = "7" };
    private Dictionary<string, string> shells = [];
    private Dictionary<string, string> atCheckpoint = [];
    private readonly Dictionary<string, string?> sessions = [];
    private readonly List<string> written = [];
    private string transaction = "";
    private string? prepared;
    private bool goneBack, open;

    private async Task Post() => transaction = Word(await PostKeyed("lap"), "id");

    private async Task Settle()
    {
        prepared ??= await estate.LeavePrepared("forum", "prepared");
        using var answer = await olga.PostAsJsonAsync($"api/v1/databases/forum/in-doubt/{prepared ?? "none"}/commit", new { reason = "its site says so" });
        Assert.True(answer.IsSuccessStatusCode || (prepared is null && answer.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Conflict), $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<string> Settled()
    {
        if (prepared is not { } gid) { return AllOld; }
        var waits = await estate.PreparedWaits(gid);
        Assert.Equal(waits ? "0" : "1", await estate.Text("forum", "select count(*) from notes where word = 'prepared'"));
        if (waits) { await Settle(); }
        Assert.Equal((false, "1"), (await estate.PreparedWaits(gid), await estate.Text("forum", "select count(*) from notes where word = 'prepared'")));
        return waits ? $"{AllOld}: it is still prepared, and is committed once when it is asked for again" : $"{AllNew}: it is committed, once";
    }

    private async Task EndSession()
    {
        if (!sessions.TryGetValue("members", out var session)) { sessions["members"] = session = await estate.LeaveSession("members"); }
        using var answer = await olga.DeleteAsync(new Uri($"api/v1/databases/members/sessions/{session ?? "1"}", UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == System.Net.HttpStatusCode.NotFound, $"{answer.StatusCode}");
    }

    private async Task<string> SessionEnded()
    {
        if (sessions.GetValueOrDefault("members") is not { } session) { return AllOld; }
        var lives = await estate.SessionLives("members", session);
        if (lives) { await EndSession(); }
        Assert.False(await estate.SessionLives("members", session));
        sessions.Clear();
        return lives ? $"{AllOld}: the session goes on, and is ended when it is asked for again" : $"{AllNew}: the session is gone";
    }

    private async Task StartWindow()
    {
        window = Word(await olga.Say("api/v1/windows", new { name = $"lap {plan.Number}", to = New }), "id");
        await anton.Say($"api/v1/windows/{window}/approve");
        await olga.Say($"api/v1/windows/{window}/start");
    }

    private async Task TaskDone()
    {
        var seen = await Window();
        var task = TaskOf(seen);
        Assert.True(task is not null, $"no task waits: {seen}");
        if (sessions.Count < LapEstate.Databases.Length) { foreach (var database in LapEstate.Databases) { sessions[database] = await estate.LeaveSession(database); } }
        await olga.Say($"api/v1/windows/{window}/{task}", new { note = "looked at" });
    }

    private async Task<string> Frozen()
    {
        var came = await Decided();
        foreach (var gate in (await olga.See("api/v1/gates")).GetProperty("items").EnumerateArray()) { Assert.Equal("everyone", Word(gate, "state")); }
        Assert.Equal(Old, await All(estate.Version));
        return $"{came}: both gates are frozen, the window goes on";
    }

    private async Task<string> ShutOut()
    {
        var came = await Decided();
        foreach (var database in LapEstate.Databases)
        {
            Assert.False(await estate.SiteGetsIn(database), $"the site gets into {database}");
            if (sessions.GetValueOrDefault(database) is { } session) { Assert.False(await estate.SessionLives(database, session), $"a session of the site goes on in {database}"); }
        }
        await GatesSayClosed();
        return $"{came}: both databases are shut, no session is left";
    }

    private async Task GatesSayClosed()
    {
        foreach (var gate in (await olga.See("api/v1/gates")).GetProperty("items").EnumerateArray())
        {
            Assert.True(gate.GetProperty("databasesClosed").GetBoolean(), $"the databases of {Word(gate, "site")} are shut, and its gate says that they are not");
        }
    }

    /// <summary>The way back must bring this back too: a checkpoint from before it would be of another moment than the rest.</summary>
    private async Task WriteWhileItIsDead()
    {
        foreach (var database in LapEstate.Databases)
        {
            if (await estate.WriteFromOutside(database)) { written.Add(database); }
        }
    }

    private async Task<string> CheckpointTaken()
    {
        var came = await Decided();
        Assert.Empty(await estate.Strays());
        await NobodyOfTheSites();
        await GatesSayClosed();
        atCheckpoint = await All(estate.Content);
        Assert.Contains((await olga.See($"api/v1/windows/{window}/events")).GetProperty("items").EnumerateArray(), e => Word(e, "event") == "checkpointTaken");
        return $"{came}: one whole checkpoint of both{(written.Count == 0 ? "" : $", with what was written meanwhile in {string.Join(" and ", written)}")}";
    }

    private async Task<string> Released()
    {
        await NobodyOfTheSites();
        await GatesSayClosed();
        var came = await Decided();
        if (!plan.GoesBackFromRelease)
        {
            Assert.Equal(New, await All(estate.Version));
            Assert.All((await All(d => estate.Text(d, "select word from later where id = 1"))).Values, word => Assert.Equal("five", word));
            await TaskDone();
            await Until(Rests);
            Assert.Equal("reviewing", Word(await Window(), "status"));
        }
        return came;
    }

    private async Task Trial(bool on) => await olga.Say($"api/v1/windows/{window}/trial", new { on });

    private async Task<string> Tried()
    {
        var came = await Decided();
        foreach (var database in LapEstate.Databases) { Assert.True(await estate.SiteGetsIn(database), $"the trial does not get into {database}"); }
        await Trial(false);
        await Until(Rests);
        Assert.Equal("reviewing", Word(await Window(), "status"));
        await NobodyOfTheSites();
        await GatesSayClosed();
        return $"{came}: staff get in and are counted; shut again after the trial";
    }

    private async Task Commit() => await olga.Say($"api/v1/transactions/{transaction}/commit");

    private async Task<string> Committed()
    {
        var status = Word(await olga.See($"api/v1/transactions/{transaction}"), "status");
        var (marked, money) = (await estate.Marked(), await estate.Money());
        Assert.Equal((status == "committed" ? 1 : 0, LapEstate.Cents + (status == "committed" ? LapEstate.Deposit : 0)), (marked, money));
        Assert.Contains(status, new[] { "committed", "approved", "pending" });
        await CommitsOnce();
        return status == "committed" ? $"{AllNew}: committed, one marker, the money to the cent" : $"{AllOld}: {status}, no marker, no money moved; committed once when it is asked for again";
    }

    private async Task CommitsOnce()
    {
        foreach (var _ in new[] { 1, 2 })
        {
            await Commit();
            Assert.Equal("committed", Word(await olga.See($"api/v1/transactions/{transaction}"), "status"));
            Assert.Equal((1, LapEstate.Cents + LapEstate.Deposit), (await estate.Marked(), await estate.Money()));
        }
    }

    private async Task RollBack() => await olga.Say($"api/v1/windows/{window}/rollback", new { reason = "the lap goes back" });

    private async Task<string> RolledBack()
    {
        var came = await Decided();
        goneBack = true;
        Assert.Equal("rolledBack", Word(await Window(), "status"));
        Assert.Equal(Old, await All(estate.Version));
        Assert.Equal(atCheckpoint, await All(estate.Content));
        Assert.Empty(await estate.Strays());
        await NobodyOfTheSites();
        await GatesSayClosed();
        Assert.Equal((0, LapEstate.Cents), (await estate.Marked(), await estate.Money()));
        Assert.Equal("pending", Word(await olga.See($"api/v1/transactions/{transaction}"), "status"));
        if (!plan.GoesBackFromRelease) { await CommitsOnce(); }
        return $"{came}: both are their checkpoint to the row, the transaction waits again";
    }

    private async Task Thaw(int share) => await olga.Say($"api/v1/windows/{window}/thaw", new { share });

    private async Task<string> Opened()
    {
        var came = await Decided();
        Assert.Equal(shells, await All(estate.Shell));
        foreach (var database in LapEstate.Databases) { Assert.True(await estate.SiteGetsIn(database), $"the site does not get into {database}"); }
        open = true;
        return $"{came}: rights and settings are as they were, the sites get in";
    }

    private async Task LetIn()
    {
        await Thaw(100);
        await Until(Rests);
        await olga.Say($"api/v1/windows/{window}/close");
    }

    private async Task<string> LetInAll()
    {
        var came = await Decided();
        if (Word(await Window(), "status") == "thawing")
        {
            await olga.Say($"api/v1/windows/{window}/close");
            await Until(Rests);
        }
        Assert.Equal("closed", Word(await Window(), "status"));
        foreach (var gate in (await olga.See("api/v1/gates")).GetProperty("items").EnumerateArray()) { Assert.Equal("open", Word(gate, "state")); }
        Assert.Equal(shells, await All(estate.Shell));
        return $"{came}: the gates are open, the window is closed";
    }

    /// <summary>Where the console asks, a person answers with what is offered: again where that is offered, back where it is torn.</summary>
    private async Task<string> Decided()
    {
        var asked = "";
        for (var seen = await Window(); Word(seen, "status") == "needsDecision"; seen = await Window())
        {
            var decision = seen.GetProperty("decision");
            var observed = Word(decision, "observed");
            var choices = decision.GetProperty("choices").EnumerateArray().Select(c => Word(c, "verb")).ToList();
            Assert.Contains(observed, new[] { "notDone", "torn", "unknown" });
            Assert.Contains("lookAgain", choices);
            Assert.True(asked.Length == 0, $"asked again after the answer: {decision}");
            asked = $"{observed} ({string.Join(", ", choices)})";
            await Truth(observed);
            if (plan.GoesBackFromRelease)
            {
                Assert.Contains("rollback", choices);
                return $"named choice: {asked}; back is chosen";
            }
            Assert.Contains("retry", choices);
            await olga.Say($"api/v1/windows/{window}/retry");
            await Until(Rests);
        }
        return asked.Length == 0 ? AllNew : $"named choice: {asked}; again is chosen, then {AllNew}";
    }

    /// <summary>What is shown to the person has to be so.</summary>
    private async Task Truth(string observed)
    {
        var versions = await All(estate.Version);
        var torn = versions.Values.Any(v => v!.EndsWith(" torn", StringComparison.Ordinal));
        Assert.True(observed == "torn" ? torn : observed == "notDone" && (!torn || plan.Way == ReleaseWay.Repeatable), $"it says {observed}, and the databases are at {string.Join(" and ", versions)}");
    }
}
