using System.Text;
using System.Text.Json;

namespace OpsConsole.Gate;

/// <summary>A transaction on its way to the console.</summary>
/// <param name="Key">the idempotency key, the same at every try</param>
/// <param name="Fields">money as <see cref="QueueMoney"/></param>
public sealed record OutboxEntry(string Key, string Kind, JsonElement Fields, DateTimeOffset StartedAt, string? ExternalId);

/// <summary>
/// What has not reached the console yet, in one file: a line for each entry and one for each that arrived. A line counts when it is whole and on disk;
/// one that a crash tore is cut off. One process at a time has it open.
/// </summary>
public sealed class Outbox : IDisposable
{
    private readonly FileStream file;
    private readonly Lock gate = new();
    private readonly LinkedList<OutboxEntry> waiting = [];

    private sealed record Line(OutboxEntry? Put, string? Done);

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="IOException">another process has it</exception>
    public Outbox(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        Load();
    }

    /// <summary>How many have not arrived.</summary>
    public int Count
    {
        get { lock (gate) { return waiting.Count; } }
    }

    /// <summary>The oldest that has not arrived.</summary>
    public OutboxEntry? First
    {
        get { lock (gate) { return waiting.First?.Value; } }
    }

    /// <summary>When this returns the entry is on disk. A key that waits already is not put twice.</summary>
    public void Put(OutboxEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (gate)
        {
            if (!waiting.Any(e => e.Key == entry.Key))
            {
                Append(new(entry, null));
                waiting.AddLast(entry);
            }
        }
    }

    /// <summary>The console has answered for this key for good.</summary>
    public void Done(string key)
    {
        lock (gate)
        {
            if (waiting.FirstOrDefault(e => e.Key == key) is not { } entry)
            {
                return;
            }
            waiting.Remove(entry);
            if (waiting.Count == 0)
            {
                file.SetLength(0);
                file.Flush(flushToDisk: true);
                return;
            }
            Append(new(null, key));
        }
    }

    /// <inheritdoc />
    public void Dispose() => file.Dispose();

    private void Append(Line line)
    {
        var whole = file.Seek(0, SeekOrigin.End);
        try
        {
            file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, JsonSerializerOptions.Web) + "\n"));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // A half-written line would swallow the next one.
            file.SetLength(whole);
            throw;
        }
    }

    private void Load()
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var whole = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', whole)) >= 0; whole = end + 1)
        {
            var line = JsonSerializer.Deserialize<Line>(bytes.AsSpan(whole, end - whole), JsonSerializerOptions.Web);
            if (line?.Put is { } put)
            {
                waiting.AddLast(put);
            }
            else if (waiting.FirstOrDefault(e => e.Key == line?.Done) is { } done)
            {
                waiting.Remove(done);
            }
        }
        if (whole < bytes.Length)
        {
            file.SetLength(whole);
        }
    }
}
