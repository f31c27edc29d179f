using System.Text.RegularExpressions;
using OpsConsole.Domain.Gates;
using OpsConsole.Features.Help;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;
using OpsConsole.Tests.Look;
using Xunit;

namespace OpsConsole.Tests.Help;

/// <summary>The handbook is held against the console: its links, commands, keys and routes have to be there.</summary>
public sealed partial class HandbookTests
{
    private static readonly string Folder = Path.Combine(AssetTree.Root, "handbook");
    private static readonly Handbook Book = Handbook.Beside(Folder);

    public static TheoryData<string> Slugs() => [.. Book.Pages.Select(p => p.Slug)];

    [Theory, MemberData(nameof(Slugs))]
    public void A_page_renders_under_one_heading(string slug)
    {
        var page = Book.Page(slug)!;
        Assert.Single(Heading().Matches(page.Html));
        Assert.Equal(page.Title, System.Net.WebUtility.HtmlDecode(Heading().Match(page.Html).Groups[1].Value));
        Assert.True(page.Html.Length > 500, $"{slug} is all but empty");
        Assert.DoesNotContain("](", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<td>|", page.Html, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Slugs))]
    public void Every_link_of_a_page_leads_to_a_page_and_a_heading_that_are_there(string slug)
    {
        foreach (Match link in Link().Matches(Book.Page(slug)!.Html))
        {
            var address = link.Groups[1].Value;
            Assert.StartsWith("help/", address, StringComparison.Ordinal);
            var parts = address["help/".Length..].Split('#');
            var target = Book.Page(parts[0]);
            Assert.True(target is not null, $"{slug} links to {address}");
            Assert.True(parts.Length == 1 || target.Html.Contains($"id=\"{parts[1]}\"", StringComparison.Ordinal), $"{slug} links to {address}");
        }
    }

    [Fact]
    public void Every_command_that_is_named_exists()
    {
        var known = CommandLine.All.Select(c => c.Words).ToHashSet();
        var groups = known.Select(k => k.Split(' ')[0]).ToHashSet();
        foreach (var file in Directory.GetFiles(Folder, "*.md"))
        {
            var text = File.ReadAllText(file);
            var named = Spans().Matches(text).Select(m => m.Groups[1].Value).Where(s => groups.Contains(s.Split(' ')[0]) && (s.Contains(' ', StringComparison.Ordinal) || known.Contains(s)))
                .Concat(Calls().Matches(text).Select(m => m.Groups[1].Value).Where(s => s != "COMMAND"));
            foreach (var call in named)
            {
                Assert.True(known.Any(k => call == k || call.StartsWith(k + " ", StringComparison.Ordinal)), $"{Path.GetFileName(file)} names '{call}'");
            }
        }
    }

    [Fact]
    public void Every_command_that_exists_is_in_the_table_of_commands()
    {
        var page = File.ReadAllText(Path.Combine(Folder, "13-commands.md"));
        Assert.All(CommandLine.All, command => Assert.Matches($@"\| `{Regex.Escape(command.Words)}[ `]", page));
    }

    [Fact]
    public void The_keys_in_the_table_of_rooms_are_the_keys_of_the_house()
    {
        var page = File.ReadAllText(Path.Combine(Folder, "01-getting-started.md"));
        foreach (Match row in RoomRows().Matches(page))
        {
            var nav = global::OpsConsole.House.Rooms.Select(r => r.Nav).SingleOrDefault(n => n?.Title == row.Groups[1].Value);
            Assert.True(nav is not null, $"there is no room {row.Groups[1].Value}");
            Assert.Equal(nav.Key?.ToString() ?? "", row.Groups[2].Value);
        }
        var named = RoomRows().Matches(page).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.All(global::OpsConsole.House.Rooms.Select(r => r.Nav).Where(n => n?.Key is not null), n => Assert.Contains(n!.Title, named));
    }

    [Fact]
    public void From_the_depth_on_at_which_the_gate_stops_background_work_the_handbook_says_so()
    {
        var now = TimeProvider.System.GetUtcNow();
        var page = File.ReadAllText(Path.Combine(Folder, "07-gates-and-freeze.md"));
        var first = Enum.GetValues<FreezeDepth>().Order().First(d => GateState.New("forum", 6).Freeze(d, null, now, 0).Jobs == "stop");
        var rows = page.Split('\n').Where(l => l.StartsWith('|') && l.Contains("background work", StringComparison.Ordinal));
        Assert.StartsWith($"| {first.ToString().ToLowerInvariant()} |", Assert.Single(rows), StringComparison.Ordinal);
        Assert.Equal("stop", GateState.New("forum", 6).Freeze(FreezeDepth.Everyone, null, now, 0).Thaw(100).State.Jobs);
        Assert.Contains("stays stopped through the thaw", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_handbook_asks_for_a_fresh_proof_where_the_console_does_and_nowhere_else()
    {
        Assert.False(Permissions.QueueApprove.StepUp || Permissions.WindowApprove.StepUp);
        var proofs = File.ReadAllText(Path.Combine(Folder, "14-people-and-audit.md")).Split('\n').Single(l => l.StartsWith("**A fresh proof.**", StringComparison.Ordinal));
        Assert.Contains("committing above the limit", proofs, StringComparison.Ordinal);
        Assert.Contains("Approving does not", proofs, StringComparison.Ordinal);
        Assert.Contains("no one-time codes", proofs, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01-getting-started", "until there is an account")]
    [InlineData("02-the-night", "up to 60 of them during the first minutes of a freeze")]
    [InlineData("03-reading-the-screens", "the page loads itself anew")]
    [InlineData("09-the-review-desk", "while no window is open at all")]
    public void What_a_newcomer_stumbles_over_is_told(string slug, string words) =>
        Assert.Contains(words, File.ReadAllText(Path.Combine(Folder, slug + ".md")), StringComparison.Ordinal);

    [Fact]
    public void Raw_markup_in_a_page_stays_text()
    {
        var page = Handbook.Parse("99-bad.md", "# Bad\n\n<script>alert(1)</script>\n\nand <b onclick=x>here</b>");
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b onclick", page.Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_word_is_found_in_headings_first_and_then_in_the_text()
    {
        var hits = Book.Find("finalize");
        Assert.NotEmpty(hits);
        Assert.Contains("finalize", hits[0].Section.Title, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(hits, h => !h.Section.Title.Contains("finalize", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(Book.Find("zebra crossing"));
        Assert.Empty(Book.Find("  "));
    }

    [GeneratedRegex("<h1[^>]*>([^<]+)<")]
    private static partial Regex Heading();

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"OpsConsole -- ([^\n`]+)")]
    private static partial Regex Calls();

    [GeneratedRegex(@"(?m)^\| \[?([A-Z][A-Za-z ]+?)\]?(?:\([^)]*\))? \| [^|]+\? \| (?:`g` `(\w)`)? ?\|$")]
    private static partial Regex RoomRows();
}
