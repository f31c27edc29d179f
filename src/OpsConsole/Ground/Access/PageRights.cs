using OpsConsole.Ground.Controls;

namespace OpsConsole.Ground.Access;

/// <summary>Says of a page which roles open it.</summary>
public static class PageRights
{
    /// <param name="path">with or without a slash before it</param>
    /// <returns>null: the page is in no navigation, or open to everybody</returns>
    public static string? OpenedBy(IEnumerable<NavItem> items, string? path)
    {
        var wanted = (path ?? "").Trim('/').Split('/', '?')[0];
        var policy = items.FirstOrDefault(i => string.Equals(i.Route.Trim('/'), wanted, StringComparison.OrdinalIgnoreCase))?.Policy;
        return Permissions.All.FirstOrDefault(p => p.Name == policy) is { } right && !right.Roles.Contains(Roles.Viewer) ? $"{right.Name} is for: {string.Join(", ", right.Roles)}." : null;
    }
}
