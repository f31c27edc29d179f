using System.Globalization;
using System.Text;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Audit;

public static class AuditApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/audit", async (HttpContext http, AuditService audit, long? after, int? limit, CancellationToken token) =>
        {
            if (Paging.Refuse(limit) is { } many) { return Problems.From(many); }
            var wanted = limit ?? Paging.Default;
            return (await audit.After(http.Actor(), after ?? 0, wanted, token)).ToResult(list => Results.Ok(new
            {
                items = list,
                next = list.Count == wanted ? list[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null,
            }));
        }).Needs(Permissions.AuditRead);
        api.MapGet("/api/v1/audit/verify", async (HttpContext http, AuditService audit, CancellationToken token) =>
            (await audit.Verify(http.Actor(), token)).ToResult()).Needs(Permissions.AuditRead);
        api.MapGet("/api/v1/audit/export", async (HttpContext http, AuditService audit, CancellationToken token) =>
            (await audit.Export(http.Actor(), token)).ToResult(lines => Results.Stream(async body =>
            {
                await foreach (var line in lines) { await body.WriteAsync(Encoding.UTF8.GetBytes(line.ToJson() + "\n"), token); }
            }, "application/x-ndjson", "audit.jsonl"))).Needs(Permissions.AuditRead);
    }
}
