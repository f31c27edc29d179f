using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Estate;

public static class EstateApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/databases", (int? limit, string? after, HttpContext http, EstateService estate) =>
            estate.List(http.Actor()).ToPage(limit, after)).Needs(Permissions.EstateRead);
        api.MapGet("/api/v1/databases/{db}", (string db, HttpContext http, EstateService estate) =>
            estate.One(http.Actor(), db).ToResult()).Needs(Permissions.EstateRead);
    }
}
