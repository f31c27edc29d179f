using System.Globalization;

namespace OpsConsole.Ground.Controls;

/// <summary>How figures are written: the same on every screen, whatever the server's culture is.</summary>
public static class Spoken
{
    /// <summary>A duration in a table: 31 ms, 4 s, 3:52, 1:44:22.</summary>
    public static string Duration(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
        {
            return "−" + Duration(span.Negate());
        }
        if (span < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMilliseconds} ms");
        }
        if (span < TimeSpan.FromMinutes(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s");
        }
        return span < TimeSpan.FromHours(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}");
    }

    /// <summary>A duration in a sentence: 1 h 09 min, 4 min, 12 s.</summary>
    public static string Sentence(TimeSpan span) => span switch
    {
        _ when span < TimeSpan.Zero => "0 s",
        _ when span < TimeSpan.FromMinutes(1) => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
        _ when span < TimeSpan.FromHours(1) => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min"),
        _ when span < TimeSpan.FromDays(1) => string.Create(CultureInfo.InvariantCulture, $"{span.Hours} h {span.Minutes:00} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d {span.Hours} h"),
    };

    /// <summary>An amount: comma groups, two decimals, a true minus; a plus only where a change is meant.</summary>
    public static string Money(decimal value, bool signed = false)
    {
        var digits = Math.Abs(value).ToString("#,##0.00######", CultureInfo.InvariantCulture);
        return value < 0 ? "−" + digits : signed && value > 0 ? "+" + digits : digits;
    }

    /// <summary>A hash, short: its first and last four characters.</summary>
    public static string Hash(string hash) => hash.Length <= 12 ? hash : string.Concat(hash.AsSpan(0, 4), "…", hash.AsSpan(hash.Length - 4));
}
