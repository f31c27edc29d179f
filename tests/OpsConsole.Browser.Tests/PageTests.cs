using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>A night with a queue, shared by the tests of single pages.</summary>
public sealed class NightScene(Chromium chromium) : IAsyncLifetime
{
    public Scene Scene { get; private set; } = null!;
    public Person Wide { get; private set; } = null!;
    public Person Phone { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Scene = await Scene.Full(chromium);
        Wide = await chromium.Person(Scene.Console, "ada");
        Phone = await chromium.Person(Scene.Console, "ada", 390, 844, ColorScheme.Light);
        await Wide.SignIn();
        await Phone.SignIn();
    }

    public async ValueTask DisposeAsync()
    {
        if (Scene is null) { return; }
        if (Wide is not null) { await Wide.DisposeAsync(); }
        if (Phone is not null) { await Phone.DisposeAsync(); }
        await Scene.DisposeAsync();
    }
}

/// <summary>Every page that the code has, in a night: readable for everybody, quiet, asking nobody else, running no script but the console's own files.</summary>
public sealed class PageTests(NightScene night) : IClassFixture<NightScene>
{
    public static TheoryData<string> Templates() => [.. Pages.Templates];

    [Theory, MemberData(nameof(Templates))]
    public Task A_page_on_a_desk_in_the_dark_has_nothing_serious_against_it(string template) => Look(night.Wide, template);

    [Theory, MemberData(nameof(Templates))]
    public Task A_page_on_a_phone_in_the_light_has_nothing_serious_against_it(string template) => Look(night.Phone, template);

    [Fact]
    public async Task The_watch_over_pages_sees_what_it_is_there_to_see()
    {
        var person = night.Wide;
        await person.Open("audit");
        var before = person.Faults.Count;
        await person.Page.EvaluateAsync("() => { console.error('spoken'); const i = document.createElement('img'); i.src = 'http://192.0.2.1/x.png'; document.body.append(i); const b = document.createElement('button'); document.querySelector('main').append(b); }");
        await Assertions.Expect(person.Page.Locator("img")).ToHaveCountAsync(1);
        Assert.Contains(person.Faults.Skip(before), f => f.Contains("spoken", StringComparison.Ordinal));
        Assert.Contains(person.Faults.Skip(before), f => f.Contains("192.0.2.1", StringComparison.Ordinal));
        Assert.NotEmpty(await Violations(person.Page));
    }

    [Fact]
    public async Task Every_way_into_a_room_leads_there_by_a_click()
    {
        var person = night.Wide;
        await person.Open("");
        var before = person.Faults.Count;
        var ways = await person.Page.GetByRole(AriaRole.Navigation, new() { Name = "Rooms" }).GetByRole(AriaRole.Link).EvaluateAllAsync<string[]>("links => links.map(l => l.getAttribute('href'))");
        Assert.True(ways.Length > 5, "the rooms are not there");
        foreach (var way in ways.Concat(["account"]))
        {
            await person.Open("");
            await person.Page.Locator($"a[href='{way}']").First.ClickAsync();
            await person.Page.WaitForURLAsync(u => new Uri(u).AbsolutePath == "/" + way);
            await person.Live();
            await person.Settled();
            Assert.False(await person.Text("There is no such page").Or(person.Text("This page has stopped")).First.IsVisibleAsync(), $"{way} leads nowhere");
        }
        await person.See(person.Link("Sign out"));
        Assert.Empty(person.Faults.Skip(before));
    }

    private async Task Look(Person person, string template)
    {
        var path = Pages.PathOf(template, night.Scene);
        Assert.True(path is not null, $"the night has nothing that {template} could show");
        var before = person.Faults.Count;
        var documents = person.Documents;
        await person.Open(path);
        await person.Settled();
        Assert.True(person.Documents > documents, "no page was answered, so no policy was seen");
        var found = await Violations(person.Page);
        // What is still being drawn is looked at again; what stays is a fault.
        for (var again = 0; found.Count > 0 && again < 3; again++)
        {
            await Task.Delay(1000);
            found = await Violations(person.Page);
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
        var wide = await person.Page.EvaluateAsync<string[]>(SticksOut);
        Assert.True(wide.Length == 0, $"wider than the window: {string.Join(" | ", wide)}");
        Assert.Empty(person.Faults.Skip(before));
    }

    // What reaches over the right edge, where the page can be pushed sideways because of it.
    private const string SticksOut = """
        () => {
          const edge = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= edge) return [];
          return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge + 1)
            .slice(0, 5).map(e => `${e.tagName} ${e.className} to ${Math.round(e.getBoundingClientRect().right)} of ${edge}: ${(e.textContent ?? '').trim().slice(0, 60)}`);
        }
        """;

    // The status page draws itself anew without a script, because it has to be read where scripts are off and links are bad. It has no input that could be lost.
    private static bool Allowed(string page, string rule) => rule == "meta-refresh" && new Uri(page).AbsolutePath == "/status";

    private static async Task<IReadOnlyList<string>> Violations(IPage page) =>
        [.. (await page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] })).Violations.Where(v => v.Impact is "serious" or "critical" && !Allowed(page.Url, v.Id))
            .Select(v => $"{v.Impact} {v.Id}: {v.Help} ({string.Join(" | ", v.Nodes.Take(4).Select(n => n.Html))})")];
}
