using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Commands;

/// <summary>One call of a command: its arguments, where the answer goes, and the store when it is asked for. It binds no port.</summary>
/// <param name="answer">the answer alone</param>
/// <param name="said">everything else</param>
public sealed class CommandCall(IReadOnlyList<string> args, TextReader input, TextWriter answer, TextWriter said) : IAsyncDisposable
{
    private readonly List<string> rest = [.. args];
    private Recorder? recorder;

    public IReadOnlyList<string> All => args;
    public TextReader Input => input;
    public TextWriter Answer => answer;
    public TextWriter Said => said;
    public Actor Actor { get; } = Actor.Shell(Environment.UserName);

    /// <summary>Takes every value of an option out of the arguments.</summary>
    public IReadOnlyList<string> Options(string name)
    {
        var values = new List<string>();
        for (var i = 0; i < rest.Count;)
        {
            if (rest[i].StartsWith(name + "=", StringComparison.Ordinal))
            {
                values.Add(rest[i][(name.Length + 1)..]);
                rest.RemoveAt(i);
            }
            else if (rest[i] == name)
            {
                if (i + 1 >= rest.Count) { throw new UsageFault($"A value has to follow {name}."); }
                values.Add(rest[i + 1]);
                rest.RemoveRange(i, 2);
            }
            else
            {
                i++;
            }
        }
        return values;
    }

    public string? Option(string name) => Options(name) is { Count: > 0 } values
        ? values.Count == 1 ? values[0] : throw new UsageFault($"{name} is given twice.") : null;

    public bool Flag(string name) => rest.RemoveAll(a => a == name) > 0;

    /// <summary>What is left after the options; all of them, and no more.</summary>
    public IReadOnlyList<string> Names(int atLeast, int atMost)
    {
        Options("--config");
        if (rest.FirstOrDefault(a => a.StartsWith("--", StringComparison.Ordinal)) is { } stranger) { throw new UsageFault($"There is no option {stranger} here."); }
        return rest.Count < atLeast ? throw new UsageFault("A name is missing.") : rest.Count > atMost ? throw new UsageFault($"'{rest[atMost]}' is too much.") : rest;
    }

    /// <exception cref="StoreRefused">the configuration has faults, which were said, or the store cannot be used</exception>
    public async Task<CommandHouse> Open(CancellationToken token)
    {
        if (Serve.ReadSettings([.. args]) is not { Settings: { } settings } found) { throw new StoreRefused("The configuration has faults; nothing was done."); }
        var store = new StoreFactory(settings.Store.Provider, settings.Store.ConnectionString);
        await store.Prepare(token);
        recorder = new Recorder(store, new ChangeFeed(), TimeProvider.System, NullLogger<Recorder>.Instance);
        await recorder.StartAsync(token);
        return new CommandHouse(found, settings, store, recorder);
    }

    /// <summary>0; or 1, with the rule that said no.</summary>
    public async Task<int> Say<T>(Answer<T> outcome, Func<T, string?> line)
    {
        if (outcome.Refusal is { } refusal) { return await Refuse(refusal); }
        if (line(outcome.Value!) is { } text) { await answer.WriteLineAsync(text); }
        return 0;
    }

    public async Task<int> Refuse(Refusal refusal)
    {
        await said.WriteLineAsync(refusal.Text);
        return 1;
    }

    public async ValueTask DisposeAsync()
    {
        if (recorder is null) { return; }
        await recorder.StopAsync(CancellationToken.None);
        recorder.Dispose();
    }
}

/// <summary>What a command works on.</summary>
public sealed record CommandHouse(SettingsSource.Found Found, ConsoleSettings Settings, StoreFactory Store, Recorder Recorder);
