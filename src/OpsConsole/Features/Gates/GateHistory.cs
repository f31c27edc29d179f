using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.Gates;

/// <summary>One line of what happened to a gate.</summary>
public sealed record GateHappening(DateTimeOffset At, string Who, string What, bool Bad);

/// <summary>What happened to a gate, newest first, from the audit's own entries about it. No details of anybody else's are shown.</summary>
public sealed class GateHistory(StoreFactory store, TimeProvider time)
{
    private const int Most = 30;

    public async Task<IReadOnlyList<GateHappening>> Read(Actor actor, string site, CancellationToken token)
    {
        if (Permissions.GateRead.Refuse(actor, time.GetUtcNow()) is not null) { return []; }
        await using var db = store.CreateDbContext();
        var rows = await db.Audit.AsNoTracking().Where(a => a.Subject == site && (a.Action.StartsWith("gate.") || a.Action == "freeze.notDone" || a.Action == "thaw.notDone"))
            .OrderByDescending(a => a.Sequence).Take(Most).ToListAsync(token);
        return [.. rows.Select(Line)];
    }

    private static GateHappening Line(AuditRow row)
    {
        using var json = JsonDocument.Parse(row.DetailsJson);
        string? Text(string name) => Find(json.RootElement, name);
        var (what, bad) = row.Action switch
        {
            "gate.frozen" => ($"froze it, depth {Text("depth")?.ToLowerInvariant()}{(Find(json.RootElement, "more", "reason") is { } why ? $": {why}" : null)}", false),
            "gate.thawed" => (Text("share") is "0" or null ? "let staff in" : $"let {Text("share")} % of members in", false),
            "gate.opened" => ("opened it", false),
            "gate.announced" => (Find(json.RootElement, "more", "from") is null ? "took the news of a window back" : "told it of a window", false),
            "gate.trial" => (Find(json.RootElement, "more", "on") == "true" ? "let staff try it" : "ended the trial", false),
            "gate.drain" => ($"gave what is open {Text("seconds")} s to end", false),
            "gate.databasesClosed" => ("saw that its databases refuse it", false),
            "gate.databasesOpen" => ("saw that its databases let it in", false),
            "gate.certain" => ($"certain: {Because(Text("because"))}", false),
            "gate.notCertain" => ("no longer certain", true),
            "freeze.notDone" => ("could not freeze it", true),
            "thaw.notDone" => ("could not thaw it", true),
            _ => (row.Action, false),
        };
        return new GateHappening(row.At, row.Actor, what, bad);
    }

    private static string Because(string? because) => because switch
    {
        "acknowledged" => "every instance acknowledged",
        "leasesRanOut" => "every lease of before ran out",
        "databasesClosed" => "the databases refuse its roles",
        _ => because ?? "",
    };

    private static string? Find(JsonElement at, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) { return null; }
        }
        return at.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : at.ToString().ToLowerInvariant() is "true" or "false" ? at.ToString().ToLowerInvariant() : at.ToString();
    }
}
