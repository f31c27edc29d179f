using System.Globalization;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>Prints "name: value" lines as they come, and at the end what falls short. A goal that is missed is a finding, never an error.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<string> missed = [];
    private string name = "";
    private int goals;

    public void Begin(Benchmark benchmark)
    {
        name = benchmark.Name;
        output.WriteLine($"# {name}: {benchmark.What}");
    }

    public void Say(string what, double value, string unit = "", int digits = 0) =>
        output.WriteLine($"{name}.{what}: {Number(value, digits)}{(unit.Length > 0 ? " " + unit : "")}");

    public void Note(string what, string text) => output.WriteLine($"{name}.{what}: {text}");

    public void AtLeast(string what, double value, double goal, string of, int digits = 2) => Goal(what, value, value >= goal, $"at least {Number(goal, digits)} {of}", digits);
    public void AtMost(string what, double value, double goal, string of, int digits = 2) => Goal(what, value, value <= goal, $"at most {Number(goal, digits)} {of}", digits);

    public void Broke(Exception fault) => output.WriteLine($"{name}.broken: {fault.GetType().Name}: {fault.Message}\n{fault.StackTrace}");

    public void Close(TimeSpan took)
    {
        output.WriteLine($"# in all, {took.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        output.WriteLine($"goals reached: {goals - missed.Count} of {goals}");
        foreach (var line in missed) { output.WriteLine($"falls short: {line}"); }
    }

    private void Goal(string what, double value, bool reached, string goal, int digits)
    {
        goals++;
        output.WriteLine($"{name}.{what}: {Number(value, digits)}");
        output.WriteLine($"{name}.{what}.goal: {goal}{(reached ? "" : " - falls short")}");
        if (!reached) { missed.Add($"{name}.{what} {Number(value, digits)}, goal {goal}"); }
    }

    private static string Number(double value, int digits) => value.ToString($"#,0.{new string('0', digits)}", CultureInfo.InvariantCulture);
}
