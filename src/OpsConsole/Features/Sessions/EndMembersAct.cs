using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;
using OpsConsole.Ground.Commits;

namespace OpsConsole.Features.Sessions;

/// <param name="List">the site's query for its sessions, as it was then</param>
/// <param name="Hashes">of the ids: an id may be what a member's browser shows at the door, and goes into no journal</param>
public sealed record EndMembersIntent(string Site, string Database, string List, IReadOnlyList<string> Hashes);

/// <summary>What the touch needs, and no journal keeps.</summary>
public sealed record EndMembers(Fences Fences, string Installation, long Epoch, string Sql, IReadOnlyList<string> Ids);

/// <summary>Ends members' sessions with the site's own SQL, each under a marker of its own behind the fence. Done is when none of them is listed any more.</summary>
/// <param name="todo">null after a crash: then it is only looked at</param>
public sealed class EndMembersAct(IManagedDatabase database, EndMembers? todo, EndMembersIntent intent) : Act
{
    private const int MostRows = 5000;

    public override string Kind => "endSession";
    public override string Subject => intent.Site;
    public override string IntentJson => JsonSerializer.Serialize(intent, JsonSerializerOptions.Web);

    public override async Task<string> Touch(CancellationToken token)
    {
        if (todo is null) { throw new InvalidOperationException("What was cut off is looked at and not begun again."); }
        await todo.Fences.Raise(database, token);
        var ended = 0;
        foreach (var id in todo.Ids)
        {
            var key = $"{todo.Installation}/{intent.Site}/end-session/{Guid.NewGuid():N}";
            var done = await database.Commit(new CommitRequest(key, Hash(id), todo.Installation, todo.Epoch, [new Leg(todo.Sql, Leg.AnyRows)], [new Parameter("id", id)]), token);
            if (done.Outcome != CommitOutcome.Committed) { throw new EngineFault(done.Text ?? $"a session of {intent.Site} could not be ended", unknown: done.Outcome == CommitOutcome.Unknown); }
            ended += done.RowsPerLeg.Sum();
        }
        return JsonSerializer.Serialize(new { ended });
    }

    public override async Task<Inspection> Inspect(CancellationToken token)
    {
        var rows = await database.Query(intent.List, [], MostRows, token);
        var at = rows.Columns.ToList().FindIndex(c => string.Equals(c, "id", StringComparison.OrdinalIgnoreCase));
        var left = rows.Rows.Count(r => at >= 0 && r[at] is { } id && intent.Hashes.Contains(Hash(id)));
        return left == 0 ? new Inspection(Observed.Done, "none of them is left") : new Inspection(Observed.NotDone, $"{left} of {intent.Hashes.Count} are still there");
    }

    internal static string Hash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
