using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpsConsole.Benchmarks.Bench;

/// <param name="Milliseconds">of each answer, sorted</param>
/// <param name="CpuMicroseconds">that the server computed for one answer: a busy neighbour does not enter into it</param>
internal sealed record Load(long Answers, double Seconds, double[] Milliseconds, double CpuMicroseconds = 0)
{
    public double PerSecond => Answers / Seconds;
    public double At(double share) => Milliseconds.Length == 0 ? 0 : Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(Milliseconds.Length * share))];
}

/// <summary>
/// Asks over kept connections, one question at a time on each. It writes and reads sockets itself: a full HTTP client costs more than the endpoint that is measured,
/// and would make any two servers look alike.
/// </summary>
internal static class HttpLoad
{
    /// <summary>The whole request as bytes; n counts on each connection from 0.</summary>
    public delegate byte[]? Request(int connection, long n);

    /// <param name="request">null: this connection has no more to ask</param>
    /// <exception cref="InvalidOperationException">an answer had another status than <paramref name="expected"/></exception>
    public static async Task<Load> Run(Web server, int connections, TimeSpan atMost, int expected, Request request)
    {
        var (cpu, from) = (server.CpuSeconds, Stopwatch.GetTimestamp());
        var all = await Task.WhenAll(Enumerable.Range(0, connections).Select(c => Task.Run(() => One(server.Port, c, from, atMost, expected, request))));
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        var times = all.SelectMany(t => t).ToArray();
        Array.Sort(times);
        return new Load(times.Length, seconds, times, (server.CpuSeconds - cpu) * 1e6 / Math.Max(1, times.Length));
    }

    public static byte[] Get(string path, string key) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n");

    public static byte[] Post(string path, string key, string body, string? more = null) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{(more is null ? "" : more + "\r\n")}Content-Length: {body.Length}\r\n\r\n{body}");

    private static async Task<List<double>> One(int port, int connection, long from, TimeSpan atMost, int expected, Request request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var buffer = new byte[64 * 1024];
        var times = new List<double>(50_000);
        for (long n = 0; Stopwatch.GetElapsedTime(from) < atMost; n++)
        {
            if (request(connection, n) is not { } bytes) { break; }
            var asked = Stopwatch.GetTimestamp();
            for (ReadOnlyMemory<byte> rest = bytes; rest.Length > 0;) { rest = rest[await socket.SendAsync(rest)..]; }
            var length = 0;
            do
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (read == 0) { throw new InvalidOperationException("The server closed the connection."); }
                length += read;
            }
            while (!IsWhole(buffer.AsSpan(0, length)));
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            if (Status(buffer) != expected) { throw new InvalidOperationException($"Expected {expected}, was answered: {Encoding.UTF8.GetString(buffer, 0, length)}"); }
        }
        return times;
    }

    private static int Status(ReadOnlySpan<byte> answer) => ((answer[9] - '0') * 100) + ((answer[10] - '0') * 10) + (answer[11] - '0');

    /// <summary>Only one answer is under way on a connection, so that its end is the end of what has come.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0) { return false; }
        var at = answer[..head].IndexOf("Content-Length: "u8);
        if (at < 0) { return answer[..head].IndexOf("chunked"u8) < 0 || answer.EndsWith("0\r\n\r\n"u8); }
        var length = 0;
        for (var i = at + 16; i < head && answer[i] is >= (byte)'0' and <= (byte)'9'; i++) { length = (length * 10) + (answer[i] - '0'); }
        return answer.Length >= head + 4 + length;
    }
}
