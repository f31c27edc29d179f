using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Schedules;

/// <summary>Work by the clock that came due while the sites were stopped.</summary>
public sealed class SchedulesRoom : Room
{
    public override string Name => "Schedules";
    public override NavEntry? Nav => new("Schedules", "/schedules", Icons.Material.Outlined.EventRepeat, Permissions.ScheduleRead, 2);

    public override void Register(IServiceCollection services)
    {
        services.TryAddSingleton<Fences>();
        services.TryAddSingleton<Committer>();
        services.AddSingleton<ScheduleCommits>().AddSingleton<ScheduleService>().AddSingleton<ScheduleCollector>();
        services.AddSingleton<IStartStep, ScheduleSettling>().AddSingleton<IStartStep>(s => s.GetRequiredService<ScheduleCollector>()).AddHostedService(s => s.GetRequiredService<ScheduleCollector>());
        services.AddSingleton<IWindowWitness, ScheduleWitness>().AddSingleton<IQueueStory, ScheduleStory>();
    }

    public override void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/schedules", async (int? limit, string? after, HttpContext http, ScheduleService schedules, CancellationToken token) =>
            (await schedules.List(http.Actor(), token)).ToPage(limit, after)).Needs(Permissions.ScheduleRead);
        api.MapPost("/api/v1/schedules/{name}/catch-up", async (string name, HttpContext http, ScheduleService schedules, CancellationToken token) =>
            (await schedules.CatchUp(http.Actor(), name, token)).ToResult()).Needs(Permissions.ScheduleCatchUp);
    }

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["schedule.missed"] = "found that {subject} was due and did not run",
        ["schedule.committing"] = "began to catch up {subject}",
        ["schedule.done"] = "caught up {subject}",
        ["schedule.failed"] = "could not catch up {subject}: {text}",
        ["schedule.inDoubt"] = "does not know whether {subject} was caught up",
        ["schedule.returned"] = "has to catch up {subject} again: the group was taken back",
    };
}
