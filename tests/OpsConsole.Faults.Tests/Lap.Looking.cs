using OpsConsole.Engines;
using Xunit;

namespace OpsConsole.Faults.Tests;

// The databases while nobody is there to explain them, and at the end.
public sealed partial class Lap
{
    private static readonly string[] Shut = ["checkpoint", "release", "commit", "rollback"];

    private async Task NobodyOfTheSites()
    {
        foreach (var database in LapEstate.Databases) { Assert.False(await estate.SiteGetsIn(database), $"the site gets into {database}"); }
    }

    /// <summary>In words for the table; what must hold at every death is asserted here.</summary>
    private async Task<string> LookAtTheDead(string phase)
    {
        estate.Dead(true);
        try
        {
            if (Shut.Contains(phase)) { await NobodyOfTheSites(); }
            var words = new List<string>();
            foreach (var database in LapEstate.Databases)
            {
                var version = await estate.Version(database);
                Assert.True(version is null || version.Replace(" torn", "", StringComparison.Ordinal) is var v && (v == Old[database] || v == New[database]), $"{database} is at {version}");
                words.Add($"{database} {version ?? "lets nobody in"}{(await estate.SiteGetsIn(database) ? ", open" : ", shut")}");
            }
            if (await estate.Money() is { } money && phase is not ("handFreeze" or "handThaw" or "settle" or "endSession" or "freeze"))
            {
                var moved = money - LapEstate.Cents;
                var marked = phase is "close" or "checkpoint" ? 0 : await estate.Marked() ?? 0;
                Assert.True(moved == marked * LapEstate.Deposit && marked <= 1, $"{marked} markers and {moved} cents");
                if (moved > 0) { words.Add("deposit in"); }
            }
            return string.Join("; ", words);
        }
        finally
        {
            estate.Dead(false);
        }
    }

    /// <summary>The same databases once more, forward to the end and with nothing in the way: nothing of the deaths is left in them.</summary>
    private async Task EndWell()
    {
        Assert.True(goneBack && open, "the lap did not come round");
        Assert.Equal((1, LapEstate.Cents + LapEstate.Deposit), (await estate.Marked(), await estate.Money()));
        var told = (await members.See("api/v1/outcomes")).GetProperty("items").EnumerateArray().Select(o => (Word(o, "id"), Word(o, "status"))).ToList();
        Assert.Equal([(transaction, "committed")], told);
        await StartWindow();
        await Until(Rests);
        for (var seen = await Window(); Word(seen, "status") != "reviewing"; seen = await Window())
        {
            Assert.Equal("running", Word(seen, "status"));
            await TaskDone();
            await Until(Rests);
        }
        await olga.Say($"api/v1/windows/{window}/finalize");
        await LetIn();
        await Until(Rests);
        Assert.Equal("closed", Word(await Window(), "status"));
        Assert.Equal(New, await All(estate.Version));
        Assert.Equal(shells, await All(estate.Shell));
        Assert.Empty(await estate.Strays());
        Assert.Equal((1, LapEstate.Cents + LapEstate.Deposit), (await estate.Marked(), await estate.Money()));
        Assert.Equal("0", estate.StoreText("select count(*) from Acts where Outcome is null"));
        Assert.True((await olga.See("api/v1/audit/verify")).GetProperty("whole").GetBoolean(), "the audit's chain is broken");
        foreach (var database in LapEstate.Databases) { Assert.True(await estate.SiteGetsIn(database)); }
    }
}
