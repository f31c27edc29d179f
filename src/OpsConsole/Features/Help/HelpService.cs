using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;

namespace OpsConsole.Features.Help;

/// <summary>The door to the handbook.</summary>
public sealed class HelpService(Handbook handbook, TimeProvider time) : IPlaces
{
    private const int MostPlaces = 6;

    public Answer<HandbookPage> Page(Actor actor, string? slug)
    {
        if (Permissions.HelpRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        return (slug is null ? handbook.Pages.FirstOrDefault() : handbook.Page(slug)) is { } page
            ? page : new Refusal(RefusalCode.NotFound, slug is null ? "The handbook is not beside the program." : $"The handbook has no page {slug}.");
    }

    public Task<IReadOnlyList<Place>> Find(Actor actor, string words, CancellationToken token) => Task.FromResult<IReadOnlyList<Place>>(
        Permissions.HelpRead.Refuse(actor, time.GetUtcNow()) is not null ? []
        : [.. handbook.Find(words).Take(MostPlaces).Select(h => new Place(h.Section.Title, h.Section.Id.Length == 0 ? "handbook" : $"handbook, {h.Page.Title}", h.Route, 9))]);
}
