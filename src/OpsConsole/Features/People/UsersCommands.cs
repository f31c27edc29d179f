using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.People;

/// <summary>People, from a shell: the way in when no administrator can sign in.</summary>
internal static class UsersCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("users add", "NAME --role ROLE [--role ROLE] [--password-stdin]", async (call, token) =>
        {
            var (roles, fromInput) = (call.Options("--role"), call.Flag("--password-stdin"));
            var name = call.Names(1, 1)[0];
            var password = fromInput ? await Password(call, token) : null;
            return await call.Say(await People(await call.Open(token)).Add(call.Actor, name, roles, password, token), p => $"{p.Name} {string.Join(' ', p.Roles)}");
        }),
        new("users list", "", async (call, token) =>
        {
            call.Names(0, 0);
            return await call.Say(await People(await call.Open(token)).List(call.Actor, token), list =>
                list.Count == 0 ? null : string.Join('\n', list.Select(p => $"{p.Name}\t{string.Join(' ', p.Roles)}\t{(p.Disabled ? "disabled" : p.HasPassword ? "enabled" : "link only")}")));
        }),
        new("users disable", "NAME", async (call, token) =>
        {
            var name = call.Names(1, 1)[0];
            return await call.Say(await People(await call.Open(token)).Disable(call.Actor, name, token), p => $"{p.Name} disabled");
        }),
        new("users enable", "NAME", async (call, token) =>
        {
            var name = call.Names(1, 1)[0];
            return await call.Say(await People(await call.Open(token)).Enable(call.Actor, name, token), p => $"{p.Name} enabled");
        }),
        new("users roles", "NAME --role ROLE [--role ROLE]", async (call, token) =>
        {
            var roles = call.Options("--role");
            var name = call.Names(1, 1)[0];
            return await call.Say(await People(await call.Open(token)).SetRoles(call.Actor, name, roles, token), p => $"{p.Name} {string.Join(' ', p.Roles)}");
        }),
        new("users password", "NAME --password-stdin", async (call, token) =>
        {
            if (!call.Flag("--password-stdin")) { throw new UsageFault("The password is read from standard input, where no list of processes shows it."); }
            var name = call.Names(1, 1)[0];
            var password = await Password(call, token);
            return await call.Say(await People(await call.Open(token)).SetPassword(call.Actor, name, password, token), p => $"{p.Name} has a new password");
        }),
        new("users reset-codes", "NAME", async (call, token) =>
        {
            call.Names(1, 1);
            await call.Said.WriteLineAsync("There are no one-time codes in this version: a password is the only proof. Give a new one with users password, or a way in with users link.".AsMemory(), token);
            return 1;
        }),
        new("users link", "NAME", async (call, token) =>
        {
            var name = call.Names(1, 1)[0];
            var house = await call.Open(token);
            var links = new LinkService(house.Store, house.Recorder, house.Found, TimeProvider.System);
            return await call.Say(await links.For(call.Actor, name, token), link => LinkService.Address(house.Settings) + LinkService.Path(link));
        }),
    ];

    private static PeopleService People(CommandHouse house) => new(house.Store, house.Recorder, TimeProvider.System);

    private static async Task<string> Password(CommandCall call, CancellationToken token) =>
        await call.Input.ReadLineAsync(token) ?? throw new UsageFault("No password came from standard input.");
}
