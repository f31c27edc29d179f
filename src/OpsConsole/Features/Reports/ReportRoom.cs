using OpsConsole.Ground;
using OpsConsole.Ground.Access;

namespace OpsConsole.Features.Reports;

/// <summary>What a window did, told from what was written at the time: for people, for machines and for paper.</summary>
public sealed class ReportRoom : Room
{
    public override string Name => "Reports";
    public override void Register(IServiceCollection services) => services.AddScoped<ReportService>();

    public override void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/windows/{id}/report", async (string id, HttpContext http, ReportService reports, CancellationToken token) =>
        {
            var answer = await reports.Read(http.Actor(), id, token);
            return answer.Refusal is not null ? answer.ToResult() : Wanted(http.Request.Headers.Accept.ToString()) switch
            {
                "text/html" => Page(answer.Value!, http),
                "text/markdown" => Markdown(answer.Value!, http),
                _ => Results.Ok(answer.Value),
            };
        }).Needs(Permissions.ReportRead);
        api.MapGet("/windows/{id}/report", async (string id, HttpContext http, ReportService reports, CancellationToken token) =>
            (await reports.Read(http.Actor(), id, token)).ToResult(r => Page(r, http))).Needs(Permissions.ReportRead);
        // For links on a page, which cannot say what they accept.
        api.MapGet("/windows/{id}/report.json", async (string id, HttpContext http, ReportService reports, CancellationToken token) =>
            (await reports.Read(http.Actor(), id, token)).ToResult(r => Results.Ok(r))).Needs(Permissions.ReportRead);
        api.MapGet("/windows/{id}/report.md", async (string id, HttpContext http, ReportService reports, CancellationToken token) =>
            (await reports.Read(http.Actor(), id, token)).ToResult(r => Markdown(r, http))).Needs(Permissions.ReportRead);
    }

    private static DateTimeOffset Now(HttpContext http) => http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
    private static IResult Page(Report report, HttpContext http) => Results.Text(
        ReportPage.Of(report, http.Request.PathBase, Now(http), http.Request.Cookies["oc-theme"] == "light" ? "light" : "dark"), "text/html; charset=utf-8");
    private static IResult Markdown(Report report, HttpContext http) => Results.Text(ReportText.Of(report, Now(http)), "text/markdown; charset=utf-8");

    /// <summary>The form of ours that is preferred, the first of equals; JSON where none is asked for.</summary>
    internal static string Wanted(string accept) => Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParseList(accept.Split(','), out var asked)
        ? asked.Where(a => a.Quality is not 0 && a.MediaType.Value?.ToLowerInvariant() is "text/html" or "text/markdown" or "application/json").OrderByDescending(a => a.Quality ?? 1)
            .FirstOrDefault()?.MediaType.Value?.ToLowerInvariant() ?? "application/json"
        : "application/json";
}
