using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Maintenance;

/// <summary>Windows by their names, the newest first, and the way to a new plan.</summary>
public sealed class WindowPlaces(WindowService windows) : IPlaces
{
    private const int Most = 5;

    public async Task<IReadOnlyList<Place>> Find(Actor actor, string words, CancellationToken token)
    {
        List<Place> found = [];
        if ("plan an upgrade".Contains(words, StringComparison.OrdinalIgnoreCase)) { found.Add(new("Plan an upgrade", "page", "plan", 0)); }
        found.AddRange(((await windows.List(actor, token)).Value ?? []).Where(w => w.Name.Contains(words, StringComparison.OrdinalIgnoreCase)).OrderByDescending(w => w.MadeAt).Take(Most)
            .Select(w => new Place(w.Name, $"window, {w.Status}", $"windows/{w.Id}", 1)));
        return found;
    }
}
