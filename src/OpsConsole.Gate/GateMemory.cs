using System.Text.Json;

namespace OpsConsole.Gate;

/// <summary>The last word on disk, replaced as a whole so that a crash leaves the old one or the new one.</summary>
internal static class GateMemory
{
    public static GateWord? Read(string? file)
    {
        if (file is null || !File.Exists(file))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<GateWord>(File.ReadAllBytes(file), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            // Unreadable is as good as never heard, and never heard refuses.
            return null;
        }
    }

    public static void Write(string? file, GateWord word)
    {
        if (file is null)
        {
            return;
        }
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }
        var next = file + ".next";
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, word, JsonSerializerOptions.Web);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, file, overwrite: true);
    }
}
