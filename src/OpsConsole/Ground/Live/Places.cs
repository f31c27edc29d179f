using OpsConsole.Ground.Access;

namespace OpsConsole.Ground.Live;

/// <summary>Somewhere to go to.</summary>
/// <param name="Title">what it is called; what is typed is looked for in it</param>
/// <param name="Where">what kind of place it is</param>
/// <param name="Order">lower stands higher</param>
public sealed record Place(string Title, string Where, string Route, int Order);

/// <summary>A room that knows places by name says so here; Ctrl K asks them all.</summary>
public interface IPlaces
{
    /// <summary>A handful, best first. Only what the actor may see.</summary>
    Task<IReadOnlyList<Place>> Find(Actor actor, string words, CancellationToken token);
}
