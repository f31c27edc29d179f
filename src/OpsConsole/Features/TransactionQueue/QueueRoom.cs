using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Measuring;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>What members started while their site was closed, decided by people, committed once.</summary>
public sealed class QueueRoom : Room
{
    public override string Name => "Queue";
    public override NavEntry? Nav => new("Queue", "/queue", Icons.Material.Outlined.FactCheck, Permissions.QueueRead, 1, 'q');

    public override void Register(IServiceCollection services)
    {
        services.TryAddSingleton<Fences>();
        services.TryAddSingleton<Committer>();
        services.AddSingleton<IStartStep, CutOffCommits>();
        services.AddSingleton<QueueFactsReader>().AddSingleton<QueueSql>().AddSingleton<QueueKeeping>().AddSingleton<QueueIngest>().AddSingleton<QueueCommits>().AddSingleton<QueueService>().AddSingleton<DeskFlags>().AddSingleton<DeskService>();
        services.AddSingleton<IStartStep, QueueSettling>().AddSingleton<IWindowWitness, QueueWitness>().AddSingleton<IQueueStory, QueueStory>().AddHostedService<QueueResolver>();
        services.AddSingleton<IMeasured, QueueFigures>();
        services.AddSingleton<QueuePull>().AddSingleton<INeeds>(s => s.GetRequiredService<QueuePull>()).AddHostedService<QueuePuller>();
        services.AddSingleton<INeeds, QueueNeeds>();
    }

    public override (Type Component, int Order)? Tile => (typeof(QueueTile), 25);

    public override void Doorstep(IApplicationBuilder app) => app.UseMiddleware<QueueDoorstep>();

    public override void Map(IEndpointRouteBuilder api) => QueueApi.Map(api);

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["transaction.taken"] = "took {kind} {key} from {site} into the queue",
        ["transaction.approve"] = "approved {what}",
        ["transaction.committing"] = "began to commit {what}, attempt {attempt}",
        ["transaction.committed"] = "committed {what}",
        ["transaction.pending"] = "could not commit {what}: {text}",
        ["transaction.approved"] = "found {what} not applied; it may run again",
        ["transaction.inDoubt"] = "does not know what became of {what}: {text}",
        ["transaction.held"] = "held {what}: {text}",
        ["transaction.reject"] = "rejected {what}: {reason}",
        ["transaction.hold"] = "held {what}: {reason}",
        ["transaction.unhold"] = "put {what} back into the queue",
        ["transaction.withdraw"] = "withdrew the approval of {what}",
        ["transaction.note"] = "noted on {what}: {text}",
        ["transaction.returned"] = "put {what} back into the queue: the group was taken back",
        ["transaction.endedAtSite"] = "ended the rejected {key} in its site's own table",
        ["transaction.told"] = "told the sites {count} outcomes",
        ["commit.intended"] = "began to commit on {subject}",
        ["commit.done"] = "committed on {subject}",
        ["commit.notDone"] = "committed nothing on {subject}",
        ["commit.unknown"] = "does not know what was committed on {subject}",
    };
}
