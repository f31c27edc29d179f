namespace OpsConsole.Ground.Controls;

/// <summary>How a moment is written. The first six show the given moment; the last four the running clock.</summary>
public enum TimeKind
{
    Clock,
    Short,
    Day,
    Moment,
    Countdown,
    Since,
    Now,
    Utc,
    Today,
    Zone,
}
