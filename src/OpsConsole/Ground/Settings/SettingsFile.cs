using System.Text.Json;

namespace OpsConsole.Ground.Settings;

/// <summary>Finds the file: <c>--config</c>, then OPSCONSOLE_CONFIG, then appsettings.json in the working directory if it speaks of the console, else the sample.</summary>
public static class SettingsFile
{
    /// <param name="File">absolute; null: the sample</param>
    /// <param name="Fault">a file was named and is not there</param>
    public sealed record Choice(string? File, SettingsFault? Fault = null);

    public static Choice Find(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--config")
            {
                return i + 1 < args.Count ? Named(args[i + 1], "--config", workingDirectory) : new(null, new("--config", "No file follows it.", "Write --config FILE."));
            }
            if (args[i].StartsWith("--config=", StringComparison.Ordinal))
            {
                return Named(args[i]["--config=".Length..], "--config", workingDirectory);
            }
        }
        if (environment.TryGetValue("OPSCONSOLE_CONFIG", out var named) && named.Length > 0)
        {
            return Named(named, "OPSCONSOLE_CONFIG", workingDirectory);
        }
        var usual = Path.Combine(workingDirectory, "appsettings.json");
        return new(File.Exists(usual) && SpeaksOfConsole(usual) ? usual : null);
    }

    private static Choice Named(string file, string by, string workingDirectory)
    {
        var absolute = Path.GetFullPath(Path.Combine(workingDirectory, file));
        return File.Exists(absolute) ? new(absolute) : new(null, new(by, $"The file {absolute} does not exist.", "Name a file that exists, or none for the sample."));
    }

    private static bool SpeaksOfConsole(string file)
    {
        var text = File.ReadAllText(file);
        try
        {
            return ConfigNode.Parse(text)["OpsConsole"] is not null;
        }
        catch (JsonException)
        {
            // Broken, but meant for the console: starting on the sample instead would hide that.
            return text.Contains("\"OpsConsole\"", StringComparison.OrdinalIgnoreCase);
        }
    }
}
