using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Shell;

/// <summary>The frame reads the strip again when its source says so, and sends the keyboard's wishes on.</summary>
public sealed partial class MainLayout
{
    private readonly CancellationTokenSource _gone = new();
    private DotNetObjectReference<MainLayout>? _self;
    private IJSObjectReference? _module;
    private IDisposable? _watch;
    private ErrorBoundary? _boundary;
    private NavSide? _nav;
    private StripFacts? _strip;
    private DateTimeOffset _now;
    private bool _dark = true;
    private bool _mini;
    private bool _keysOpen;

    [Inject] private ShellFacts Shell { get; set; } = default!;

    [Inject] private IReadOnlyList<NavItem> Items { get; set; } = default!;

    [Inject] private IStripSource Source { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private IJSRuntime Js { get; set; } = default!;

    [Inject] private TimeProvider Clock { get; set; } = default!;

    [CascadingParameter(Name = "Theme")] private string Theme { get; set; } = "dark";

    private string Here => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0];

    private StripShape Shape => Here.Split('?')[0] switch
    {
        "" or "board" => StripShape.Board,
        var path when path.StartsWith("maintenance", StringComparison.OrdinalIgnoreCase) || (path.StartsWith("windows/", StringComparison.OrdinalIgnoreCase) && IsOfStrip(path)) => StripShape.Wide,
        _ => StripShape.Line,
    };

    // On the page of another window the large figures would be read as that window's.
    private bool IsOfStrip(string path) => _strip is null || string.Equals(_strip.Route, string.Join('/', path.Split('/').Take(2)), StringComparison.OrdinalIgnoreCase);

    private List<NavItem> GoItems => [.. Items.Where(i => i.GoKey is not null)];

    protected override async Task OnInitializedAsync()
    {
        _now = Clock.GetUtcNow();
        _dark = Theme != "light";
        Navigation.LocationChanged += Moved;
        _strip = await Source.Read(_gone.Token);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }
        _watch = Source.Watch(() => _ = InvokeAsync(ReadAgain));
        _self = DotNetObjectReference.Create(this);
        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./" + Assets[ShellScript.Path]);
        await _module.InvokeVoidAsync("attachShell", _self, string.Concat(GoItems.Select(i => i.GoKey)));
        var dark = await _module.InvokeAsync<string>("theme") != "light";
        if (dark != _dark)
        {
            _dark = dark;
            StateHasChanged();
        }
    }

    /// <summary>G and a letter.</summary>
    [JSInvokable]
    public void Go(string letter)
    {
        if (Items.FirstOrDefault(i => i.GoKey == letter) is { } item)
        {
            Navigation.NavigateTo(item.Route.TrimStart('/'));
        }
    }

    /// <summary>The question mark.</summary>
    [JSInvokable]
    public async Task ShowKeys()
    {
        if (_keysOpen)
        {
            return;
        }
        _keysOpen = true;
        var hints = GoItems.Select(i => new KeyHint(i.GoKey!, i.Title)).ToList();
        var parameters = new DialogParameters<KeyHints> { { hint => hint.Places, hints }, { hint => hint.HelpRoute, HelpLinks.For(Here) } };
        var shown = await Dialogs.ShowAsync<KeyHints>("Keys", parameters, new DialogOptions { CloseOnEscapeKey = true, MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        await shown.Result;
        _keysOpen = false;
    }

    /// <summary>Ctrl and K; or a slash on a page without a filter.</summary>
    [JSInvokable]
    public async Task ShowPlaces()
    {
        if (_keysOpen)
        {
            return;
        }
        _keysOpen = true;
        var parameters = new DialogParameters<GoTo> { { goTo => goTo.Items, _nav?.Seen ?? [] } };
        var shown = await Dialogs.ShowAsync<GoTo>("Go to", parameters, new DialogOptions { CloseOnEscapeKey = true, MaxWidth = MaxWidth.Small, FullWidth = true, Position = DialogPosition.TopCenter });
        await shown.Result;
        _keysOpen = false;
    }

    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= Moved;
        _watch?.Dispose();
        await _gone.CancelAsync();
        _gone.Dispose();
        if (_module is not null)
        {
            try
            {
                await _module.InvokeVoidAsync("detachShell");
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The browser has gone, and its keys with it.
            }
        }
        _self?.Dispose();
    }

    private static string Person(ClaimsPrincipal person)
    {
        var roles = person.FindAll(ClaimTypes.Role).Select(r => r.Value.ToLowerInvariant()).Where(r => r != "viewer").Order(StringComparer.Ordinal).ToList();
        return $"{person.Identity?.Name}, {(roles.Count == 0 ? "viewer" : string.Join(roles.Count > 2 ? ", " : " and ", roles))}";
    }

    private async Task ReadAgain()
    {
        if (_gone.IsCancellationRequested)
        {
            return;
        }
        try
        {
            _strip = await Source.Read(_gone.Token);
            if (_nav is not null)
            {
                await _nav.Count(_gone.Token);
            }
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // The page has been left while it was read.
        }
    }

    private async Task SwitchTheme()
    {
        _dark = !_dark;
        if (_module is not null)
        {
            await _module.InvokeAsync<string>("setTheme", _dark ? "dark" : "light");
        }
    }

    private void Recover() => _boundary?.Recover();

    private void Moved(object? sender, LocationChangedEventArgs e)
    {
        _boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }
}
