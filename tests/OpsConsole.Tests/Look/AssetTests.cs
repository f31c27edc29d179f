using System.Text.RegularExpressions;
using Xunit;

namespace OpsConsole.Tests.Look;

public sealed partial class AssetTests
{
    private static readonly string[] Texts = [".css", ".js", ".svg", ".html"];

    [Fact]
    public void Every_asset_that_the_frame_names_exists()
    {
        var named = Directory.EnumerateFiles(Path.Combine(AssetTree.Home, "src", "OpsConsole"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => AssetName().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value))
            .Append(OpsConsole.Ground.Controls.ShellScript.Path)
            .Where(name => !name.StartsWith('_'))
            .Distinct()
            .ToList();

        Assert.Contains("css/app.css", named);
        Assert.All(named, name => Assert.True(File.Exists(AssetTree.File(name)), name + " is named but is not there"));
    }

    [Fact]
    public void Every_file_that_a_style_sheet_names_exists()
    {
        foreach (var sheet in Directory.EnumerateFiles(AssetTree.File("css"), "*.css"))
        {
            foreach (Match match in CssUrl().Matches(File.ReadAllText(sheet)))
            {
                var target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(sheet)!, match.Groups["url"].Value));
                Assert.True(File.Exists(target), $"{Path.GetFileName(sheet)} names {match.Groups["url"].Value}");
            }
        }
    }

    [Fact]
    public void No_asset_asks_a_foreign_host()
    {
        foreach (var file in Directory.EnumerateFiles(AssetTree.Root, "*", SearchOption.AllDirectories).Where(f => Texts.Contains(Path.GetExtension(f))))
        {
            var foreign = ForeignHost().Matches(File.ReadAllText(file)).Select(m => m.Value).Where(v => v != "http://www.w3.org").ToList();
            Assert.True(foreign.Count == 0, $"{Path.GetFileName(file)}: {string.Join(", ", foreign)}");
        }
    }

    [Fact]
    public void Every_token_that_a_style_sheet_uses_is_defined()
    {
        var defined = Definition().Matches(File.ReadAllText(AssetTree.File("css/tokens.css"))).Select(m => m.Groups["name"].Value).ToHashSet();
        foreach (var sheet in Directory.EnumerateFiles(AssetTree.File("css"), "*.css"))
        {
            var unknown = Use().Matches(File.ReadAllText(sheet)).Select(m => m.Groups["name"].Value).Where(n => !defined.Contains(n)).Distinct();
            Assert.Empty(unknown);
        }
    }

    [Fact]
    public void No_page_carries_a_script_or_a_style_of_its_own()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AssetTree.Home, "src", "OpsConsole"), "*.razor", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            Assert.False(InlineScript().IsMatch(text), Path.GetFileName(file) + " has an inline script or handler");
            Assert.False(InlineStyle().IsMatch(text), Path.GetFileName(file) + " has an inline style");
        }
    }

    [Fact]
    public void The_fonts_come_with_their_licence()
    {
        Assert.True(File.Exists(AssetTree.File("fonts/roboto/LICENSE")));
        Assert.Equal(4, Directory.GetFiles(AssetTree.File("fonts/roboto"), "*.woff2").Length);
    }

    [GeneratedRegex("Assets\\[\"(?<name>[^\"]+)\"\\]")]
    private static partial Regex AssetName();

    [GeneratedRegex("url\\(\"(?<url>[^\"]+)\"\\)")]
    private static partial Regex CssUrl();

    [GeneratedRegex("(https?:)?//(www\\.)?[a-z0-9-]+\\.[a-z0-9.-]+", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignHost();

    [GeneratedRegex("(?<name>--oc-[a-z0-9-]+):")]
    private static partial Regex Definition();

    [GeneratedRegex("var\\((?<name>--oc-[a-z0-9-]+)")]
    private static partial Regex Use();

    [GeneratedRegex("<script(?![^>]*\\ssrc=)|\\son[a-z]+=\"", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style|<[a-z][^>]*\\sstyle=\"")]
    private static partial Regex InlineStyle();
}
