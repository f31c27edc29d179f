using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;

namespace OpsConsole.Ground.Live;

/// <summary>A room's part of the board.</summary>
public sealed record BoardTile(Type Component, int Order);

/// <summary>Something that needs a person.</summary>
/// <param name="Mark">how bad; the worst stands first</param>
/// <param name="Since">null: not known</param>
/// <param name="Act">the words on its one button</param>
public sealed record Need(Mark Mark, string What, DateTimeOffset? Since, string Act, string Route);

/// <summary>A room that may need a person says so here.</summary>
public interface INeeds
{
    Task<IReadOnlyList<Need>> Read(Actor actor, CancellationToken token);
}

/// <summary>The room that runs windows says in one sentence what is next, and nothing where the strip tells of what runs; null: nothing runs and nothing is planned.</summary>
public interface IBoardLine
{
    Task<string?> Read(Actor actor, CancellationToken token);
}
