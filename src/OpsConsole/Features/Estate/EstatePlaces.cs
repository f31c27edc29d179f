using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.Estate;

/// <summary>Databases and sites by their names.</summary>
public sealed class EstatePlaces(ConsoleSettings settings, TimeProvider time) : IPlaces
{
    public Task<IReadOnlyList<Place>> Find(Actor actor, string words, CancellationToken token)
    {
        bool Has(string name) => name.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is not null) { return Task.FromResult<IReadOnlyList<Place>>([]); }
        return Task.FromResult<IReadOnlyList<Place>>(
        [
            .. settings.Estate.Databases.Where(d => Has(d.Name)).Select(d => new Place(d.Name, "database", $"estate/{Uri.EscapeDataString(d.Name)}", 1)),
            .. settings.Estate.Databases.Where(d => Has(d.Name)).Select(d => new Place(d.Name, "plan an upgrade", $"plan?{Uri.EscapeDataString(d.Name)}=latest", 4)),
            .. settings.Estate.Databases.Where(d => Has(d.Name)).Select(d => new Place(d.Name, "connections", $"sessions?of={Uri.EscapeDataString(d.Name)}", 5)),
            .. settings.Estate.Sites.Where(s => Has(s.Name)).Select(s => new Place(s.Name, "gate of the site", "gates", 2)),
            .. settings.Estate.Sites.Where(s => Has(s.Name)).Select(s => new Place(s.Name, "who is logged in", $"sessions?of={Uri.EscapeDataString($"site:{s.Name}")}", 3)),
        ]);
    }
}
