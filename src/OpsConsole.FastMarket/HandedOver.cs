using System.Text.Json;

namespace OpsConsole.FastMarket;

/// <summary>
/// What was handed to the queue since the members' gate was last seen open, on disk, so that sites which are started anew in one freeze go on counting. It is written before
/// each post: a number that was used is never used again, so a key never comes with other content. The gate's version is no measure: it moves within a freeze too.
/// </summary>
/// <param name="Since">when the gate was last seen open</param>
internal sealed record HandedOver(DateTimeOffset Since, int Count)
{
    public static string File(string dataDirectory) => Path.Combine(dataDirectory, "sites", "handed.json");

    /// <summary>Null: nothing, in this freeze.</summary>
    public static HandedOver? Read(string file) =>
        System.IO.File.Exists(file) ? JsonSerializer.Deserialize<HandedOver>(System.IO.File.ReadAllText(file), JsonSerializerOptions.Web) : null;

    public void Write(string file)
    {
        var next = file + ".next";
        using (var written = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(written, this, JsonSerializerOptions.Web);
            // On the disk before it takes the name: an empty file would keep the sample from starting.
            written.Flush(flushToDisk: true);
        }
        System.IO.File.Move(next, file, overwrite: true);
    }
}
