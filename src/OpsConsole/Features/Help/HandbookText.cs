using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace OpsConsole.Features.Help;

/// <summary>
/// The one place where text becomes markup. It takes a page of the handbook, never a string: what comes from databases or people cannot get here.
/// </summary>
public sealed class HandbookText : ComponentBase
{
    [Parameter, EditorRequired] public HandbookPage Page { get; set; } = default!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
#pragma warning disable RS0030 // The handbook comes with the program, and its raw HTML is switched off.
        builder.AddContent(0, (MarkupString)Page.Html);
#pragma warning restore RS0030
    }
}
