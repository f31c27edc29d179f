using Microsoft.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.People;

public sealed record PersonView(string Id, string Name, IReadOnlyList<string> Roles, bool Disabled, bool HasPassword, DateTimeOffset MadeAt);

/// <summary>What the services of this room do with the rows of people; always inside a write of the recorder, or reading only.</summary>
internal static class PeopleRows
{
    public const int ShortestPassword = 12, LongestPassword = 256;
    private static readonly PasswordHasher<Person> Hasher = new();

    /// <summary>Names are compared as Identity compares them.</summary>
    public static string Normal(string name) => name.Trim().ToUpperInvariant();

    public static Task<Person?> Find(StoreContext db, string name, CancellationToken token)
    {
        var normal = Normal(name);
        return db.Users.SingleOrDefaultAsync(p => p.NormalizedUserName == normal, token);
    }

    public static Refusal? RefuseName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+')
            ? null : new Refusal(RefusalCode.InvalidField, "A name has 1 to 64 letters, digits and . _ - @ +, without spaces.");

    public static Refusal? RefusePassword(string password) =>
        password.Length is >= ShortestPassword and <= LongestPassword
            ? null : new Refusal(RefusalCode.InvalidField, $"A password has {ShortestPassword} to {LongestPassword} characters; a few words will do.");

    public static Refusal? RefuseRoles(IReadOnlyCollection<string> roles) =>
        roles.Count == 0 ? new Refusal(RefusalCode.InvalidField, $"At least one role is needed: {string.Join(", ", Roles.All)}.")
        : roles.FirstOrDefault(r => !Roles.All.Contains(r)) is { } stranger ? new Refusal(RefusalCode.InvalidField, $"There is no role {stranger}. There are: {string.Join(", ", Roles.All)}.")
        : null;

    /// <summary>The roles as they are written, whatever case they were given in.</summary>
    public static IReadOnlyList<string> Proper(IEnumerable<string> roles) =>
        [.. roles.Select(r => Roles.All.FirstOrDefault(k => string.Equals(k, r.Trim(), StringComparison.OrdinalIgnoreCase)) ?? r).Distinct()];

    public static Person New(string name, DateTimeOffset now) => new()
    {
        UserName = name,
        NormalizedUserName = Normal(name),
        MadeAt = now,
        SecurityStamp = Stamp(),
        LockoutEnabled = true,
    };

    /// <summary>A new stamp ends every cookie and circuit that was made with the one before.</summary>
    public static string Stamp() => Guid.NewGuid().ToString("N");

    public static void SetPassword(Person person, string password)
    {
        person.PasswordHash = Hasher.HashPassword(person, password);
        person.SecurityStamp = Stamp();
        (person.AccessFailedCount, person.LockoutEnd) = (0, null);
    }

    /// <summary>Takes as long as a right password would, so that the time does not tell whether a name is known.</summary>
    public static void PretendToCheck(string password) => Hasher.VerifyHashedPassword(new Person(), Decoy.Value, password);
    private static readonly Lazy<string> Decoy = new(() => Hasher.HashPassword(new Person(), Stamp()));

    public static async Task SetRoles(StoreContext db, Person person, IReadOnlyList<string> roles, CancellationToken token)
    {
        var known = await db.Roles.ToListAsync(token);
        db.UserRoles.RemoveRange(await db.UserRoles.Where(r => r.UserId == person.Id).ToListAsync(token));
        await db.SaveChangesAsync(token); // A role that stays would otherwise be one row removed and added at once.
        foreach (var name in roles)
        {
            var role = known.Find(r => r.Name == name);
            if (role is null)
            {
                role = new IdentityRole(name) { NormalizedName = Normal(name) };
                db.Roles.Add(role);
            }
            db.UserRoles.Add(new IdentityUserRole<string> { UserId = person.Id, RoleId = role.Id });
        }
    }

    public static Task<List<string>> RolesOf(StoreContext db, string personId, CancellationToken token) =>
        (from r in db.UserRoles join n in db.Roles on r.RoleId equals n.Id where r.UserId == personId orderby n.Name select n.Name!).ToListAsync(token);

    /// <summary>Somebody other than this person who can administer.</summary>
    public static Task<bool> AnotherAdmin(StoreContext db, string? personId, CancellationToken token) =>
        (from p in db.Users
         where !p.Disabled && p.Id != personId
         join r in db.UserRoles on p.Id equals r.UserId
         join n in db.Roles on r.RoleId equals n.Id
         where n.Name == Roles.Admin
         select p.Id).AnyAsync(token);
}
