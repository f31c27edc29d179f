using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Access;

/// <summary>
/// Who acts now. Read from the store at each command: circuits outlive logout, so neither the cookie's roles nor its stamp are believed.
/// </summary>
public sealed class ActorSource(StoreFactory store, IHttpContextAccessor http, AuthenticationStateProvider circuit, StepUps stepUps, TimeProvider time)
{
    public const string KeyClaim = "opsconsole/key";

    /// <summary>Null: nobody, disabled, or signed out everywhere since.</summary>
    public async Task<Actor?> Current(CancellationToken token)
    {
        var user = http.HttpContext?.User is { Identity.IsAuthenticated: true } fromRequest ? fromRequest : await FromCircuit();
        return user is null ? null : await Read(user, token);
    }

    private async Task<ClaimsPrincipal?> FromCircuit()
    {
        try
        {
            return (await circuit.GetAuthenticationStateAsync()).User is { Identity.IsAuthenticated: true } user ? user : null;
        }
        catch (InvalidOperationException) // Outside a circuit there is nobody.
        {
            return null;
        }
    }

    private async Task<Actor?> Read(ClaimsPrincipal user, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        // Held for all that is asked here: opened for each question, the connection costs as much as the answer.
        await db.Database.OpenConnectionAsync(token);
        var now = time.GetUtcNow();
        var id = user.FindFirstValue(ClaimTypes.NameIdentifier);
        ApiKeyRow? key = null;
        if (user.FindFirstValue(KeyClaim) is { } keyId)
        {
            key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == keyId && k.RevokedAt == null, token);
            if (key is null) { return null; }
            if (key.Site is { } site) { return new Actor($"site:{site}", site, new HashSet<string>(), $"key:{key.Name}", site); }
            id = key.PersonId;
        }
        var found = await db.Users.AsNoTracking().Where(p => p.Id == id && !p.Disabled)
            .Select(p => new { Person = p, Roles = (from r in db.UserRoles join n in db.Roles on r.RoleId equals n.Id where r.UserId == p.Id select n.Name!).ToList() }).SingleOrDefaultAsync(token);
        if (found is not { Person: var person } || (key is null && user.FindFirstValue("AspNet.Identity.SecurityStamp") != person.SecurityStamp)) { return null; }
        return new Actor(person.Id, person.UserName!, found.Roles.Append(Roles.Viewer).ToHashSet(), key is null ? "password" : $"key:{key.Name}", null,
            key is { StepUp: true } ? now.AddMinutes(1) : key is null ? stepUps.Until(person.Id, person.SecurityStamp!) : null);
    }
}

/// <summary>Who proved again who they are, until when. In memory: a restart asks once more.</summary>
public sealed class StepUps(TimeProvider time)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (string Stamp, DateTimeOffset Until)> until = new();

    public DateTimeOffset? Until(string personId, string stamp) =>
        until.TryGetValue(personId, out var known) && known.Stamp == stamp && known.Until > time.GetUtcNow() ? known.Until : null;

    /// <summary>True: the password was right; good for <paramref name="minutes"/>. Wrong ones count towards the lockout.</summary>
    public async Task<bool> Prove(UserManager<Person> people, string personId, string password, int minutes)
    {
        var person = await people.FindByIdAsync(personId);
        if (person is null || person.Disabled || await people.IsLockedOutAsync(person)) { return false; }
        if (!await people.CheckPasswordAsync(person, password))
        {
            await people.AccessFailedAsync(person);
            return false;
        }
        await people.ResetAccessFailedCountAsync(person);
        until[personId] = (person.SecurityStamp!, time.GetUtcNow().AddMinutes(minutes));
        return true;
    }
}
