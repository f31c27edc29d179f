using OpsConsole.Ground.Recording;

namespace OpsConsole.Ground.Acts;

/// <summary>
/// What a room writes in the journal's own two transactions: its row before the touch and its row after it. Row and journal then never tell two stories, and a crowd waits for
/// the disk twice and not four times.
/// </summary>
/// <param name="Begin">with the intent; false: it is refused, and neither intent nor touch follow</param>
/// <param name="End">told what became of the touch, before that is on disk and outside any transaction, so that it can look at the database; gives what is written with the outcome</param>
public sealed record Beside(Func<StoreWrite, CancellationToken, Task<bool>> Begin, Func<ActResult, Task<Func<StoreWrite, CancellationToken, Task>>> End);
