using MudBlazor;

namespace OpsConsole.Shell;

/// <summary>
/// The one C# theme. It holds the values of css/tokens.css, because MudBlazor computes its own shades from them;
/// a test compares the two.
/// </summary>
public static class OpsTheme
{
    private static readonly string[] Fonts = ["Roboto", "system-ui", "Segoe UI", "Arial", "sans-serif"];

    /// <summary>The colours of the dark theme, by their names in the style sheet without the prefix.</summary>
    public static IReadOnlyDictionary<string, string> Dark { get; } = new Dictionary<string, string>
    {
        ["bg"] = "#101315",
        ["surface"] = "#171B1E",
        ["raised"] = "#20262A",
        ["sunken"] = "#0B0D0F",
        ["line"] = "#2A3035",
        ["line-strong"] = "#414950",
        ["control"] = "#77828B",
        ["text"] = "#E6EAED",
        ["text-2"] = "#AEB7BE",
        ["text-3"] = "#939DA5",
        ["ink"] = "#E6EAED",
        ["on-ink"] = "#101315",
        ["focus"] = "#8AB4FF",
        ["ok"] = "#74C694",
        ["ok-tint"] = "#15261C",
        ["ok-edge"] = "#2F6B47",
        ["attention"] = "#EDB951",
        ["attention-tint"] = "#2C230F",
        ["attention-edge"] = "#7D6122",
        ["danger"] = "#FF8F85",
        ["danger-tint"] = "#371816",
        ["danger-edge"] = "#9C3F39",
        ["danger-solid"] = "#B3342C",
        ["on-danger"] = "#FFFFFF",
        ["frozen"] = "#7FC8EE",
        ["frozen-tint"] = "#10252F",
        ["frozen-edge"] = "#2C6380",
        ["unknown"] = "#C0ADEE",
        ["unknown-tint"] = "#231E34",
        ["unknown-edge"] = "#5F4F8F",
        ["bar"] = "#626D76",
        ["bar-now"] = "#E6EAED",
        ["bar-track"] = "#262C31",
        ["bar-plan"] = "#49525A",
    };

    public static IReadOnlyDictionary<string, string> Light { get; } = new Dictionary<string, string>
    {
        ["bg"] = "#F5F6F7",
        ["surface"] = "#FFFFFF",
        ["raised"] = "#EDF0F2",
        ["sunken"] = "#EEF0F2",
        ["line"] = "#DFE3E6",
        ["line-strong"] = "#C0C7CC",
        ["control"] = "#7A858E",
        ["text"] = "#14181B",
        ["text-2"] = "#46505A",
        ["text-3"] = "#5B656E",
        ["ink"] = "#1B2126",
        ["on-ink"] = "#FFFFFF",
        ["focus"] = "#1A5FD0",
        ["ok"] = "#1A6A39",
        ["ok-tint"] = "#E6F4EA",
        ["ok-edge"] = "#8FC4A1",
        ["attention"] = "#7A4E00",
        ["attention-tint"] = "#FDF1D6",
        ["attention-edge"] = "#D9AE52",
        ["danger"] = "#B0231B",
        ["danger-tint"] = "#FDE9E7",
        ["danger-edge"] = "#E59B94",
        ["danger-solid"] = "#B0231B",
        ["on-danger"] = "#FFFFFF",
        ["frozen"] = "#0A5A84",
        ["frozen-tint"] = "#E2F1FA",
        ["frozen-edge"] = "#86BBD9",
        ["unknown"] = "#5A3E9E",
        ["unknown-tint"] = "#F0EBFB",
        ["unknown-edge"] = "#B3A0E0",
        ["bar"] = "#8D979F",
        ["bar-now"] = "#1B2126",
        ["bar-track"] = "#E6E9EC",
        ["bar-plan"] = "#C3CAD0",
    };

    // Stands below the tokens: static members are made in the order in which they are written.
    public static MudTheme Theme { get; } = new()
    {
        PaletteDark = Fill(new PaletteDark(), Dark),
        PaletteLight = Fill(new PaletteLight(), Light),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "4px", AppbarHeight = "48px", DrawerWidthLeft = "184px", DrawerMiniWidthLeft = "56px" },
        Typography = new Typography
        {
            Default = Set(new DefaultTypography(), "14px", "20px", "400"),
            Body1 = Set(new Body1Typography(), "14px", "20px", "400"),
            Body2 = Set(new Body2Typography(), "13px", "20px", "400"),
            Caption = Set(new CaptionTypography(), "12px", "16px", "400"),
            H5 = Set(new H5Typography(), "28px", "36px", "500"),
            H6 = Set(new H6Typography(), "20px", "28px", "500"),
            Button = Set(new ButtonTypography(), "14px", "20px", "500"),
        },
    };

    private static T Fill<T>(T palette, IReadOnlyDictionary<string, string> token)
        where T : Palette
    {
        palette.Background = token["bg"];
        palette.Surface = palette.AppbarBackground = palette.DrawerBackground = token["surface"];
        palette.BackgroundGray = palette.TableHover = token["raised"];
        palette.TextPrimary = palette.AppbarText = palette.DrawerText = token["text"];
        palette.TextSecondary = palette.ActionDefault = palette.DrawerIcon = token["text-2"];
        palette.TextDisabled = palette.ActionDisabled = token["text-3"];
        palette.Primary = token["ink"];
        palette.PrimaryContrastText = token["on-ink"];
        palette.Success = token["ok"];
        palette.Warning = token["attention"];
        palette.Error = token["danger"];
        palette.Info = token["frozen"];
        palette.Tertiary = token["unknown"];
        palette.LinesDefault = palette.TableLines = palette.Divider = token["line"];
        palette.LinesInputs = token["control"];
        palette.Skeleton = token["bar-track"];
        palette.RippleOpacity = 0;
        return palette;
    }

    private static T Set<T>(T type, string size, string line, string weight)
        where T : BaseTypography
    {
        type.FontFamily = Fonts;
        type.FontSize = size;
        type.LineHeight = line;
        type.FontWeight = weight;
        type.LetterSpacing = "0";
        type.TextTransform = "none";
        return type;
    }
}
