using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Features.Maintenance;

/// <summary>
/// One checkpoint across the group, proven to be of one moment: the write mark of every database is read before the first copy and after the last.
/// Taken again from the beginning after a crash, because only a whole one proves anything.
/// </summary>
public sealed class CheckpointAct(IReadOnlyList<IManagedDatabase> group, string id) : Act
{
    public override string Kind => "checkpoint";
    public override string Subject => string.Join(", ", group.Select(d => d.Name));
    public override string IntentJson => JsonSerializer.Serialize(new { id, databases = group.Select(d => d.Name) });
    public IReadOnlyList<CheckpointFacts> Taken { get; private set; } = [];
    public long ProofMilliseconds { get; private set; }

    public override async Task<string> Touch(CancellationToken token)
    {
        foreach (var database in group)
        {
            var busy = await database.WhatHoldsItUp(token);
            if (busy.Count > 0) { throw new EngineFault($"{database.Name} is not quiet: {string.Join("; ", busy)}"); }
        }
        // A copy that an earlier try has left is whole and yet of another moment: with the others it would be no checkpoint.
        foreach (var database in group) { await database.DropCheckpoint(id, token); }
        var before = new List<WriteMark>();
        foreach (var database in group) { before.Add(await database.ReadWriteMark(token)); }
        foreach (var database in group) { await database.TakeCheckpoint(id, token); }
        for (var i = 0; i < group.Count; i++)
        {
            if (await group[i].ReadWriteMark(token) != before[i])
            {
                throw new EngineFault($"{group[i].Name} was written to while the copies were made: this is no checkpoint. Find the writer, then try again.");
            }
        }
        var started = TimeProvider.System.GetTimestamp();
        var facts = new List<CheckpointFacts>();
        foreach (var database in group)
        {
            var (print, shell) = (await database.ReadFingerprint(token), await database.ReadShell(token));
            facts.Add(new CheckpointFacts(database.Name, id, JsonSerializer.Serialize(print), JsonSerializer.Serialize(shell)));
        }
        (Taken, ProofMilliseconds) = (facts, (long)TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        return JsonSerializer.Serialize(new { id, databases = group.Select(d => d.Name) });
    }

    // The marks that prove the moment died with the process: what was not reported whole counts as not taken.
    public override Task<Inspection> Inspect(CancellationToken token) =>
        Task.FromResult(new Inspection(Engines.Observed.NotDone, "the checkpoint was not finished; nothing in the databases was changed by it"));
}
