namespace OpsConsole.Ground.Commands;

/// <summary>One thing that can be asked from a shell.</summary>
/// <param name="Words">the group and the verb, such as <c>users add</c></param>
/// <param name="Usage">what follows them</param>
/// <param name="Do">returns the exit code</param>
public sealed record Command(string Words, string Usage, Func<CommandCall, CancellationToken, Task<int>> Do);

/// <summary>The arguments do not say what is needed; the message says what would.</summary>
public sealed class UsageFault(string message) : Exception(message);
