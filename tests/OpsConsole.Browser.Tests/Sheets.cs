using Microsoft.Playwright;

namespace OpsConsole.Browser.Tests;

/// <summary>Draws every page in every state, and tiles the pictures on sheets to be looked at side by side.</summary>
public static class Sheets
{
    private static readonly (int Width, int Height)[] Sizes = [(1440, 900), (390, 844)];
    private static readonly ColorScheme[] Schemes = [ColorScheme.Dark, ColorScheme.Light];

    public static async Task<int> Draw(string folder, IReadOnlyCollection<string> wanted)
    {
        await using var chromium = new Chromium();
        foreach (var (name, make) in new (string, Func<Task<Scene>>)[] { ("empty", Scene.Empty), ("full", () => Scene.Full(chromium)), ("failed", () => Scene.Failed(chromium)) })
        {
            if (wanted.Count > 0 && !wanted.Contains(name)) { continue; }
            await using var scene = await make();
            foreach (var (width, height) in Sizes)
            {
                foreach (var scheme in Schemes) { await Draw(chromium, scene, Path.Combine(folder, name), width, height, scheme); }
            }
            await Print(chromium, scene, Path.Combine(folder, name));
        }
        return 0;
    }

    private static async Task Draw(Chromium chromium, Scene scene, string folder, int width, int height, ColorScheme scheme)
    {
        Directory.CreateDirectory(folder);
        var look = $"{width}-{(scheme == ColorScheme.Dark ? "dark" : "light")}";
        await using var ada = await chromium.Person(scene.Console, "ada", width, height, scheme);
        await ada.SignIn();
        var shots = new List<(string Name, string File)>();
        foreach (var template in Pages.Templates)
        {
            if (Pages.PathOf(template, scene) is not { } path) { continue; }
            await ada.Open(path);
            await ada.Settled();
            var file = Path.Combine(folder, $"{Pages.FileName(template)}-{look}.png");
            await ada.Page.ScreenshotAsync(new() { Path = file, FullPage = true, Animations = ScreenshotAnimations.Disabled });
            shots.Add((path, file));
        }
        await Tile(ada.Page, $"{scene.Name}, {look}", shots, Path.Combine(Path.GetDirectoryName(folder)!, $"{scene.Name}-{look}.png"), width, height);
        Console.WriteLine($"{scene.Name} {look}: {shots.Count} pages{string.Concat(ada.Faults.Select(f => "\n  " + f))}");
    }

    // The report as it comes out of a printer: the file itself, and a picture as wide as what A4 leaves between its margins.
    private static async Task Print(Chromium chromium, Scene scene, string folder)
    {
        var template = Pages.Templates.Single(t => t.EndsWith("/report", StringComparison.Ordinal));
        if (Pages.PathOf(template, scene) is not { } path) { return; }
        await using var ada = await chromium.Person(scene.Console, "ada", 703, 1000, ColorScheme.Light);
        await ada.SignIn();
        await ada.Open(path);
        await ada.Settled();
        await ada.Page.PdfAsync(new() { Path = Path.Combine(folder, $"{Pages.FileName(template)}-a4.pdf"), PreferCSSPageSize = true });
        await ada.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await ada.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{Pages.FileName(template)}-a4.png"), FullPage = true });
    }

    // The sheet is a page as well, drawn by the same browser: the upper part of each picture, several beside each other.
    private static async Task Tile(IPage page, string title, IReadOnlyList<(string Name, string File)> shots, string file, int width, int height)
    {
        var columns = width > 1000 ? 3 : 8;
        var cells = string.Concat(await Task.WhenAll(shots.Select(async s =>
            $"<figure><figcaption>{System.Net.WebUtility.HtmlEncode(s.Name)}</figcaption><div><img src='data:image/png;base64,{Convert.ToBase64String(await File.ReadAllBytesAsync(s.File))}'></div></figure>")));
        var html = $$"""
            <!doctype html><style>
              body { margin: 24px; background: #808488; color: #000; font: 500 14px Roboto, sans-serif; }
              main { display: grid; grid-template-columns: repeat({{columns}}, minmax(0, 1fr)); gap: 16px; align-items: start; }
              figure { margin: 0; } figcaption { padding: 4px 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
              figure div { max-height: {{(columns == 3 ? 900 : 1200)}}px; overflow: hidden; } img { display: block; width: 100%; }
            </style><h1>{{title}}</h1><main>{{cells}}</main>
            """;
        var sheet = await page.Context.Browser!.NewPageAsync(new() { ViewportSize = new() { Width = 2400, Height = 1200 } });
        await sheet.SetContentAsync(html, new() { WaitUntil = WaitUntilState.Load });
        await sheet.ScreenshotAsync(new() { Path = file, FullPage = true });
        await sheet.CloseAsync();
    }
}
