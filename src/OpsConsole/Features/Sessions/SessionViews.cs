using OpsConsole.Engines;

namespace OpsConsole.Features.Sessions;

/// <summary>One list of sessions: a database's connections, or the members that are logged in on a site.</summary>
/// <param name="Count">without the console's own; null: cannot be told, and <paramref name="Because"/> says why</param>
public sealed record SessionSource(string Name, bool IsSite, int? Count, string? Because)
{
    /// <summary>As it stands in the address.</summary>
    public string Key => IsSite ? $"site:{Name}" : Name;
}

public sealed record MemberRow(string Id, string Member, string? From, DateTimeOffset? StartedAt, DateTimeOffset? SeenAt);

public sealed record PreparedRow(string Database, PreparedTransaction Facts);

/// <param name="Chosen">null: nothing is configured</param>
/// <param name="More">there are more members than are read</param>
/// <param name="EndClosed">why nothing of the chosen list can be ended by anybody; null: it can</param>
/// <param name="LoggedIn">members on the sites that can tell; null: none of them can</param>
/// <param name="LongestSeconds">the oldest open transaction of any database; null: none that can be seen</param>
public sealed record SessionsView(
    IReadOnlyList<SessionSource> Sources, SessionSource? Chosen, IReadOnlyList<ConnectionRow> Connections, IReadOnlyList<MemberRow> Members, bool More, string? EndClosed,
    IReadOnlyList<PreparedRow> Prepared, int? LoggedIn, int? Connected, double? LongestSeconds, int Blocked, int Blocking, IReadOnlyList<double> History, DateTimeOffset ReadAt);
