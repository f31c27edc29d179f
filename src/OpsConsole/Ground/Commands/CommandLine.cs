using System.Data.Common;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Commands;

/// <summary>Calls from a shell. Exit 0: done. 1: refused, or something is wrong. 2: could not look, or the call makes no sense.</summary>
public static class CommandLine
{
    public static IReadOnlyList<Command> All { get; } =
        [.. House.Rooms.SelectMany(r => r.Commands), .. ConfigCommands.All, .. StoreCommands.All];

    /// <summary>A call that begins with this word is a command, even a mistyped one: a second console beside the first is started by nobody's slip. Only settings, such as --urls or KEY=VALUE, start it.</summary>
    public static bool IsCommand(string word) => word.Length > 0 && word[0] is not ('-' or '/') && !word.Contains('=', StringComparison.Ordinal);

    public static async Task<int> Run(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) => { press.Cancel = true; stop.Cancel(); };
        return await Run(args, Console.In, Console.Out, Console.Error, stop.Token);
    }

    internal static async Task<int> Run(string[] args, TextReader input, TextWriter answer, TextWriter said, CancellationToken token)
    {
        var command = All.FirstOrDefault(c => args.Take(c.Words.Count(l => l == ' ') + 1).SequenceEqual(c.Words.Split(' ')));
        if (command is null)
        {
            await said.WriteLineAsync($"There is no command '{string.Join(' ', args.Take(2))}'. There are:");
            foreach (var known in All) { await said.WriteLineAsync($"  {known.Words} {known.Usage}"); }
            return 2;
        }
        await using var call = new CommandCall([.. args.Skip(command.Words.Split(' ').Length)], input, answer, said);
        try
        {
            return await command.Do(call, token);
        }
        catch (UsageFault fault)
        {
            await said.WriteLineAsync($"{fault.Message} Usage: {command.Words} {command.Usage}");
            return 2;
        }
        catch (Exception fault) when (fault is StoreRefused or Engines.EngineFault or DbException or IOException or UnauthorizedAccessException)
        {
            await said.WriteLineAsync(fault.Message);
            return 2;
        }
    }
}
