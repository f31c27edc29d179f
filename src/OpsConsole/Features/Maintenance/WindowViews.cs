using System.Text.Json;
using OpsConsole.Domain.Maintenance;
using OpsConsole.Domain.Planning;
using OpsConsole.Ground.Store;
using OpsConsole.Ground.Watching;
using OpsConsole.Ground.Windows;

namespace OpsConsole.Features.Maintenance;

public sealed record StepView(int Number, string Kind, string Subject, string Group, string Status, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Detail);

/// <summary>A window as the API and the pages show it.</summary>
/// <param name="Closed">verbs that are not open now, each with the rule that closes it</param>
public sealed record WindowView(
    string Id, string Name, string Status, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, DateTimeOffset? OpensAt,
    DateTimeOffset? ClosesAt, string Digest, IReadOnlyList<Approval> Approvals, IReadOnlyList<string> Can, Decision? Decision, Plan Plan,
    IReadOnlyList<StepView> Steps, WayBack WayBack, IReadOnlyList<string> Findings, bool Paused, bool Trial, int? Share, FinalizeFacts Undecided, LiveStatement? Live,
    DateTimeOffset? StartedAt, IReadOnlyList<string> Authors, bool SecondPerson, IReadOnlyDictionary<string, string> Closed)
{
    /// <summary>When the review ends at the pace of now; null: it is not under way, or too little was decided to tell.</summary>
    public DateTimeOffset? ReviewEndsAt { get; init; }
    public bool Is(params ReadOnlySpan<string> statuses) => statuses.Contains(Status);
    public bool Open(string verb) => Can.Contains(verb);
    /// <summary>The step that runs, or the one in question.</summary>
    public StepView? Current => Decision is { } asked ? Steps.First(s => s.Number == asked.Step) : Steps.FirstOrDefault(s => s.Status is "running" or "failed" or "torn");
    /// <summary>The task that waits for a person.</summary>
    public StepView? Task => Can.FirstOrDefault(c => c.StartsWith("steps/", StringComparison.Ordinal)) is { } verb
        ? Steps.First(s => s.Number == int.Parse(verb.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture)) : null;
}

/// <summary>Makes the view: the run, what it would cost to go back now, and what is still undecided.</summary>
public sealed class WindowViews(StoreFactory store, IEnumerable<IWindowWitness> witnesses, WindowProgress progress, TrialCounts counts, DatabaseWatch watch, TimeProvider time)
{
    // Before anything was measured: an estimate that errs on the long side.
    private static readonly MeasuredParts Unmeasured = new(10_000, 10_000, 5_000);

    public async Task<WindowView> Of(LoadedWindow window, CancellationToken token)
    {
        var (run, now) = (window.Run, time.GetUtcNow());
        var outside = WindowBook.Outside(window);
        var (committed, undecided) = (0, new FinalizeFacts(0, 0, 0, 0, 0));
        DateTimeOffset? reviewed = null;
        await using var db = store.CreateDbContext();
        foreach (var witness in run.StartedBy is null ? [] : witnesses)
        {
            committed += await witness.CommittedIn(db, outside, token);
            undecided += await witness.Undecided(db, outside, token);
            if (run.Status == WindowStatus.Reviewing && await witness.DoneAbout(db, outside, now, token) is { } about && !(about < reviewed)) { reviewed = about; }
        }
        var content = run.Content!;
        var staff = await counts.Of(run);
        return new WindowView(
            run.Id, content.Name, WindowRun.Name(run.Status), content.From, content.To, content.OpensAt, run.ClosesAt, content.Digest, run.Approvals, run.Can(now), run.Decision,
            content.Plan, [.. run.Steps.Select(View)], WayBack.Of(run, Measured(run), committed, staff.Rows, staff.Because) with { DoubtedBecause = Doubt(run) }, run.Findings, run.IsPaused, run.IsTrial, run.Share, undecided,
            progress.Of(run.Id), run.StartedBy?.At, run.Authors, run.Rules.RequireSecondPerson,
            WindowApi.Verbs.Where(v => run.Refuse(v, now) is not null).ToDictionary(v => v, v => run.Refuse(v, now)!.Text))
        { ReviewEndsAt = reviewed };
    }

    // While a step works on them the databases may shut the watch out with everybody else; then the step itself says what it meets.
    private string? Doubt(WindowRun run)
    {
        if (run.StartedBy is null || !run.IsOpen || run.Steps.Any(s => s.Status == StepStatus.Running)) { return null; }
        string[] silent = [.. run.Content!.From.Keys.Where(n => watch.Of(n).Fault is not null).Order(StringComparer.Ordinal)];
        return silent.Length == 0 ? null : $"{string.Join(" and ", silent)} {(silent.Length == 1 ? "does" : "do")} not answer, and going back needs {(silent.Length == 1 ? "it" : "them")}";
    }

    private static StepView View(RunStep s) => new(
        s.Number, JsonNamingPolicy.CamelCase.ConvertName(s.Kind.ToString()), s.Subject, JsonNamingPolicy.CamelCase.ConvertName(s.Group.ToString()),
        JsonNamingPolicy.CamelCase.ConvertName(s.Status.ToString()), s.StartedAt, s.EndedAt, s.Detail);

    // A restore copies what the checkpoint copied, and is proven by the same fingerprint: the checkpoint of this very run is the measure.
    private static MeasuredParts Measured(WindowRun run)
    {
        if (run.Steps.LastOrDefault(s => s is { Kind: StepKind.Checkpoint, Group: StepGroup.Forward, Status: StepStatus.Done }) is not { Detail: { } detail, StartedAt: { } from, EndedAt: { } to })
        {
            return Unmeasured;
        }
        using var json = JsonDocument.Parse(detail);
        var proof = json.RootElement.GetProperty("proofMilliseconds").GetInt64();
        return new MeasuredParts(Math.Max(1000, (long)(to - from).TotalMilliseconds - proof), proof, Unmeasured.ReopenMilliseconds);
    }
}
