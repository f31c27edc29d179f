using Microsoft.Playwright;

namespace OpsConsole.Browser.Tests;

/// <summary>The machine's own Chromium, for the whole run. The driver comes with the package; nothing is fetched.</summary>
public sealed class Chromium : IAsyncDisposable
{
    // Nothing but the console under test is asked for anything.
    private static readonly string[] Quiet =
        ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--force-color-profile=srgb"];

    /// <summary>Where the people sit; not in UTC, so that a mixed-up zone is seen.</summary>
    public const string Zone = "Europe/Berlin";

    private IPlaywright? playwright;
    private IBrowser? browser;

    public static string Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').SelectMany(p => new[] { Path.Combine(p, "chromium"), Path.Combine(p, "chromium-browser") })
        .FirstOrDefault(File.Exists) ?? "/usr/bin/chromium";

    public async Task<IBrowser> Browser()
    {
        playwright ??= await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(45_000);
        return browser ??= await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Quiet });
    }

    /// <summary>Somebody with a browser profile of their own.</summary>
    public async Task<Person> Person(SampleConsole console, string name, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Dark)
    {
        var context = await (await Browser()).NewContextAsync(new()
        {
            BaseURL = console.Address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            TimezoneId = Zone,
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(45_000);
        // As the button for the theme sets it.
        if (scheme == ColorScheme.Light) { await context.AddCookiesAsync([new() { Name = "oc-theme", Value = "light", Url = console.Address.ToString() }]); }
        return new Person(name, console.Address, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) { await browser.CloseAsync(); }
        playwright?.Dispose();
    }
}
