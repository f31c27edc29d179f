using System.Diagnostics.Metrics;

namespace OpsConsole.Ground.Measuring;

/// <summary>One figure now, with what it is of.</summary>
public sealed record Figure(double Value, params (string Label, string Of)[] Labels);

/// <summary>A room that gives figures to monitoring names them here. They are read when somebody asks for them, never more often.</summary>
public interface IMeasured
{
    void Measure(Figures figures);
}

/// <summary>The figures of this console, under one name of its own: another console in the same process is not mixed in.</summary>
public sealed class Figures : IDisposable
{
    public string Name { get; } = $"OpsConsole-{Guid.NewGuid():N}";
    private readonly Meter meter;

    public Figures(IEnumerable<IMeasured> rooms)
    {
        meter = new Meter(Name);
        foreach (var room in rooms) { room.Measure(this); }
    }

    /// <param name="name">without the prefix, words joined by underlines, the unit last</param>
    /// <param name="read">empty: it is not known now, and no figure is given in its stead</param>
    public void Gauge(string name, string description, Func<IEnumerable<Figure>> read) => meter.CreateObservableGauge(
        "opsconsole_" + name, () => read().Select(f => new Measurement<double>(f.Value, f.Labels.Select(l => new KeyValuePair<string, object?>(l.Label, l.Of)))), null, description);

    public void Gauge(string name, string description, Func<double> read) => Gauge(name, description, () => [new Figure(read())]);

    public void Dispose() => meter.Dispose();
}
