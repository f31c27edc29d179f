namespace OpsConsole.Gate;

/// <summary>
/// For how long the last answer may be relied on. It counts from the moment the question was sent, on the monotonic clock: the console counts
/// from answering, which is later, so a lease has always ended here before the console takes it for ended.
/// </summary>
/// <param name="SentAt">timestamp of <see cref="TimeProvider.GetTimestamp"/> before the question went out</param>
/// <param name="ReceivedAt">timestamp when the answer was there</param>
/// <param name="ConsoleNow">the console's clock at some instant between the two</param>
public readonly record struct GateLease(long SentAt, long ReceivedAt, TimeSpan Length, DateTimeOffset ConsoleNow)
{
    /// <summary>The lease ran out.</summary>
    public bool HasRunOut(TimeProvider time) => Left(time) <= TimeSpan.Zero;

    /// <summary>What is left of it; negative once it ran out.</summary>
    public TimeSpan Left(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Length - time.GetElapsedTime(SentAt);
    }

    /// <summary>The console's clock may be inside the window. Its exact time is not known, so both ends of what it can be are looked at.</summary>
    public bool MayBeInside(AnnouncedWindow window, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(time);
        var latest = ConsoleNow + time.GetElapsedTime(SentAt);
        var earliest = ConsoleNow + time.GetElapsedTime(ReceivedAt);
        return window.From <= latest && earliest < window.To;
    }
}
