using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Features.Board;

/// <param name="Line">the one sentence; empty: the strip says it</param>
/// <param name="Needs">worst first</param>
public sealed record BoardView(string Line, IReadOnlyList<Need> Needs);

/// <summary>Does anything need me? Asks every room, and answers in one sentence and one list.</summary>
public sealed class BoardService(IEnumerable<INeeds> rooms, IEnumerable<IBoardLine> lines, ConsoleSettings settings, TimeProvider time)
{
    public async Task<Answer<BoardView>> Read(Actor actor, CancellationToken token)
    {
        if (Permissions.EstateRead.Refuse(actor, time.GetUtcNow()) is { } no) { return no; }
        List<Need> needs = [];
        foreach (var room in rooms) { needs.AddRange(await room.Read(actor, token)); }
        string? line = null;
        foreach (var room in lines) { line ??= await room.Read(actor, token); }
        return new BoardView(line ?? (settings.Estate.Databases.Count == 0 ? "Nothing is managed yet." : "Nothing runs and no window is planned."),
            [.. needs.OrderBy(n => Rank(n.Mark)).ThenBy(n => n.Since ?? DateTimeOffset.MaxValue)]);
    }

    private static int Rank(Mark mark) => mark switch { Mark.Danger => 0, Mark.Unknown => 1, Mark.Attention => 2, Mark.YouPress => 3, _ => 4 };
}
