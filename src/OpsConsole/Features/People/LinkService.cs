using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.People;

/// <summary>Whom an open link is for.</summary>
/// <param name="Name">null: whoever opens it makes the administrator</param>
public sealed record OpenLink(string? Name, bool HasPassword);

public sealed record CrewLink(string Name, string Token);

/// <summary>One-time links: for the administrator, for a lost password, for the sample's crew. Good once, for an hour; only their hash is kept.</summary>
public sealed class LinkService(StoreFactory store, Recorder recorder, SettingsSource.Found found, TimeProvider time)
{
    // Who begins reads the log too; both roles can be given on, and taken.
    private static readonly string[] FirstRoles = [Roles.Admin, Roles.Auditor];

    public static readonly TimeSpan Lasts = TimeSpan.FromHours(1);
    private static readonly Refusal Spent = new(RefusalCode.NotFound, "This link is not known, was used already, or is older than an hour. An administrator can make a new one: users link NAME.");

    /// <summary>The path of a link, to be put behind the console's address.</summary>
    public static string Path(string token) => $"account/link?token={token}";

    /// <summary>The address that people reach this console by, with a slash at its end.</summary>
    public static string Address(ConsoleSettings settings, string bound = "http://localhost:5080") =>
        settings.Web.PublicUrl?.ToString() ?? $"{bound.TrimEnd('/')}{settings.Web.PathBase.TrimEnd('/')}/";

    /// <summary>Null: there is an administrator, so nobody can become the first.</summary>
    public Task<string?> First(CancellationToken token) => recorder.Write(async (write, t) =>
    {
        if (await PeopleRows.AnotherAdmin(write.Db, null, t)) { return null; }
        await write.Db.SignInLinks.Where(l => l.PersonId == null && l.UsedAt == null).ExecuteDeleteAsync(t);
        return Make(write, Actor.Console, null, "the first administrator");
    }, token);

    public async Task<Answer<string>> For(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return await recorder.Write<Answer<string>>(async (write, t) =>
            await PeopleRows.Find(write.Db, name, t) is not { } person ? new Refusal(RefusalCode.NotFound, $"There is nobody called {name}.")
            : person.Disabled ? new Refusal(RefusalCode.WrongState, $"{person.UserName} is disabled. Enable them first.")
            : Make(write, actor, person.Id, person.UserName!), token);
    }

    /// <summary>Looks without using it up: some mail programs open links before people do.</summary>
    public async Task<Answer<OpenLink>> Look(string link, CancellationToken token)
    {
        await using var db = store.CreateDbContext();
        var row = await Open(db, link, time.GetUtcNow(), token);
        if (row is null) { return Spent; }
        if (row.PersonId is null) { return await PeopleRows.AnotherAdmin(db, null, token) ? Spent : new OpenLink(null, false); }
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(p => p.Id == row.PersonId && !p.Disabled, token) is { } person
            ? new OpenLink(person.UserName, person.PasswordHash is not null) : Spent;
    }

    /// <summary>Uses the link up and returns the id of who came in.</summary>
    /// <param name="name">of the administrator to be; not read where the link names a person</param>
    /// <param name="password">null: the one that is there stays</param>
    public async Task<Answer<string>> Use(string link, string? name, string? password, CancellationToken token)
    {
        if (password is not null && PeopleRows.RefusePassword(password) is { } wrong) { return wrong; }
        return await recorder.Write<Answer<string>>(async (write, t) =>
        {
            if (await Open(write.Db, link, write.Now, t) is not { } row) { return Spent; }
            Person? person;
            if (row.PersonId is null)
            {
                if (await PeopleRows.AnotherAdmin(write.Db, null, t)) { return Spent; }
                if (PeopleRows.RefuseName(name ?? "") is { } badName) { return badName; }
                if (password is null) { return PeopleRows.RefusePassword("")!; }
                if (await PeopleRows.Find(write.Db, name!, t) is not null) { return new Refusal(RefusalCode.InvalidField, $"{name} is there already."); }
                person = PeopleRows.New(name!, write.Now);
                write.Db.Users.Add(person);
                await PeopleRows.SetRoles(write.Db, person, FirstRoles, t);
                write.Audit(Arrived(person), "person.added", person.UserName!, new { roles = FirstRoles });
            }
            else if (await write.Db.Users.SingleOrDefaultAsync(p => p.Id == row.PersonId && !p.Disabled, t) is { } known) { person = known; }
            else { return Spent; }
            if (password is not null)
            {
                PeopleRows.SetPassword(person, password);
                write.Audit(Arrived(person), "person.password", person.UserName!);
            }
            row.UsedAt = write.Now;
            write.Audit(Arrived(person), "link.used", person.UserName!);
            write.Moved(Topics.People);
            return new Answer<string>(person.Id, null);
        }, token);
    }

    /// <summary>True: this is the sample, and whoever asks may have a crew to try it with.</summary>
    /// <param name="actor">null: nobody is signed in; then only while there is no account at all</param>
    public async Task<bool> MayAddCrew(Actor? actor, CancellationToken token)
    {
        if (!found.Sample) { return false; }
        if (actor is not null) { return Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is null; }
        await using var db = store.CreateDbContext();
        return !await db.Users.AnyAsync(token);
    }

    /// <summary>Operator, approver and reviewer, each with a link; who is there already gets a new link.</summary>
    public async Task<Answer<IReadOnlyList<CrewLink>>> AddCrew(Actor? actor, CancellationToken token)
    {
        if (!await MayAddCrew(actor, token)) { return new Refusal(RefusalCode.NotAllowed, "A crew is added on the sample only: by an administrator, or by anybody while there is no account."); }
        return await recorder.Write<Answer<IReadOnlyList<CrewLink>>>(async (write, t) =>
        {
            if (actor is null && await write.Db.Users.AnyAsync(t)) { return new Refusal(RefusalCode.NotAllowed, "Somebody has added an account just now. Sign in."); }
            var crew = new List<CrewLink>();
            foreach (var role in new[] { Roles.Operator, Roles.Approver, Roles.Reviewer })
            {
                var name = role.ToLowerInvariant();
                var person = await PeopleRows.Find(write.Db, name, t);
                if (person is { Disabled: true }) { continue; }
                if (person is null)
                {
                    person = PeopleRows.New(name, write.Now);
                    write.Db.Users.Add(person);
                    await PeopleRows.SetRoles(write.Db, person, [role], t);
                    await write.Db.SaveChangesAsync(t);
                    write.Audit(actor ?? Actor.Console, "person.added", name, new { roles = new[] { role } });
                }
                crew.Add(new CrewLink(name, Make(write, actor ?? Actor.Console, person.Id, name)));
            }
            write.Moved(Topics.People);
            return new Answer<IReadOnlyList<CrewLink>>(crew, null);
        }, token);
    }

    private static Actor Arrived(Person person) => new(person.Id, person.UserName!, new HashSet<string>(), "link");

    private static string Make(StoreWrite write, Actor actor, string? personId, string subject)
    {
        var link = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        write.Db.SignInLinks.Add(new SignInLinkRow { Sha256 = ApiKeyHandler.Hash(link), PersonId = personId, ExpiresAt = write.Now + Lasts });
        write.Audit(actor, "link.made", subject);
        return link;
    }

    private static Task<SignInLinkRow?> Open(StoreContext db, string link, DateTimeOffset now, CancellationToken token)
    {
        var hash = ApiKeyHandler.Hash(link);
        return db.SignInLinks.SingleOrDefaultAsync(l => l.Sha256 == hash && l.UsedAt == null && l.ExpiresAt > now, token);
    }
}
