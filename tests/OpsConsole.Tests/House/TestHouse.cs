using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Tests.House;

/// <summary>The real console over an estate with two sites and no database, on a free port of this machine.</summary>
public sealed partial class TestHouse : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("oc-house-").FullName;
    public WebApplication App { get; }
    public ConsoleSettings Settings { get; }
    public StoreFactory Store { get; }
    public Recorder Recorder => App.Services.GetRequiredService<Recorder>();
    public Uri Address => new(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public TestHouse(bool sample = false, string? publicUrl = null)
    {
        SiteSettings Site(string name) => new(name, [], 15, 0, null, new StaffSettings([], []));
        Settings = new ConsoleSettings(
            new StoreSettings(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=false", []), folder, new WebSettings(publicUrl is null ? null : new Uri(publicUrl), "/", []), PolicySettings.Default,
            new EstateSettings("Test", [], [Site("members"), Site("forum")], [], [], [], [], [], []));
        Store = new StoreFactory(Settings.Store.Provider, Settings.Store.ConnectionString);
        App = Serve.Build(["--urls=http://127.0.0.1:0", "--applicationName=OpsConsole"], new SettingsSource.Found(Settings, [], sample), Store);
    }

    public static async Task<TestHouse> Start(bool sample = false, string? publicUrl = null)
    {
        var house = new TestHouse(sample, publicUrl);
        await house.Store.Prepare(CancellationToken.None);
        await house.App.StartAsync();
        // Once it listens, the console makes the first link by itself, which voids older ones: a test's own has to come after it.
        await using var db = house.Store.CreateDbContext();
        for (var tries = 0; tries < 500 && !await db.SignInLinks.AnyAsync(); tries++) { await Task.Delay(20); }
        return house;
    }

    /// <summary>Started, and with everything looked at that a crash may have left.</summary>
    public static async Task<TestHouse> Ready()
    {
        var house = await Start();
        var ready = house.App.Services.GetRequiredService<global::OpsConsole.Ground.Readiness>();
        for (var tries = 0; tries < 500 && ready.WaitsFor is not null; tries++) { await Task.Delay(20); }
        return house;
    }

    /// <summary>A browser without script: keeps cookies, follows nothing.</summary>
    public HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>Fills in the one form of a page and sends it.</summary>
    public static async Task<HttpResponseMessage> Send(HttpClient browser, string page, Dictionary<string, string> fields)
    {
        var html = await browser.GetStringAsync(page);
        foreach (Match hidden in Hidden().Matches(html)) { fields.TryAdd(hidden.Groups[1].Value, System.Net.WebUtility.HtmlDecode(hidden.Groups[2].Value)); }
        return await browser.PostAsync(page, new FormUrlEncodedContent(fields));
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
