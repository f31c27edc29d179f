using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Sessions;

public static class SessionsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/databases/{db}/sessions", async (string db, int? limit, string? after, HttpContext http, SessionsService sessions, CancellationToken token) =>
            (await sessions.Of(http.Actor(), db, token)).ToPage(limit, after)).Needs(Permissions.EstateRead);
        api.MapGet("/api/v1/databases/{db}/in-doubt", async (string db, int? limit, string? after, HttpContext http, SessionsService sessions, CancellationToken token) =>
            (await sessions.InDoubt(http.Actor(), db, token)).ToPage(limit, after)).Needs(Permissions.EstateRead);
        api.MapDelete("/api/v1/databases/{db}/sessions/{id}", async (string db, string id, HttpContext http, SessionsService sessions, CancellationToken token) =>
            (await sessions.End(http.Actor(), db, id, token)).ToResult(_ => Results.NoContent())).Needs(Permissions.SessionEnd);
        api.MapPost("/api/v1/databases/{db}/in-doubt/{gid}/commit", (string db, string gid, HttpContext http, SessionsService sessions, SettleBody? body, CancellationToken token) =>
            Settle(http, sessions, db, gid, true, body, token)).Needs(Permissions.InDoubtSettle);
        api.MapPost("/api/v1/databases/{db}/in-doubt/{gid}/rollback", (string db, string gid, HttpContext http, SessionsService sessions, SettleBody? body, CancellationToken token) =>
            Settle(http, sessions, db, gid, false, body, token)).Needs(Permissions.InDoubtSettle);
    }

    private static async Task<IResult> Settle(HttpContext http, SessionsService sessions, string db, string gid, bool commit, SettleBody? body, CancellationToken token) =>
        (await sessions.Settle(http.Actor(), db, gid, commit, body?.Reason, token)).ToResult(_ => Results.NoContent());
}

/// <param name="Reason">needed: what somebody else began is decided; goes to the audit</param>
public sealed record SettleBody(string? Reason);
