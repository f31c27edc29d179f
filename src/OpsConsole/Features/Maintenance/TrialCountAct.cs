using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Features.Maintenance;

/// <summary>Begins or ends the counting of what staff write in a trial, in one database.</summary>
public sealed class TrialCountAct(IManagedDatabase database, string window, TrialCounting wanted, string installation, long epoch) : Act
{
    public override string Kind => "trialCount";
    public override string Subject => database.Name;
    public override string IntentJson => JsonSerializer.Serialize(new { window, wanted = wanted.ToString() });

    public override async Task<string> Touch(CancellationToken token)
    {
        if (wanted == TrialCounting.Begin) { await database.BeginTrialCount(window, installation, epoch, token); }
        else { await database.EndTrialCount(wanted == TrialCounting.Forget, installation, epoch, token); }
        return IntentJson;
    }

    public override async Task<Inspection> Inspect(CancellationToken token)
    {
        var seen = await database.ReadTrialCount(token);
        var there = wanted switch { TrialCounting.Begin => seen.Id == window && seen.Counting, TrialCounting.End => !seen.Counting, _ => seen.Id is null };
        return new Inspection(there ? Observed.Done : Observed.NotDone, seen.Counting ? "rows are being counted" : seen.Id is null ? "nothing is counted there" : "the counting has ended");
    }
}

public enum TrialCounting
{
    Begin,
    /// <summary>The triggers go, what was counted stays.</summary>
    End,
    /// <summary>Nothing of it stays.</summary>
    Forget,
}
