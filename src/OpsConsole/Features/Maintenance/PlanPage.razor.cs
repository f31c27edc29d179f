using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>Is it possible, together or apart, and can we come back? The address holds the targets, so that a plan can be sent to somebody.</summary>
public sealed partial class PlanPage
{
    private const string WindowKey = "window";
    private string? read;
    private bool making, left;
    private Dictionary<string, string>? drawnFor;

    [Inject] private WindowService Windows { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private PlanChoices Choices { get; set; } = new([], []);
    /// <summary>Empty: the latest of each.</summary>
    private Dictionary<string, string> Targets { get; set; } = [];
    private DrawnPlan? Drawn { get; set; }
    /// <summary>Where the wish cannot be reached: the way to the nearest that can.</summary>
    private DrawnPlan? Towards { get; set; }
    /// <summary>The window whose versions are being changed; null: a new one is made.</summary>
    private WindowView? Changes { get; set; }
    private Refusal? NoPlan { get; set; }
    private Refusal? Said { get; set; }
    private string Name { get; set; } = "";
    private DateTimeOffset? Opens { get; set; }
    private DateTimeOffset? Closes { get; set; }

    // The versions and the folders are looked at when the page opens and when a target is chosen, not with every reading of the watch.
    protected override IReadOnlyList<string> Hears => [Topics.Windows];
    protected override string WaitsFor => "the databases and their release folders";

    // A change of the query alone changes no parameter of the page, so it is heard here; it comes after the browser has moved, not with the call that moves it.
    protected override void OnInitialized()
    {
        Navigation.LocationChanged += Moved;
        Gone.Register(() => Navigation.LocationChanged -= Moved);
    }

    private void Moved(object? sender, LocationChangedEventArgs moved)
    {
        if (read is not null && read != moved.Location && IsHere(moved.Location)) { _ = InvokeAsync(ReadAgain); }
    }

    private bool IsHere(string location) => Navigation.ToBaseRelativePath(location).Split('?', '#')[0] == "plan";

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        if (read != Navigation.Uri && IsHere(Navigation.Uri))
        {
            read = Navigation.Uri;
            var query = QueryHelpers.ParseQuery(new Uri(read).Query).ToDictionary(q => q.Key, q => q.Value.ToString());
            Changes = query.Remove(WindowKey, out var id) ? (await Windows.One(actor, id, token)).Value : null;
            Targets = query;
        }
        var choices = Windows.Choices(actor);
        if (choices.Refusal is { } no) { return no; }
        Choices = choices.Value!;
        if (Choices.Databases.Count == 0) { return null; }
        var wanted = Targets;
        var to = wanted.Count > 0 ? wanted : Choices.Databases.ToDictionary(d => d.Name, _ => "latest");
        var answer = await Windows.Plan(actor, to, null, token);
        (Drawn, NoPlan) = (answer.Value, answer.Refusal);
        Towards = Drawn?.Plan is { Possible: false, Nearest: { Count: > 0 } nearest } ? (await Windows.Plan(actor, nearest, null, token)).Value : null;
        // The plan looked at every database just now.
        Choices = Windows.Choices(actor).Value ?? Choices;
        drawnFor = wanted;
        return NoPlan is { Code: RefusalCode.NotAllowed } ? NoPlan : null;
    }

    private string? TargetOf(PlanChoice database) => Targets.Count == 0 ? Latest(database)
        : Targets.GetValueOrDefault(database.Name) is { } to ? to == "latest" ? Latest(database) : to : database.Current;

    private static string? Latest(PlanChoice database) => database.Versions is { Count: > 0 } versions ? versions[^1] : null;

    private void Choose(PlanChoice database, string version)
    {
        var to = Choices.Databases.Where(d => TargetOf(d) is not null).ToDictionary(d => d.Name, d => TargetOf(d)!);
        to[database.Name] = version;
        Go(to);
    }

    /// <summary>What is drawn is of the choice before, and is not made.</summary>
    private bool IsDrawing => !ReferenceEquals(drawnFor, Targets);

    private void Go(IReadOnlyDictionary<string, string> to)
    {
        var query = to.ToDictionary(t => t.Key, t => (string?)t.Value);
        if (Changes is { } window) { query[WindowKey] = window.Id; }
        Targets = to.ToDictionary();
        Navigation.NavigateTo(QueryHelpers.AddQueryString("plan", query), replace: true);
    }

    private string? WhyNot => IsDrawing ? "The plan of this choice is being drawn." : Permissions.WindowWrite.Refuse(Actor!, Clock.GetUtcNow())?.Text
        ?? (Drawn!.Findings.Count(f => f.Blocking) is > 0 and var blocking ? $"{Count(blocking, "finding")} {(blocking == 1 ? "blocks" : "block")} the plan." : null)
        ?? (Changes is { } window ? (window.Open("change") ? window.Digest == Drawn.Digest ? "Nothing is different yet." : null : window.Closed.GetValueOrDefault("change") ?? $"The window is {window.Status}.")
            : Name.Trim().Length == 0 ? "It needs a name."
            : Closes <= Opens ? "It ends before it opens."
            : Closes <= Clock.GetUtcNow() ? "Its end has passed." : null);

    private IReadOnlyList<PreflightLamp> Lamps => Windows.Preflight(Drawn!, Opens, Closes);

    private async Task Make()
    {
        // A second press was meant for the first; once it is made this page is being left, and nothing more is made on it.
        if (making || left) { return; }
        making = true;
        try
        {
            if (await Actors.Current(Gone) is not { } actor || Drawn is not { } drawn || IsDrawing) { return; }
            var answer = Changes is { } window
                ? await Windows.Change(actor, window.Id, null, drawn.To, null, null, Gone)
                : await Windows.Make(actor, Name.Trim(), drawn.To, Opens, Closes, Gone);
            Said = answer.Refusal;
            left = answer.Value is not null;
            if (answer.Value is { } made) { Navigation.NavigateTo($"windows/{made.Id}"); }
        }
        finally
        {
            making = false;
        }
    }

    private static string Together(IReadOnlyDictionary<string, string> to) => string.Join(" and ", to.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}"));

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Sum(DrawnPlan plan) => plan.Plan.Possible
        ? $"{Count(plan.Plan.Steps.Count, "step")}, {Count(plan.Scripts.Count, "script")}, not rehearsed" : "nothing was touched";

    /// <summary>The verdict's reason: what goes together and why, or what forbids it.</summary>
    private static string Because(DrawnPlan plan)
    {
        if (!plan.Plan.Possible) { return PlanPictures.Readable(plan.Plan.Reason ?? "No order of steps leads there."); }
        var joint = plan.Plan.Steps.Where(s => s.Together).Select(s =>
            $"{string.Join(" and ", s.Databases.Select(d => $"{d.Key} {d.Value}"))} go together: {string.Join(", and ", s.Because.Select(PlanPictures.Readable))}.").ToList();
        var order = plan.Plan.ProvenBest ? null : " Not every order was tried; this one is safe, perhaps not the shortest.";
        return (joint.Count == 0 ? "Each database can go by itself." : string.Join(" ", joint)) + order;
    }

    private static IEnumerable<(string What, string How)> Remedies(DrawnPlan plan)
    {
        foreach (var contract in plan.Plan.ForbiddenBy)
        {
            yield return ($"Change the contract {PlanPictures.Readable(contract)}", "Only if those versions do live together.");
        }
        yield return ("Or add the release that is missing", "To the release folder; then plan again. Nothing was touched.");
    }
}
