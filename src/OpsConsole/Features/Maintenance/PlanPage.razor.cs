using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>Is it possible, together or apart, and can we come back? The address holds the targets, so that a plan can be sent to somebody.</summary>
public sealed partial class PlanPage
{
    private string? read;
    private bool making;

    [Inject] private WindowService Windows { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private PlanChoices Choices { get; set; } = new([], []);
    /// <summary>Empty: the latest of each.</summary>
    private Dictionary<string, string> Targets { get; set; } = [];
    private DrawnPlan? Drawn { get; set; }
    private Refusal? NoPlan { get; set; }
    private Refusal? Said { get; set; }
    private string Name { get; set; } = "";
    private DateTime? Opens { get; set; }
    private DateTime? Closes { get; set; }

    // The versions and the folders are looked at when the page opens and when a target is chosen, not with every reading of the watch.
    protected override IReadOnlyList<string> Hears => [Topics.Windows];
    protected override string WaitsFor => "the databases and their release folders";

    protected override async Task OnParametersSetAsync()
    {
        if (read is not null && read != Navigation.Uri) { await ReadAgain(); }
    }

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        if (read != Navigation.Uri)
        {
            read = Navigation.Uri;
            Targets = QueryHelpers.ParseQuery(new Uri(read).Query).ToDictionary(q => q.Key, q => q.Value.ToString());
        }
        var choices = Windows.Choices(actor);
        if (choices.Refusal is { } no) { return no; }
        Choices = choices.Value!;
        if (Choices.Databases.Count == 0) { return null; }
        var to = Targets.Count > 0 ? Targets : Choices.Databases.ToDictionary(d => d.Name, _ => "latest");
        var answer = await Windows.Plan(actor, to, null, token);
        (Drawn, NoPlan) = (answer.Value, answer.Refusal);
        // The plan looked at every database just now.
        Choices = Windows.Choices(actor).Value ?? Choices;
        return NoPlan is { Code: RefusalCode.NotAllowed } ? NoPlan : null;
    }

    private string? TargetOf(PlanChoice database) => Targets.Count == 0 ? Latest(database)
        : Targets.GetValueOrDefault(database.Name) is { } to ? to == "latest" ? Latest(database) : to : database.Current;

    private static string? Latest(PlanChoice database) => database.Versions is { Count: > 0 } versions ? versions[^1] : null;

    private Task Choose(PlanChoice database, string version)
    {
        var to = Choices.Databases.Where(d => TargetOf(d) is not null).ToDictionary(d => d.Name, d => TargetOf(d)!);
        to[database.Name] = version;
        return Go(to);
    }

    private async Task Go(IReadOnlyDictionary<string, string> to)
    {
        Navigation.NavigateTo(QueryHelpers.AddQueryString("plan", to.ToDictionary(t => t.Key, t => (string?)t.Value)), replace: true);
        if (read != Navigation.Uri) { await ReadAgain(); }
    }

    private string? WhyNot => Permissions.WindowWrite.Refuse(Actor!, Clock.GetUtcNow())?.Text
        ?? (Drawn!.Findings.Count(f => f.Blocking) is > 0 and var blocking ? $"{blocking} findings block the plan." : null)
        ?? (Name.Trim().Length == 0 ? "It needs a name." : null);

    private async Task Make()
    {
        // A second press while the first is under way was meant for the first.
        if (making) { return; }
        making = true;
        try
        {
            if (await Actors.Current(Gone) is not { } actor || Drawn is not { } drawn) { return; }
            var answer = await Windows.Make(actor, Name.Trim(), drawn.To, Utc(Opens), Utc(Closes), Gone);
            if (answer.Value is { } window) { Navigation.NavigateTo($"windows/{window.Id}"); }
            Said = answer.Refusal;
        }
        finally
        {
            making = false;
        }
    }

    private static DateTimeOffset? Utc(DateTime? at) => at is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;

    private static string Together(IReadOnlyDictionary<string, string> to) => string.Join(" and ", to.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}"));

    private static string Sum(DrawnPlan plan)
    {
        var steps = plan.Plan.Steps.Count;
        var joint = plan.Plan.Steps.Count(s => s.Together);
        return plan.Plan.Possible ? string.Create(CultureInfo.InvariantCulture, $"{steps} {(steps == 1 ? "step" : "steps")}{(joint > 0 ? $", {joint} together" : "")}, not rehearsed") : "nothing was touched";
    }
}
