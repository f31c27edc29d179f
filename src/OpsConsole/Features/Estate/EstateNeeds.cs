using OpsConsole.Engines;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Estate;

/// <summary>What the databases need a person for.</summary>
public sealed class EstateNeeds(EstateService estate) : INeeds
{
    public Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token)
    {
        List<Need> needs = [];
        foreach (var database in estate.List(actor).Value ?? [])
        {
            var route = $"estate/{Uri.EscapeDataString(database.Name)}";
            if (!database.Reachable && database.Fault is { } fault) { needs.Add(new(Mark.Danger, $"{database.Name} does not answer: {fault}", database.FaultSince, "See it", route)); }
            if (database.Lamps.Failed is { State: LampState.Yes, Because: var failed }) { needs.Add(new(Mark.Danger, $"{database.Name} has a failed release: {failed}", null, "See it", route)); }
            if (database.Lamps.Unknown is { State: LampState.Yes, Because: var unknown }) { needs.Add(new(Mark.Attention, $"{database.Name}: {unknown}", null, "See it", route)); }
            if (database.InDoubt > 0) { needs.Add(new(Mark.Attention, $"{(database.InDoubt == 1 ? "A prepared transaction" : $"{database.InDoubt} prepared transactions")} in {database.Name} would block the checkpoint", null, database.InDoubt == 1 ? "See it" : "See them", $"sessions?of={Uri.EscapeDataString(database.Name)}")); }
        }
        return Task.FromResult<IReadOnlyList<Need>>(needs);
    }
}
