using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Sessions;

/// <summary>The address holds whose sessions are shown and which of them; the cursor and the selection are the page's own.</summary>
public sealed partial class SessionsPage
{
    /// <summary>From here on an open transaction asks for attention: it will be in the way of the drain.</summary>
    private const int LongSeconds = 60;
    private string words = "";
    private bool busy;

    [Inject] private SessionsService Sessions { get; set; } = default!;
    [Inject] private StepUpProof Proof { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [SupplyParameterFromQuery(Name = "of")] public string? Of { get; set; }
    [SupplyParameterFromQuery(Name = "show")] public string? Show { get; set; }

    private SessionsView? View { get; set; }
    private string? Said { get; set; }
    private string? Done { get; set; }
    private RowCursor Cursor { get; } = new();
    private IReadOnlyList<ConnectionRow> Connections { get; set; } = [];
    private IReadOnlyList<MemberRow> Members { get; set; } = [];
    private IReadOnlyList<string> Rows => [.. Connections.Select(r => r.Id), .. Members.Select(m => m.Id)];

    protected override IReadOnlyList<string> Hears => [Topics.Acts];
    protected override TimeSpan? Tick => TimeSpan.FromSeconds(2);
    protected override string WaitsFor => "the sessions";

    private IReadOnlyList<PageKey> Keys =>
    [
        new("j", "down", () => Step(1)), new("k", "up", () => Step(-1)), new("ArrowDown", "down", () => Step(1)), new("ArrowUp", "up", () => Step(-1)),
        new(" ", "select", Select), new("b", "go to its blocker", ToBlocker), new("e", "end the selected ones, asks first", End),
    ];

    private IReadOnlyList<(string? Key, string Words, int Count)> Filters
    {
        get
        {
            var all = View!.Connections.Where(r => !r.Facts.Own).ToList();
            List<(string? Key, string Words, int Count)> filters = [(null, "All", all.Count)];
            foreach (var (key, text) in new[] { ("blocking", "Blocking"), ("blocked", "Blocked"), ("idle", "Idle in transaction") })
            {
                if (all.Count(r => Fits(r, key)) is > 0 and var count || Show == key) { filters.Add((key, text, all.Count(r => Fits(r, key)))); }
            }
            return filters;
        }
    }

    private string? Closed => Permissions.SessionEnd.Refuse(Actor!, Clock.GetUtcNow())?.Text ?? View!.EndClosed
        ?? (Cursor.Selected.Count == 0 ? "Nothing is selected." : Cursor.Selected.Count > SessionsService.MostAtOnce ? $"At most {SessionsService.MostAtOnce} are ended at once." : null);

    private string? Frees => Connections.Where(r => Cursor.IsSelected(r.Id)).Sum(r => r.Blocks) is > 0 and var waiting ? $"ending them frees {waiting} that wait" : null;

    protected override async Task OnParametersSetAsync()
    {
        if (!Loaded) { return; }
        words = "";
        (Said, Done) = (null, null);
        Cursor.SelectOnly([]);
        await ReadAgain();
    }

    protected override async Task<Refusal?> Read(Actor actor, CancellationToken token)
    {
        var answer = await Sessions.Read(actor, Of, token);
        if (answer.Value is { } view) { View = view; Draw(); }
        return answer.Refusal;
    }

    private void Draw()
    {
        bool Has(params string?[] texts) => words.Length == 0 || texts.Any(t => t?.Contains(words, StringComparison.OrdinalIgnoreCase) == true);
        Connections = [.. View!.Connections.Where(r => Fits(r, Show) && Has(r.Id, r.Facts.User, r.Facts.Application, r.Facts.Client, r.Facts.Query, r.Facts.State))];
        Members = [.. View.Members.Where(m => Has(m.Member, m.From))];
        Cursor.Show(Rows, [.. Connections.Where(r => !r.Facts.Own).Select(r => r.Id), .. Members.Select(m => m.Id)]);
    }

    private void Redraw() => StateHasChanged();

    private static bool Fits(ConnectionRow row, string? show) => show switch { "blocking" => row.Blocks > 0, "blocked" => row.Waits, "idle" => row.IdleInTransaction, _ => true };

    private string Address(string? show) => $"sessions?of={Uri.EscapeDataString(View!.Chosen!.Key)}{(show is null ? null : $"&show={show}")}";

    private Task Step(int by)
    {
        Cursor.Move(by);
        StateHasChanged();
        return Task.CompletedTask;
    }

    private Task Select()
    {
        if (Cursor.At is { } at && Connections.FirstOrDefault(r => r.Id == at) is not { Facts.Own: true }) { Cursor.Toggle(at); }
        StateHasChanged();
        return Task.CompletedTask;
    }

    private Task ToBlocker()
    {
        if (Connections.FirstOrDefault(r => r.Id == Cursor.At)?.Blocker is { } blocker) { Cursor.GoTo(blocker); }
        StateHasChanged();
        return Task.CompletedTask;
    }

    private async Task End()
    {
        if (View?.Chosen is not { } chosen || Actor is null || busy || Closed is not null) { return; }
        var ids = Cursor.Selected.ToList();
        var everybody = chosen.Count == ids.Count && ids.Count > 1;
        var named = chosen.IsSite ? Members.Where(m => ids.Contains(m.Id)).Select(m => new ConfirmFact(m.Member, m.From ?? "")) : Connections.Where(r => ids.Contains(r.Id)).Select(r => new ConfirmFact($"{r.Id} {r.Facts.User}", r.State.Word));
        List<ConfirmFact> facts = [.. named.Take(6)];
        if (ids.Count > 6) { facts.Add(new("and", $"{ids.Count - 6} more")); }
        if (Connections.Where(r => ids.Contains(r.Id)).Sum(r => r.Blocks) is > 0 and var waiting) { facts.Add(new("Frees", $"{waiting} that wait", true)); }
        var yes = await Dialogs.AskAsync(new ConfirmQuestion($"{EndWords(chosen)}?", EndWords(chosen), ids.Count == 1 ? "Leave it connected" : "Leave them connected", facts)
        {
            Text = chosen.IsSite ? "They have to sign in again. What they had not sent is lost to them." : "What each has open in its transaction is undone. Its program sees a lost connection and may come back.",
            StepUp = everybody && Permissions.SessionEndAll.Refuse(Actor, Clock.GetUtcNow()) is not null,
        }, password => Proof.Prove(Actor, password));
        if (yes is null) { return; }
        busy = true;
        try
        {
            (Said, Done) = await Do(chosen, ids);
        }
        finally
        {
            busy = false;
        }
        Cursor.SelectOnly([]);
        await ReadAgain();
    }

    private async Task<(string? Said, string? Done)> Do(SessionSource chosen, IReadOnlyList<string> ids)
    {
        if (await Actors.Current(Gone) is not { } actor) { return ("You are signed out. Nothing was done.", null); }
        var answer = chosen.IsSite ? await Sessions.EndMembers(actor, chosen.Name, ids, Gone) : await Sessions.EndConnections(actor, chosen.Name, ids, Gone);
        return answer.Refusal is { } refusal ? (refusal.Text, null) : (null, $"Ended {Count(answer.Value)} on {chosen.Name}");
    }

    private async Task Settle((PreparedRow Prepared, bool Commit, ConfirmAnswer Yes) decided)
    {
        var (prepared, commit, yes) = decided;
        (Said, Done) = (null, null);
        if (await Actors.Current(Gone) is not { } actor) { Said = "You are signed out. Nothing was done."; return; }
        var answer = await Sessions.Settle(actor, prepared.Database, prepared.Facts.Gid, commit, yes.Reason, Gone);
        (Said, Done) = (answer.Refusal?.Text, answer.Refusal is null ? $"{(commit ? "Committed" : "Rolled back")} {prepared.Facts.Gid} in {prepared.Database}" : null);
        await ReadAgain();
    }

    private string EndWords(SessionSource chosen) => Cursor.Selected.Count == 0 ? $"End sessions on {chosen.Name}" : $"End {Count(Cursor.Selected.Count)} on {chosen.Name}";
    private static string Count(int n) => n == 1 ? "1 session" : $"{Number(n)} sessions";
    private static string Title(SessionSource chosen) => chosen.IsSite ? $"Logged in on {chosen.Name}" : $"Connections of {chosen.Name}";
    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);

    /// <summary>The figure of those that can tell, and beside it the names of those that cannot.</summary>
    private RenderFragment Figure(int? value, bool sites) => builder =>
    {
        if (value is { } known) { builder.AddContent(0, known); }
        var dark = View!.Sources.Where(s => s.IsSite == sites && s.Count is null).Select(s => s.Name).ToList();
        if (dark.Count == 0) { return; }
        builder.OpenComponent<StateMark>(1);
        builder.AddComponentParameter(2, nameof(StateMark.Mark), Mark.Unknown);
        builder.AddComponentParameter(3, nameof(StateMark.Word), value is null ? "cannot tell" : $"{string.Join(", ", dark)} cannot tell");
        builder.CloseComponent();
    };
}
