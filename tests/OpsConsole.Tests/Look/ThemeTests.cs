using System.Text.RegularExpressions;
using OpsConsole.Shell;
using Xunit;

namespace OpsConsole.Tests.Look;

public sealed partial class ThemeTests
{
    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    public void The_theme_and_the_tokens_file_hold_the_same_colours(string theme)
    {
        var css = File.ReadAllText(AssetTree.File("css/tokens.css"));
        var block = Regex.Match(css, $"\\[data-theme=\"{theme}\"\\] \\{{(?<body>[^}}]*)\\}}").Groups["body"].Value;
        var written = Colour().Matches(block).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        var held = theme == "dark" ? OpsTheme.Dark : OpsTheme.Light;

        Assert.NotEmpty(written);
        Assert.Equal(written.OrderBy(p => p.Key, StringComparer.Ordinal), held.OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    public void Words_of_every_state_can_be_read_on_every_ground(string theme)
    {
        var token = theme == "dark" ? OpsTheme.Dark : OpsTheme.Light;
        foreach (var word in new[] { "text", "text-2", "text-3", "ok", "attention", "danger", "frozen", "unknown" })
        {
            foreach (var ground in new[] { "bg", "surface", "raised" })
            {
                Assert.True(Contrast(token[word], token[ground]) >= 4.5, $"{word} on {ground}, {theme}: {Contrast(token[word], token[ground]):0.0}");
            }
        }
        foreach (var state in new[] { "ok", "attention", "danger", "frozen", "unknown" })
        {
            Assert.True(Contrast(token[state], token[state + "-tint"]) >= 4.5, $"{state} on its tint, {theme}");
        }
        Assert.True(Contrast(token["on-ink"], token["ink"]) >= 4.5);
        Assert.True(Contrast(token["on-danger"], token["danger-solid"]) >= 4.5);
    }

    [Fact]
    public void MudBlazor_gets_the_meaning_of_each_colour_from_the_tokens()
    {
        var dark = OpsTheme.Theme.PaletteDark;
        Assert.Equal(new MudBlazor.Utilities.MudColor(OpsTheme.Dark["danger"]), dark.Error);
        Assert.Equal(new MudBlazor.Utilities.MudColor(OpsTheme.Dark["attention"]), dark.Warning);
        Assert.Equal(new MudBlazor.Utilities.MudColor(OpsTheme.Dark["frozen"]), dark.Info);
        Assert.Equal(new MudBlazor.Utilities.MudColor(OpsTheme.Dark["ink"]), dark.Primary);
        Assert.Equal(new MudBlazor.Utilities.MudColor(OpsTheme.Light["bg"]), OpsTheme.Theme.PaletteLight.Background);
    }

    [GeneratedRegex("--oc-(?<name>[a-z0-9-]+): (?<value>#[0-9A-F]{6});")]
    private static partial Regex Colour();

    // Relative luminance and contrast as WCAG 2 defines them.
    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string hex)
    {
        var parts = new[] { 1, 3, 5 }.Select(i => Convert.ToInt32(hex.Substring(i, 2), 16) / 255.0)
            .Select(c => c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }
}
