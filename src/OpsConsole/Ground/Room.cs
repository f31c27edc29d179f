namespace OpsConsole.Ground;

/// <summary>What each room tells the house: its services, its endpoints, its entry in the navigation, its tile on the board.</summary>
public abstract class Room
{
    public abstract string Name { get; }
    /// <summary>Null: not in the navigation.</summary>
    public virtual NavEntry? Nav => null;
    /// <summary>A component type for the board, with its place; null: none.</summary>
    public virtual (Type Component, int Order)? Tile => null;
    public virtual void Register(IServiceCollection services) { }
    public virtual void Map(IEndpointRouteBuilder api) { }
    /// <summary>What this room answers before sign-in, rights and forms of the house are gone through; it has to ask for the right itself.</summary>
    public virtual void Doorstep(IApplicationBuilder app) { }
    /// <summary>The sentences of this room's audit actions, action to sentence with {details}.</summary>
    public virtual IReadOnlyDictionary<string, string> Sentences => new Dictionary<string, string>();
    /// <summary>What can be asked of this room from a shell.</summary>
    public virtual IReadOnlyList<Commands.Command> Commands => [];
}

/// <param name="Icon">SVG of a Material outlined icon</param>
/// <param name="Key">the letter after g</param>
/// <param name="Group">groups are separated by a line; ascending</param>
public sealed record NavEntry(string Title, string Route, string Icon, Access.Permission Needs, int Group, char? Key = null);
