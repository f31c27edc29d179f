using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.People;

/// <summary>Keys of machines, from a shell.</summary>
internal static class KeysCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("keys add", "NAME --user USER [--step-up] | NAME --site SITE", async (call, token) =>
        {
            var (user, site, stepUp) = (call.Option("--user"), call.Option("--site"), call.Flag("--step-up"));
            var name = call.Names(1, 1)[0];
            var answer = await Keys(await call.Open(token)).Add(call.Actor, name, user, site, stepUp, token);
            if (!answer.Refused) { await call.Said.WriteLineAsync("This key is shown once. Keep it where secrets are kept."); }
            return await call.Say(answer, key => key);
        }),
        new("keys list", "", async (call, token) =>
        {
            call.Names(0, 0);
            return await call.Say(await Keys(await call.Open(token)).List(call.Actor, token), list =>
                list.Count == 0 ? null : string.Join('\n', list.Select(k => $"{k.Name}\t{k.ActsAs}\t{(k.StepUp ? "step-up" : "-")}\t{(k.RevokedAt is null ? "good" : "revoked")}")));
        }),
        new("keys revoke", "NAME", async (call, token) =>
        {
            var name = call.Names(1, 1)[0];
            return await call.Say(await Keys(await call.Open(token)).Revoke(call.Actor, name, token), n => $"{n} revoked");
        }),
    ];

    private static KeyService Keys(CommandHouse house) => new(house.Store, house.Recorder, house.Found, TimeProvider.System);
}
