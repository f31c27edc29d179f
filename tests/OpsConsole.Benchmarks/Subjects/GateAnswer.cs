using System.Net.Http.Headers;
using OpsConsole.Benchmarks.Bench;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>What a site asks before each login.</summary>
internal static class GateAnswer
{
    private const int Connections = 32;

    public static async Task Run(Report report, Options options)
    {
        await using var estate = await Estate.Start();
        const string path = "/api/v1/gates/bank?instance=web1";
        var body = Path.Combine(estate.Folder, "answer.json");
        await File.WriteAllBytesAsync(body, await Answer(estate, path));
        await using var bare = Web.Peer(estate.Folder, "bare", body);
        await bare.Start();
        var ask = HttpLoad.Get(path, estate.Site);
        await Ask(estate.Console, ask);
        await Ask(bare, ask);
        var rounds = await Rounds.Run(3, () => Ask(estate.Console, ask), () => Ask(bare, ask));
        report.Say("console", Rounds.Median(rounds.Select(r => r.Subject.PerSecond)), "answers/s");
        report.Say("bare", Rounds.Median(rounds.Select(r => r.Peer.PerSecond)), "answers/s");
        report.Say("console.cpu", Rounds.Median(rounds.Select(r => r.Subject.CpuMicroseconds)), "microseconds of the server's for one answer", 1);
        report.Say("bare.cpu", Rounds.Median(rounds.Select(r => r.Peer.CpuMicroseconds)), "microseconds of the server's for one answer", 1);
        report.Say("cpu.ratio", Rounds.Ratio(rounds, r => 1 / r.CpuMicroseconds), "of the bare endpoint, by what the servers compute", 2);
        report.Say("bare.p99", Rounds.Median(rounds.Select(r => r.Peer.At(0.99))), "ms", 1);
        report.AtLeast("ratio", Rounds.Ratio(rounds, r => r.PerSecond), 0.9, "of the bare endpoint");
        report.AtMost("p99", Rounds.Median(rounds.Select(r => r.Subject.At(0.99))), 5, "ms", 1);
    }

    private static Task<Load> Ask(Web server, byte[] ask) => HttpLoad.Run(server, Connections, TimeSpan.FromSeconds(2), 200, (_, _) => ask);

    private static async Task<byte[]> Answer(Estate estate, string path)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", estate.Site) } };
        return await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{estate.Console.Port}{path}"));
    }
}
