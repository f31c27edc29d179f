using Hangfire;
using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Freezing;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

/// <summary>Windows: planned, approved, run, taken back or finalized, closed.</summary>
public sealed class MaintenanceRoom : Room
{
    public override string Name => "Maintenance";
    public override NavEntry? Nav => new("Maintenance", "/windows", Icons.Material.Outlined.Build, Permissions.WindowRead, 1, 'w');

    public override void Register(IServiceCollection services)
    {
        services.AddHangfire(hangfire => hangfire.UseInMemoryStorage());
        services.AddHangfireServer(server => server.WorkerCount = 2);
        services.AddSingleton<WindowBook>().AddSingleton<IWindowFacts>(s => s.GetRequiredService<WindowBook>());
        services.AddSingleton<PlanDesk>().AddSingleton<WindowChecks>().AddSingleton<WindowDoors>().AddSingleton<StepWork>().AddSingleton<TrialCounts>().AddSingleton<TrialWork>().AddSingleton<WindowProgress>();
        services.AddSingleton<WindowDriver>().AddSingleton<WindowWaker>().AddSingleton<WindowViews>().AddSingleton<IStartStep, CutOffSteps>().AddSingleton<IStartStep, TakeUpWindows>();
        services.AddSingleton<WindowStrip>().AddSingleton<IStripSource>(s => s.GetRequiredService<WindowStrip>()).AddSingleton<IWindowStory, WindowTeller>();
        services.AddScoped<WindowService>().AddScoped<INeeds, WindowNeeds>().AddScoped<IBoardLine, WindowNeeds>().AddScoped<IPlaces, WindowPlaces>();
        services.AddSingleton<IMeasured, WindowFigures>();
        services.AddSingleton<WindowPublic>().AddSingleton<IWindowPublicFacts>(s => s.GetRequiredService<WindowPublic>()).AddHostedService(s => s.GetRequiredService<WindowPublic>());
    }

    public override void Map(IEndpointRouteBuilder api) => WindowApi.Map(api);

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["window.drafted"] = "planned the window {subject}",
        ["window.changed"] = "changed the window {subject}",
        ["window.approved"] = "approved the window {subject}",
        ["window.approvalVoided"] = "the approval of {subject} became void",
        ["window.returned"] = "sent the window {subject} back",
        ["window.preflightRed"] = "preflight of {subject} was red",
        ["window.started"] = "started the window {subject}",
        ["window.stepStarted"] = "began step {step} of {subject}",
        ["window.stepDone"] = "finished step {step} of {subject}",
        ["window.stepFailed"] = "step {step} of {subject} failed",
        ["window.stepTorn"] = "step {step} of {subject} is torn",
        ["window.decisionNeeded"] = "{subject} needs a decision on step {step}",
        ["window.retryChosen"] = "chose to retry in {subject}",
        ["window.taskDone"] = "did task {step} of {subject}",
        ["window.paused"] = "paused {subject}",
        ["window.resumed"] = "resumed {subject}",
        ["window.checkpointTaken"] = "took the checkpoint of {subject}",
        ["window.rollbackChosen"] = "chose to roll {subject} back",
        ["window.trialSet"] = "changed the trial of {subject}",
        ["window.finalized"] = "finalized {subject}",
        ["window.thawSet"] = "let {share} percent in after {subject}",
        ["window.closed"] = "closed {subject}",
        ["window.extended"] = "extended {subject}",
        ["window.noted"] = "noted on {subject}",
        ["window.abandoned"] = "abandoned {subject}",
        ["window.takenOver"] = "took over {subject}",
        ["checkpoint.intended"] = "began a checkpoint of {subject}",
        ["checkpoint.done"] = "finished a checkpoint of {subject}",
        ["checkpoint.notDone"] = "took no checkpoint of {subject}",
        ["release.intended"] = "began a release on {subject}",
        ["release.done"] = "finished a release on {subject}",
        ["release.notDone"] = "a release on {subject} changed nothing",
        ["release.torn"] = "a release on {subject} is torn",
        ["release.unknown"] = "it is not known whether a release on {subject} is there",
        ["trialCount.intended"] = "began to change the counting of the trial on {subject}",
        ["trialCount.done"] = "changed the counting of the trial on {subject}",
        ["trialCount.notDone"] = "did not change the counting of the trial on {subject}",
        ["trialCount.unknown"] = "does not know whether the trial is counted on {subject}",
        ["checkpoint.unknown"] = "could not see whether a checkpoint of {subject} is there",
        ["rollback.unknown"] = "could not see whether {subject} was taken back",
        ["rollback.torn"] = "took {subject} back in part",
        ["rollback.intended"] = "began to take {subject} back",
        ["rollback.done"] = "took {subject} back",
        ["rollback.notDone"] = "did not take {subject} back",
    };
}
