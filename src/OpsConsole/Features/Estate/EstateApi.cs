using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Estate;

public static class EstateApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/databases", (HttpContext http, EstateService estate) =>
            estate.List(http.Actor()).ToResult(list => Results.Ok(new { items = list, next = (string?)null }))).Needs(Permissions.EstateRead);
        api.MapGet("/api/v1/databases/{db}", (string db, HttpContext http, EstateService estate) =>
            estate.One(http.Actor(), db).ToResult()).Needs(Permissions.EstateRead);
        api.MapGet("/api/v1/databases/{db}/sessions", async (string db, HttpContext http, EstateService estate, CancellationToken token) =>
            (await estate.Sessions(http.Actor(), db, token)).ToResult(list => Results.Ok(new { items = list, next = (string?)null }))).Needs(Permissions.EstateRead);
        api.MapGet("/api/v1/databases/{db}/in-doubt", async (string db, HttpContext http, EstateService estate, CancellationToken token) =>
            (await estate.InDoubt(http.Actor(), db, token)).ToResult(list => Results.Ok(new { items = list, next = (string?)null }))).Needs(Permissions.EstateRead);
        api.MapPost("/api/v1/databases/{db}/in-doubt/{gid}/commit", (string db, string gid, HttpContext http, EstateService estate, SettleBody? body, CancellationToken token) =>
            Settle(http, estate, db, gid, true, body, token)).Needs(Permissions.InDoubtSettle);
        api.MapPost("/api/v1/databases/{db}/in-doubt/{gid}/rollback", (string db, string gid, HttpContext http, EstateService estate, SettleBody? body, CancellationToken token) =>
            Settle(http, estate, db, gid, false, body, token)).Needs(Permissions.InDoubtSettle);
        api.MapDelete("/api/v1/databases/{db}/sessions/{id}", async (string db, string id, HttpContext http, EstateService estate, CancellationToken token) =>
            (await estate.EndSession(http.Actor(), db, id, token)).ToResult(_ => Results.NoContent())).Needs(Permissions.SessionEnd);
    }

    private static async Task<IResult> Settle(HttpContext http, EstateService estate, string db, string gid, bool commit, SettleBody? body, CancellationToken token) =>
        (await estate.Settle(http.Actor(), db, gid, commit, body?.Reason, token)).ToResult(_ => Results.NoContent());
}

/// <param name="Reason">needed for a rollback, which throws work away; goes to the audit</param>
public sealed record SettleBody(string? Reason);
