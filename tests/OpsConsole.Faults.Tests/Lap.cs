using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using OpsConsole.Engines;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <param name="Operator">plans, runs, reviews and audits</param>
public sealed record LapKeys(string Operator, string Approver, string Site);

/// <summary>
/// One night with a death in each phase. A phase: a person says the word, the console dies at the place, the databases are looked at, a new console starts
/// (armed with the next place, to which it cannot come before a person speaks again), looks and settles; then what came of it is looked at from outside.
/// </summary>
public sealed partial class Lap(LapEstate estate, LapPlan plan, LapKeys keys, string folder, FailpointTable table) : IAsyncDisposable
{
    private const int Killed = 137;
    private readonly ConsoleProcess console = new(Path.Combine(folder, "appsettings.json"), folder);
    private HttpClient olga = new();
    private HttpClient anton = new();
    private HttpClient members = new();
    private string window = "";

    public async ValueTask DisposeAsync()
    {
        await console.DisposeAsync();
        Forget();
        await estate.DisposeAsync();
    }

    public async Task Run()
    {
        shells = await All(estate.Shell);
        await Start(plan.Phases.FirstOrDefault(plan.Deaths.ContainsKey));
        await Post();
        foreach (var phase in plan.Phases)
        {
            try
            {
                await Phase(phase);
            }
            catch (Exception fault)
            {
                if (plan.Deaths.TryGetValue(phase, out var death)) { table.Add(new FailpointLine(plan.Engine, death, "-", $"FAILED: {fault.Message.Split('\n')[0]}")); }
                throw new InvalidOperationException($"{plan}\nin the phase {phase}: {fault.Message}\n{fault.StackTrace}\n--- the console said\n{Tail(console.Output)}", fault);
            }
        }
        await EndWell();
    }

    private Task Phase(string phase) => phase switch
    {
        "handFreeze" => Stage(phase, FreezeByHand, null, FrozenByHand),
        "handThaw" => Stage(phase, ThawByHand, null, ThawedByHand),
        "settle" => Stage(phase, Settle, null, Settled),
        "endSession" => Stage(phase, EndSession, null, SessionEnded),
        "freeze" => Stage(phase, StartWindow, Rests, Frozen),
        "close" => Stage(phase, TaskDone, Rests, ShutOut),
        "checkpoint" => Stage(phase, TaskDone, Rests, CheckpointTaken, WriteWhileItIsDead),
        "release" => Stage(phase, TaskDone, Rests, Released),
        "trialCount" => plan.Deaths.ContainsKey(phase) ? Stage(phase, () => Trial(true), Rests, Tried) : Task.CompletedTask,
        "commit" => Stage(phase, Commit, null, Committed),
        "rollback" => Stage(phase, RollBack, Rests, RolledBack),
        "reopen" => Stage(phase, () => Thaw(0), Rests, Opened),
        "thaw" => Stage(phase, LetIn, Rests, LetInAll),
        _ => throw new InvalidOperationException($"No night comes to the effect {phase}."),
    };

    private async Task Stage(string phase, Func<Task> say, Func<Task<bool>>? rests, Func<Task<string>> outcome, Func<Task>? meanwhile = null)
    {
        var death = plan.Deaths.GetValueOrDefault(phase);
        var died = await Dies(say, rests);
        if (death is null)
        {
            Assert.False(died, "the console died with no death planned here");
            await outcome();
            return;
        }
        Assert.True(died || death.Because is not null, $"{death.Name} was not hit: the phase ended with the console alive. If {plan.Engine} never comes there, say why in FailpointPlan.NotThere.");
        Assert.False(died && death.Because is not null, $"{death.Name} was hit, and is declared as a place to which {plan.Engine} never comes: {death.Because}");
        if (!died) { await console.Kill(); }
        Assert.Equal(Killed, console.ExitCode);
        var seen = await LookAtTheDead(phase);
        if (died && meanwhile is not null) { await meanwhile(); }
        estate.ForgetLease();
        await Start(plan.Phases.SkipWhile(p => p != phase).Skip(1).FirstOrDefault(plan.Deaths.ContainsKey));
        if (rests is not null) { await Until(rests); }
        var came = await outcome();
        Assert.True(estate.StoreText("select count(*) from Acts where Outcome is null") == "0", $"after {death.Name} and the restart an act is left without an outcome: {estate.StoreText("select Kind || ' ' || Subject from Acts where Outcome is null limit 1")}");
        table.Add(new FailpointLine(plan.Engine, death, seen, death.Because is { } because ? $"never hit: {because}" : came));
    }

    /// <summary>True: it died on the way. False: the phase ended and it lives.</summary>
    private async Task<bool> Dies(Func<Task> say, Func<Task<bool>>? rests)
    {
        try
        {
            await say();
            if (rests is not null) { await Until(rests); }
            return false;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            await console.Ended(TimeSpan.FromSeconds(60));
            return true;
        }
    }

    private async Task Start(string? phase)
    {
        var death = phase is null ? null : plan.Deaths[phase];
        await console.Start(death?.Armed);
        Assert.False(console.HasExited, $"the console died at its start, armed with {death?.Name}");
        Forget();
        (olga, anton, members) = (console.As(keys.Operator), console.As(keys.Approver), console.As(keys.Site));
    }

    private void Forget()
    {
        olga.Dispose();
        anton.Dispose();
        members.Dispose();
    }

    /// <summary>The window waits for a person: nothing moves until somebody speaks.</summary>
    private async Task<bool> Rests()
    {
        var seen = await Window();
        bool Done(string kind, string group) => seen.GetProperty("steps").EnumerateArray().Any(s => Word(s, "kind") == kind && Word(s, "group") == group && Word(s, "status") == "done");
        return Word(seen, "status") switch
        {
            "reviewing" => !seen.GetProperty("steps").EnumerateArray().Any(s => Word(s, "group") == "trial" && Word(s, "status") != "done"),
            "needsDecision" or "rolledBack" or "finalized" => true,
            "running" => TaskOf(seen) is not null,
            "thawing" => Done("thaw", "forward"),
            "closed" => Done("thaw", "close"),
            _ => false,
        };
    }

    private Task<JsonElement> Window() => olga.See($"api/v1/windows/{window}");

    private static string? TaskOf(JsonElement seen) => seen.GetProperty("can").EnumerateArray().Select(v => v.GetString()!).FirstOrDefault(v => v.StartsWith("steps/", StringComparison.Ordinal));

    private static string Word(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var from = Stopwatch.GetTimestamp(); !await holds(); await Task.Delay(60))
        {
            Assert.True(Stopwatch.GetElapsedTime(from) < TimeSpan.FromSeconds(180), "the window moved on for 180 s and came to no rest");
        }
    }

    private static async Task<Dictionary<string, T>> All<T>(Func<string, Task<T>> read)
    {
        var all = new Dictionary<string, T>();
        foreach (var database in LapEstate.Databases) { all[database] = await read(database); }
        return all;
    }

    private static string Tail(string text) => text.Length < 6000 ? text : text[^6000..];

    private async Task<JsonElement> PostKeyed(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/transactions")
        {
            Content = JsonContent.Create(new { kind = "deposit", fields = new { account = 7, amount = new { value = "12.34", currency = "EUR" } }, startedAt = "2005-11-18T09:30:00Z" }),
            Headers = { { "Idempotency-Key", key } },
        };
        using var answer = await members.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
