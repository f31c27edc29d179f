using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Features.People;

public sealed record KeyView(string Name, string ActsAs, bool StepUp, DateTimeOffset MadeAt, DateTimeOffset? RevokedAt);

/// <summary>Keys of machines. A key is shown once, when it is made; only its hash is kept.</summary>
public sealed class KeyService(StoreFactory store, Recorder recorder, SettingsSource.Found found, TimeProvider time)
{
    public async Task<Answer<IReadOnlyList<KeyView>>> List(Actor actor, CancellationToken token)
    {
        if (Permissions.PeopleRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        await using var db = store.CreateDbContext();
        var people = await db.Users.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.UserName!, token);
        var keys = await db.ApiKeys.AsNoTracking().OrderBy(k => k.Name).ToListAsync(token);
        return new Answer<IReadOnlyList<KeyView>>([.. keys.Select(k => new KeyView(
            k.Name, k.Site is { } site ? $"site {site}" : people.GetValueOrDefault(k.PersonId!) ?? "nobody", k.StepUp, k.MadeAt, k.RevokedAt))], null);
    }

    /// <summary>The key itself. Give a person or a site.</summary>
    public async Task<Answer<string>> Add(Actor actor, string name, string? person, string? site, bool stepUp, CancellationToken token)
    {
        if (Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        if (PeopleRows.RefuseName(name) is { } wrong) { return wrong; }
        if (person is null == site is null) { return new Refusal(RefusalCode.InvalidField, "A key acts as a person or as a site: name one of them."); }
        var known = found.Settings!.Estate.Sites.FirstOrDefault(s => string.Equals(s.Name, site, StringComparison.OrdinalIgnoreCase));
        if (site is not null && known is null)
        {
            return new Refusal(RefusalCode.NotFound, $"There is no site {site}. There are: {string.Join(", ", found.Settings.Estate.Sites.Select(s => s.Name))}.");
        }
        if (site is not null && stepUp) { return new Refusal(RefusalCode.InvalidField, "A site's key needs no step-up: it may do nothing that asks for it."); }
        var key = ApiKeyHandler.NewKey();
        return await recorder.Write<Answer<string>>(async (write, t) =>
        {
            if (await write.Db.ApiKeys.AnyAsync(k => k.Name == name, t)) { return new Refusal(RefusalCode.InvalidField, $"There was a key {name} already. Take another name, so that the log stays clear."); }
            var owner = person is null ? null : await PeopleRows.Find(write.Db, person, t);
            if (person is not null && owner is null) { return new Refusal(RefusalCode.NotFound, $"There is nobody called {person}."); }
            write.Db.ApiKeys.Add(new ApiKeyRow
            {
                Id = Guid.CreateVersion7(write.Now).ToString(),
                Name = name,
                Sha256 = ApiKeyHandler.Hash(key),
                PersonId = owner?.Id,
                Site = known?.Name,
                StepUp = stepUp,
                MadeAt = write.Now,
            });
            write.Audit(actor, "key.added", name, new { acts = known is null ? owner!.UserName : $"site {known.Name}", stepUp });
            return new Answer<string>(key, null);
        }, token);
    }

    public async Task<Answer<string>> Revoke(Actor actor, string name, CancellationToken token)
    {
        if (Permissions.PeopleWrite.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return await recorder.Write<Answer<string>>(async (write, t) =>
        {
            if (await write.Db.ApiKeys.SingleOrDefaultAsync(k => k.Name == name, t) is not { } key) { return new Refusal(RefusalCode.NotFound, $"There is no key {name}."); }
            if (key.RevokedAt is not null) { return new Refusal(RefusalCode.WrongState, $"The key {name} was revoked already."); }
            key.RevokedAt = write.Now;
            write.Audit(actor, "key.revoked", name);
            return new Answer<string>(name, null);
        }, token);
    }
}
