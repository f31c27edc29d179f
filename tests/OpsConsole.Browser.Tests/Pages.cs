using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace OpsConsole.Browser.Tests;

/// <summary>Every page there is, found in the code, so that a new one is looked at without being listed.</summary>
public static class Pages
{
    // A page about one thing has to be told which; a new one of that kind needs its line here.
    private static readonly Dictionary<string, Func<Scene, string?>> About = new()
    {
        ["/windows/{Id}"] = s => s.Window,
        ["/windows/{Id}/report"] = s => s.Window is { } window ? window + "/report" : null,
        ["/queue/{Id}"] = s => s.Transaction,
        ["/estate/{Name}"] = _ => "/estate/members",
        ["/help/{Slug}"] = _ => "/help/the-night",
        ["/account/link"] = s => s.Link,
    };

    // Drawn without a component.
    private static readonly string[] Plain = ["/status", "/windows/{Id}/report"];

    public static IReadOnlyList<string> Templates { get; } = [.. typeof(House).Assembly.GetTypes()
        .SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template).Concat(Plain).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Null: the scene has nothing that this page could be about.</summary>
    public static string? PathOf(string template, Scene scene) => About.TryGetValue(template, out var path) ? path(scene)
        : template.Contains('{') ? throw new InvalidOperationException($"The page {template} is about one thing, and Pages.About does not say which.") : template;

    public static string FileName(string template) => template.Trim('/') is { Length: > 0 } words ? string.Concat(words.Select(c => char.IsLetterOrDigit(c) ? c : '-')).Replace("--", "-", StringComparison.Ordinal).Trim('-').ToLowerInvariant() : "board";
}
