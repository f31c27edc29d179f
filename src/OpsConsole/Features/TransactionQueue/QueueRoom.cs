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
        ["transaction.taken"] = "took a {kind} from {site} into the queue",
        ["transaction.approve"] = "approved transaction {subject}",
        ["transaction.committing"] = "began to commit transaction {subject}, attempt {attempt}",
        ["transaction.committed"] = "committed transaction {subject}",
        ["transaction.pending"] = "could not commit transaction {subject}: {text}",
        ["transaction.approved"] = "found transaction {subject} not applied; it may run again",
        ["transaction.inDoubt"] = "does not know what became of transaction {subject}: {text}",
        ["transaction.held"] = "held transaction {subject}: {text}",
        ["transaction.reject"] = "rejected transaction {subject}: {reason}",
        ["transaction.hold"] = "held transaction {subject}: {reason}",
        ["transaction.unhold"] = "put transaction {subject} back into the queue",
        ["transaction.withdraw"] = "withdrew the approval of transaction {subject}",
        ["transaction.note"] = "noted on transaction {subject}: {text}",
        ["transaction.returned"] = "put transaction {subject} back into the queue: the group was taken back",
        ["transaction.endedAtSite"] = "ended the rejected {key} in its site's own table",
        ["transaction.told"] = "told the sites {count} outcomes",
        ["commit.intended"] = "began to commit on {subject}",
        ["commit.done"] = "committed on {subject}",
        ["commit.notDone"] = "committed nothing on {subject}",
        ["commit.unknown"] = "does not know what was committed on {subject}",
    };
}
