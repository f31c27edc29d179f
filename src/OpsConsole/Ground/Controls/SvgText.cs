using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace OpsConsole.Ground.Controls;

/// <summary>A text element inside an SVG. It is written in C# because Razor keeps that tag's name for itself.</summary>
public sealed class SvgText : ComponentBase
{
    [Parameter] public string? Class { get; set; }
    [Parameter] public string X { get; set; } = "0";
    [Parameter] public int Y { get; set; }
    [Parameter] public string Anchor { get; set; } = "middle";
    [Parameter] public string Words { get; set; } = "";
    /// <summary>A moment: the browser writes it in the viewer's zone, the words stand until then.</summary>
    [Parameter] public DateTimeOffset? At { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "class", Class);
        builder.AddAttribute(2, "x", X);
        builder.AddAttribute(3, "y", Y);
        builder.AddAttribute(4, "text-anchor", Anchor);
        if (At is { } at)
        {
            builder.AddAttribute(5, "data-at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            builder.AddAttribute(6, "data-kind", "short");
        }
        builder.AddContent(7, Words);
        builder.CloseElement();
    }
}
