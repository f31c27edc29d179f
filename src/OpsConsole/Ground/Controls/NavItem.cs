namespace OpsConsole.Ground.Controls;

/// <summary>
/// One way into a room: title, route, icon (an SVG string), the policy that lets a person see it, the group it stands in
/// (groups are parted by a line), and the count beside it, read anew whenever the strip moves.
/// </summary>
public sealed record NavItem(string Title, string Route, string Icon, string? Policy, int Group, Func<IServiceProvider, CancellationToken, Task<string?>>? CountText = null)
{
    /// <summary>The letter that leads there after G; none when null.</summary>
    public string? GoKey { get; init; }
}
