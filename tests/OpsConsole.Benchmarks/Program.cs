using System.Diagnostics;
using OpsConsole.Benchmarks.Bench;
using OpsConsole.Benchmarks.Subjects;

if (args is ["peer", .. var peer]) { return await Peers.Run(peer); }
IReadOnlyList<Benchmark> all =
[
    new("gate", "a gate's answer over HTTP, beside a bare Kestrel endpoint with the same bytes", GateAnswer.Run),
    new("ingest", "durable transactions over HTTP, beside one row a commit into the same file", Ingest.Run),
    new("commits", "commits of approved transactions on PostgreSQL, beside pgbench with the same legs", QueuedCommits.Run),
    new("releases", "releases on PostgreSQL, beside one psql session with the same files", ManyReleases.Run),
    new("checkpoint", "checkpoint, rollback and fingerprint on PostgreSQL, beside cp, pg_restore and a sequential scan", Copies.Run),
    new("plan", "a plan of a large estate, and small ones beside exhaustive search", Plans.Run),
    new("audit", "verification of the log, beside SHA-256 of the same bytes", AuditVerify.Run),
    new("start", "start to ready with the sample's store there, beside a hello web app", StartToReady.Run),
];
if (Options.Read(args, all.Select(b => b.Name)) is not { } options)
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/OpsConsole.Benchmarks [-- NAME ...] [--scale N] [--releases N]");
    foreach (var b in all) { Console.Error.WriteLine($"  {b.Name,-12}{b.What}"); }
    return 2;
}
var report = new Report(Console.Out);
var broken = 0;
var from = Stopwatch.GetTimestamp();
foreach (var benchmark in all.Where(b => options.Names.Count == 0 || options.Names.Contains(b.Name)))
{
    report.Begin(benchmark);
    try
    {
        await benchmark.Run(report, options);
    }
    catch (Exception fault) // One that breaks does not take the others' figures away; the exit code tells.
    {
        broken++;
        report.Broke(fault);
    }
}
report.Close(Stopwatch.GetElapsedTime(from));
return broken == 0 ? 0 : 1;
