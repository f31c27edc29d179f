using System.Collections;
using OpsConsole.FastMarket;

namespace OpsConsole.Ground.Settings;

/// <summary>Which configuration this start runs on: the file that was named, or the sample.</summary>
public static class SettingsSource
{
    /// <param name="Sample">no file was given: FastMarket, with what only the sample may do</param>
    public sealed record Found(ConsoleSettings? Settings, IReadOnlyList<SettingsFault> Faults, bool Sample);

    public static Found Read(string[] args)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(e => e.Value is string).ToDictionary(e => (string)e.Key, e => (string)e.Value!);
        var choice = SettingsFile.Find(args, environment, Environment.CurrentDirectory);
        if (choice.Fault is { } fault) { return new Found(null, [fault], false); }
        var file = choice.File;
        if (file is null)
        {
            var directory = Path.Combine(Environment.CurrentDirectory, "data");
            OwnFolder.Make(directory);
            FastMarketSeed.Create(directory);
            file = FastMarketConfiguration.Write(directory);
        }
        var (settings, faults) = SettingsReader.Read(file, environment);
        return new Found(settings, faults, choice.File is null);
    }
}
