using OpsConsole.Ground.Access;

namespace OpsConsole.Ground.Watching;

/// <summary>Who is logged in on a site, by the site's own table.</summary>
/// <param name="Count">null: cannot be told, and <paramref name="Because"/> says why</param>
/// <param name="EndClosed">why they cannot be ended from here; null: they can</param>
public sealed record SiteSessionCount(int? Count, string? Because, string? EndClosed, DateTimeOffset At);

/// <summary>The room of the sessions answers this to the other rooms.</summary>
public interface ISiteSessions
{
    Task<SiteSessionCount> Count(Actor actor, string site, CancellationToken token);
    /// <summary>Ends every one that is there now; how many.</summary>
    Task<Answer<int>> EndAll(Actor actor, string site, CancellationToken token);
}
