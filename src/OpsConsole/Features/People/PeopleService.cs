using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.People;

/// <summary>People and their roles. What takes something from a person also changes their stamp: cookies die at once, circuits within seconds.</summary>
public sealed class PeopleService(StoreFactory store, Recorder recorder, TimeProvider time)
{
    public async Task<Answer<IReadOnlyList<PersonView>>> List(Actor actor, CancellationToken token)
    {
        if (Permissions.PeopleRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        var roles = (await (from r in db.UserRoles join n in db.Roles on r.RoleId equals n.Id select new { r.UserId, n.Name }).ToListAsync(token)).ToLookup(r => r.UserId, r => r.Name!);
        var people = await db.Users.AsNoTracking().OrderBy(p => p.NormalizedUserName).ToListAsync(token);
        return new Answer<IReadOnlyList<PersonView>>([.. people.Select(p => View(p, [.. roles[p.Id].Order(StringComparer.Ordinal)]))], null);
    }

    /// <param name="password">null: the person comes in by a one-time link</param>
    public async Task<Answer<PersonView>> Add(Actor actor, string name, IEnumerable<string> roles, string? password, CancellationToken token)
    {
        var proper = PeopleRows.Proper(roles);
        if (Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if ((PeopleRows.RefuseName(name) ?? PeopleRows.RefuseRoles(proper) ?? (password is null ? null : PeopleRows.RefusePassword(password))) is { } wrong) { return wrong; }
        return await recorder.Write<Answer<PersonView>>(async (write, t) =>
        {
            if (await PeopleRows.Find(write.Db, name, t) is not null) { return new Refusal(RefusalCode.InvalidField, $"{name} is there already."); }
            var person = PeopleRows.New(name, write.Now);
            if (password is not null) { PeopleRows.SetPassword(person, password); }
            write.Db.Users.Add(person);
            await PeopleRows.SetRoles(write.Db, person, proper, t);
            write.Audit(actor, "person.added", name, new { roles = proper });
            write.Moved(Topics.People);
            return View(person, proper);
        }, token);
    }

    public Task<Answer<PersonView>> SetRoles(Actor actor, string name, IEnumerable<string> roles, CancellationToken token)
    {
        var proper = PeopleRows.Proper(roles);
        return Change(actor, name, async (write, person, t) =>
        {
            if (PeopleRows.RefuseRoles(proper) is { } wrong) { return wrong; }
            if (!proper.Contains(Roles.Admin) && await IsLastAdmin(write.Db, person, t) is { } last) { return last; }
            await PeopleRows.SetRoles(write.Db, person, proper, t);
            write.Audit(actor, "person.roles", person.UserName!, new { roles = proper });
            return null;
        }, token);
    }

    public Task<Answer<PersonView>> Disable(Actor actor, string name, CancellationToken token) => Change(actor, name, async (write, person, t) =>
    {
        if (await IsLastAdmin(write.Db, person, t) is { } last) { return last; }
        (person.Disabled, person.SecurityStamp) = (true, PeopleRows.Stamp());
        // Links that are still open would let the person in again after being enabled by mistake.
        await write.Db.SignInLinks.Where(l => l.PersonId == person.Id && l.UsedAt == null).ExecuteDeleteAsync(t);
        write.Audit(actor, "person.disabled", person.UserName!);
        return null;
    }, token);

    public Task<Answer<PersonView>> Enable(Actor actor, string name, CancellationToken token) => Change(actor, name, (write, person, _) =>
    {
        (person.Disabled, person.AccessFailedCount, person.LockoutEnd) = (false, 0, null);
        write.Audit(actor, "person.enabled", person.UserName!);
        return Task.FromResult<Refusal?>(null);
    }, token);

    public Task<Answer<PersonView>> SetPassword(Actor actor, string name, string password, CancellationToken token) => Change(actor, name, (write, person, _) =>
    {
        if (PeopleRows.RefusePassword(password) is { } wrong) { return Task.FromResult<Refusal?>(wrong); }
        PeopleRows.SetPassword(person, password);
        write.Audit(actor, "person.password", person.UserName!);
        return Task.FromResult<Refusal?>(null);
    }, token);

    /// <summary>Ends every cookie and circuit of this person.</summary>
    public Task SignOut(Actor actor, CancellationToken token) => recorder.Write(async (write, t) =>
    {
        if (await write.Db.Users.SingleOrDefaultAsync(p => p.Id == actor.Id, t) is not { } person) { return; }
        person.SecurityStamp = PeopleRows.Stamp();
        write.Audit(actor, "person.signedOut", person.UserName!);
    }, token);

    private async Task<Answer<PersonView>> Change(Actor actor, string name, Func<StoreWrite, Person, CancellationToken, Task<Refusal?>> change, CancellationToken token)
    {
        if (Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return await recorder.Write<Answer<PersonView>>(async (write, t) =>
        {
            if (await PeopleRows.Find(write.Db, name, t) is not { } person) { return new Refusal(RefusalCode.NotFound, $"There is nobody called {name}."); }
            if (await change(write, person, t) is { } refusal) { return refusal; }
            await write.Db.SaveChangesAsync(t);
            write.Moved(Topics.People);
            return View(person, await PeopleRows.RolesOf(write.Db, person.Id, t));
        }, token);
    }

    private static async Task<Refusal?> IsLastAdmin(StoreContext db, Person person, CancellationToken token) =>
        (await PeopleRows.RolesOf(db, person.Id, token)).Contains(Roles.Admin) && !await PeopleRows.AnotherAdmin(db, person.Id, token)
            ? new Refusal(RefusalCode.WrongState, $"{person.UserName} is the last administrator. Make another one first.") : null;

    private static PersonView View(Person p, IReadOnlyList<string> roles) => new(p.Id, p.UserName!, roles, p.Disabled, p.PasswordHash is not null, p.MadeAt);
}
