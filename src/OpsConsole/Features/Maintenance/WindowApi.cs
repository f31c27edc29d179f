using OpsConsole.Domain.Maintenance;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Maintenance;

public sealed record PlanBody(Dictionary<string, string>? To, Dictionary<string, string>? From);
public sealed record WindowBody(string? Name, Dictionary<string, string>? To, DateTimeOffset? OpensAt, DateTimeOffset? ClosesAt);

public static class WindowApi
{
    public static IReadOnlyList<string> Verbs { get; } =
        ["rehearse", "approve", "return", "start", "pause", "resume", "retry", "rollback", "trial", "finalize", "thaw", "close", "extend", "note", "abandon"];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/v1/plans", async (PlanBody body, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.Plan(http.Actor(), body.To ?? [], body.From, token)).ToResult(p => Results.Ok(new
            {
                p.Plan.Possible,
                p.Plan.Steps,
                p.Plan.Reason,
                p.Plan.ForbiddenBy,
                p.Plan.Nearest,
                p.Plan.Warnings,
                p.Plan.Tasks,
                p.From,
                p.To,
                p.Findings,
                p.Scripts,
                p.Digest,
            }))).Needs(Permissions.PlanMake);
        api.MapPost("/api/v1/windows", async (WindowBody body, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.Make(http.Actor(), body.Name ?? "", body.To ?? [], body.OpensAt, body.ClosesAt, token))
            .ToResult(w => Results.Created($"/api/v1/windows/{w.Id}", w))).Needs(Permissions.WindowWrite);
        api.MapPatch("/api/v1/windows/{id}", async (string id, WindowBody? body, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.Change(http.Actor(), id, body?.Name, body?.To, body?.OpensAt, body?.ClosesAt, token)).ToResult()).Needs(Permissions.WindowWrite);
        api.MapGet("/api/v1/windows", List).Needs(Permissions.WindowRead);
        api.MapGet("/api/v1/windows/{id}", async (string id, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.One(http.Actor(), id, token)).ToResult()).Needs(Permissions.WindowRead);
        api.MapGet("/api/v1/windows/{id}/events", async (string id, int? limit, string? after, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.Happened(http.Actor(), id, token)).ToPage(limit, after)).Needs(Permissions.WindowRead);
        foreach (var verb in Verbs)
        {
            api.MapPost($"/api/v1/windows/{{id}}/{verb}", async (string id, VerbBody? body, HttpContext http, WindowService windows, CancellationToken token) =>
                (await windows.Do(http.Actor(), id, verb, body ?? new VerbBody(), token)).ToResult(w => Results.Accepted($"/api/v1/windows/{id}", w))).Needs(WindowService.RightOf(verb));
        }
        api.MapPost("/api/v1/windows/{id}/steps/{number:int}/done", async (string id, int number, VerbBody? body, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.Do(http.Actor(), id, $"steps/{number}/done", body ?? new VerbBody(), token)).ToResult(w => Results.Accepted($"/api/v1/windows/{id}", w))).Needs(Permissions.WindowWrite);
        api.MapPost("/api/v1/windows/{id}/lookAgain", async (string id, HttpContext http, WindowService windows, CancellationToken token) =>
            (await windows.LookAgain(http.Actor(), id, token)).ToResult()).Needs(Permissions.WindowWrite);
    }

    private static async Task<IResult> List(int? limit, string? after, HttpContext http, WindowService windows, CancellationToken token)
    {
        var page = (await windows.List(http.Actor(), token)).Cut(limit, after);
        if (page.Value is not { } rows) { return page.ToResult(); }
        var items = new List<WindowView>();
        foreach (var row in rows.Items)
        {
            if ((await windows.One(http.Actor(), row.Id, token)).Value is { } window) { items.Add(window); }
        }
        return Results.Ok(new PageOf<WindowView>(items, rows.Next));
    }
}
