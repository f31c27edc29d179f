using Microsoft.Playwright;
using Xunit;

namespace OpsConsole.Browser.Tests;

/// <summary>The console in a state worth looking at, with somebody who may see every page.</summary>
public sealed class Scene : IAsyncDisposable
{
    private Scene(string name, SampleConsole console) => (Name, Console) = (name, console);

    public string Name { get; }
    public SampleConsole Console { get; }
    public string? Window { get; private set; }
    public string? Transaction { get; private set; }
    public string? Link { get; private set; }

    /// <summary>In a night: the group stands on its new versions, and the queue fills while the desk works.</summary>
    public static async Task<Scene> Full(Chromium chromium)
    {
        var scene = await Begin("full", null);
        await using var olga = await chromium.Person(scene.Console, "olga");
        await using var anton = await chromium.Person(scene.Console, "anton");
        var night = await scene.Started(olga, anton);
        await night.UntilReviewing();
        var desk = new Desk(anton);
        await desk.Open(atLeast: 8);
        await desk.Commit();
        await desk.Commit();
        await desk.Hold("asks the member first");
        await desk.Reject("booked twice by the member");
        await anton.Open("queue");
        // Letters are deaf for a moment after something new has appeared.
        for (var tries = 0; !anton.Page.Url.Contains("/queue/", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 60, "the desk did not go on to the next");
            await anton.Page.Keyboard.PressAsync("j");
            await Task.Delay(500);
        }
        scene.Transaction = new Uri(anton.Page.Url).AbsolutePath;
        return scene;
    }

    /// <summary>Started for the first time: nothing was ever planned, nothing waits.</summary>
    public static Task<Scene> Empty() => Begin("empty", null);

    /// <summary>A release has failed, a decision is asked for, and then a database is lost.</summary>
    public static async Task<Scene> Failed(Chromium chromium)
    {
        var releases = Directory.CreateTempSubdirectory("opsconsole-releases-").FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(SampleConsole.Program)!, "fastmarket", "releases", "forum"))) { File.Copy(file, Path.Combine(releases, Path.GetFileName(file))); }
        await File.AppendAllTextAsync(Path.Combine(releases, "8_badges.up.sql"), "\ninsert into member_mirror (member_id, name) select member_id, name from member_mirror;\n");
        var scene = await Begin("failed", new() { ["OpsConsole__Estate__Databases__forum__Releases__Path"] = releases });
        await using var olga = await chromium.Person(scene.Console, "olga");
        await using var anton = await chromium.Person(scene.Console, "anton");
        await scene.Started(olga, anton);
        await olga.See("What you can do", 120);
        await scene.LoseForum();
        await olga.Open("estate/forum");
        await olga.See("forum does not answer", 90);
        return scene;
    }

    private static async Task<Scene> Begin(string name, Dictionary<string, string>? environment)
    {
        var scene = new Scene(name, new SampleConsole(environment));
        await scene.Console.Start();
        await scene.Console.AddPerson("ada", "Admin", "Operator", "Approver", "Reviewer", "Auditor");
        await scene.Console.AddPerson("olga", "Operator", "Reviewer");
        await scene.Console.AddPerson("anton", "Approver", "Reviewer");
        scene.Link = new Uri(await scene.Console.Command(null, "users", "link", "ada")).PathAndQuery;
        return scene;
    }

    private async Task<Night> Started(Person olga, Person anton)
    {
        await olga.SignIn();
        await anton.SignIn();
        var night = new Night(olga, anton, "Forum 8 and members 6");
        await night.PlanToLatest();
        await night.Approved();
        await night.Started();
        Window = night.Path;
        return night;
    }

    // The file is gone and cannot be made anew: a folder stands in its place.
    private Task LoseForum()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Console.Folder, "data"), "forum.db*"))
        {
            File.Move(file, file + ".lost");
            Directory.CreateDirectory(file);
        }
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => Console.DisposeAsync();
}
