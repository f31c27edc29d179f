using System.Collections.Concurrent;
using System.Text;
using OpsConsole.Engines;

namespace OpsConsole.Faults.Tests;

/// <param name="AtDeath">what was in the databases while the console was dead</param>
/// <param name="Outcome">all-new, all-old or the named choice, and what followed</param>
public sealed record FailpointLine(EngineKind Engine, Death Death, string AtDeath, string Outcome);

/// <summary>Failpoint x engine x outcome, as it was seen.</summary>
public sealed class FailpointTable
{
    private readonly ConcurrentBag<FailpointLine> lines = [];

    public IReadOnlyList<FailpointLine> Lines => [.. lines.OrderBy(l => Engines.Failpoint.All.ToList().IndexOf(l.Death.Failpoint)).ThenBy(l => l.Death.Name, StringComparer.Ordinal).ThenBy(l => l.Engine)];

    /// <summary>Written with each line, so that a run that is cut off leaves what it saw.</summary>
    public void Add(FailpointLine line)
    {
        lines.Add(line);
        Write();
    }

    /// <summary>The table's text, and where it lies.</summary>
    public (string Text, string Path) Write()
    {
        lock (lines) { return WriteAll(); }
    }

    private (string Text, string Path) WriteAll()
    {
        var text = new StringBuilder("| failpoint | engine | in the databases at the death | after the restart |\n| --- | --- | --- | --- |\n");
        foreach (var line in Lines) { text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {line.Death.Name} | {line.Engine} | {Cell(line.AtDeath)} | {Cell(line.Outcome)} |\n"); }
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "TestResults")).FullName, "failpoints.md");
        File.WriteAllText(path, text.ToString());
        return (text.ToString(), path);
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "/", StringComparison.Ordinal);
}
