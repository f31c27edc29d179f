using OpsConsole.Benchmarks.Bench;

namespace OpsConsole.Benchmarks.Subjects;

/// <summary>From the command to the first "ready". The sample's databases and the store are made before.</summary>
internal static class StartToReady
{
    public static async Task Run(Report report, Options options)
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-bench-start-").FullName;
        try
        {
            report.Say("first", await Once(() => Web.Console(folder)), "s, sample and store made anew", 2);
            var rounds = await Rounds.Run(2, () => Once(() => Web.Console(folder)), () => Once(() => Web.Peer(folder, "hello")));
            report.Say("hello", Rounds.Median(rounds.Select(r => r.Peer)), "s", 2);
            report.Say("ratio", Rounds.Ratio(rounds, r => r), "of a hello web app", 1);
            report.AtMost("console", Rounds.Median(rounds.Select(r => r.Subject)), 2, "s");
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task<double> Once(Func<Web> make)
    {
        await using var web = make();
        return await web.Start();
    }
}
