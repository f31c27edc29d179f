using MudBlazor;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.People;

/// <summary>Who may come in, with which roles, and the keys of machines.</summary>
public sealed class PeopleRoom : Room
{
    public override string Name => "People";
    public override NavEntry? Nav => new("People", "/people", Icons.Material.Outlined.Badge, Permissions.PeopleRead, 3);

    public override void Register(IServiceCollection services) =>
        services.AddSingleton<PeopleService>().AddSingleton<LinkService>().AddSingleton<KeyService>().AddScoped<SignInDesk>().AddHostedService<FirstLink>();

    public override IReadOnlyList<Command> Commands => [.. UsersCommands.All, .. KeysCommands.All];

    public override IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>
    {
        ["person.added"] = "added {subject} with the roles {roles}",
        ["person.disabled"] = "disabled {subject}",
        ["person.enabled"] = "enabled {subject}",
        ["person.roles"] = "gave {subject} the roles {roles}",
        ["person.password"] = "set the password of {subject}",
        ["person.signedIn"] = "signed in",
        ["person.signInFailed"] = "was refused at sign-in",
        ["person.signedOut"] = "signed out everywhere",
        ["link.made"] = "made a one-time link for {subject}",
        ["link.used"] = "came in by a one-time link",
        ["key.added"] = "made the key {subject} for {acts}",
        ["key.revoked"] = "revoked the key {subject}",
    };
}
