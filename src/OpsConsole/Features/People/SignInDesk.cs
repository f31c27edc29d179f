using Microsoft.AspNetCore.Identity;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.People;

/// <summary>Signs people in and out inside a request, where a cookie can be set.</summary>
public sealed class SignInDesk(SignInManager<Person> signIn, UserManager<Person> people, Recorder recorder, PeopleService service, ActorSource actors)
{
    /// <summary>One answer for every way in which it can fail: it must not tell which names there are.</summary>
    public const string Refused = "Name and password do not match an account, or there were too many tries. After eight wrong ones the account waits five minutes.";

    public async Task<bool> SignIn(string name, string password, CancellationToken token)
    {
        var person = await people.FindByNameAsync(name.Trim());
        if (person is null or { Disabled: true } or { PasswordHash: null } || await people.IsLockedOutAsync(person))
        {
            PeopleRows.PretendToCheck(password);
            return false;
        }
        var right = (await signIn.CheckPasswordSignInAsync(person, password, lockoutOnFailure: true)).Succeeded;
        var actor = new Actor(person.Id, person.UserName!, new HashSet<string>(), "password");
        await recorder.Write((write, _) => { write.Audit(actor, right ? "person.signedIn" : "person.signInFailed", person.UserName!); return Task.CompletedTask; }, token);
        if (right) { await signIn.SignInAsync(person, isPersistent: false); }
        return right;
    }

    /// <summary>After a link was used up.</summary>
    public async Task Arrive(string personId)
    {
        if (await people.FindByIdAsync(personId) is { Disabled: false } person) { await signIn.SignInAsync(person, isPersistent: false); }
    }

    public async Task SignOut(CancellationToken token)
    {
        if (await actors.Current(token) is { } actor) { await service.SignOut(actor, token); }
        await signIn.SignOutAsync();
    }

    /// <summary>Where to go after signing in; never to another host.</summary>
    public static string Back(string? wanted) =>
        wanted is { Length: > 1 } && wanted[0] == '/' && wanted[1] is not ('/' or '\\') && !wanted.StartsWith("/account", StringComparison.OrdinalIgnoreCase) ? wanted : "";
}
