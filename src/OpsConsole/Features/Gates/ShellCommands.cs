using System.Globalization;
using OpsConsole.Domain;
using OpsConsole.Domain.Gates;
using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.Gates;

/// <summary>Break-glass: when no browser is at hand, through the running console; where it is dead, straight on the store and the databases.</summary>
internal static class ShellCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("freeze", "SITE [--depth logins|everyone|databases] [--include-sites] [--message TEXT] [--reason TEXT] [--wait SECONDS]", async (call, token) =>
        {
            FreezeDepth? depth = call.Option("--depth") switch
            {
                null => null,
                "logins" => FreezeDepth.Logins,
                "everyone" => FreezeDepth.Everyone,
                "databases" => FreezeDepth.Databases,
                var other => throw new UsageFault($"There is no depth {other}."),
            };
            var (along, message, reason) = (call.Flag("--include-sites"), call.Option("--message"), call.Option("--reason"));
            return await Send(call, site => new ShellOrder("freeze", site, depth, along, message, reason ?? "from a shell", 0), 15, token);
        }),
        new("thaw", "SITE [--share PERCENT] [--reason TEXT] [--wait SECONDS]", async (call, token) =>
        {
            var share = Number(call, "--share", 0, 100) ?? 100;
            var reason = call.Option("--reason");
            return await Send(call, site => new ShellOrder("thaw", site, null, false, null, reason ?? "from a shell", share), 15, token);
        }),
        new("status", "[--wait SECONDS]", Status),
    ];

    private static async Task<int> Send(CommandCall call, Func<string, ShellOrder> order, int seconds, CancellationToken token)
    {
        var patience = TimeSpan.FromSeconds(Number(call, "--wait", 1, 600) ?? seconds);
        var name = call.Names(1, 1)[0];
        var house = await call.Open(token);
        if (house.Settings.Estate.Sites.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } site)
        {
            return await call.Refuse(new Refusal(RefusalCode.NotFound, $"There is no site {name} in the estate. There are: {string.Join(", ", house.Settings.Estate.Sites.Select(s => s.Name))}."));
        }
        var reply = await new ShellPost(house, call.Actor, TimeProvider.System).Ask(order(site.Name), patience, token);
        if (reply is { Answer: null, Dead: false })
        {
            await call.Said.WriteLineAsync(reply.Because.AsMemory(), token);
            return 1;
        }
        if (reply.Dead) { await call.Said.WriteLineAsync("No console is running: this works on the store and the databases themselves.".AsMemory(), token); }
        return await Tell(call, reply.Answer ?? await new ShellAlone(house, call.Actor).Do(order(site.Name), token));
    }

    /// <summary>Looking harms nobody: where the console is silent, what stands in the store is shown all the same.</summary>
    private static async Task<int> Status(CommandCall call, CancellationToken token)
    {
        var patience = TimeSpan.FromSeconds(Number(call, "--wait", 1, 600) ?? 5);
        call.Names(0, 0);
        var house = await call.Open(token);
        var order = new ShellOrder("status", null, null, false, null, "from a shell", 0);
        var post = new ShellPost(house, call.Actor, TimeProvider.System);
        var reply = await post.Ask(order, patience, token);
        if (reply.Answer is { } told) { return await Tell(call, told); }
        await call.Answer.WriteLineAsync($"console\t{(reply.Dead ? "none\tnobody holds the lease" : $"{await post.Holder(token)}\tholds the lease and does not answer")}".AsMemory(), token);
        return await Tell(call, await new ShellAlone(house, call.Actor).Do(order, token));
    }

    private static async Task<int> Tell(CommandCall call, ShellAnswer answer)
    {
        await (answer.Code == 0 || answer.Text.Contains('\t', StringComparison.Ordinal) ? call.Answer : call.Said).WriteLineAsync(answer.Text);
        return answer.Code;
    }

    private static int? Number(CommandCall call, string option, int least, int most) => call.Option(option) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new UsageFault($"{option} is a number from {least} to {most}.");
}
