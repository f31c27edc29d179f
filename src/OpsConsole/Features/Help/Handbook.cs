using System.Text;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace OpsConsole.Features.Help;

/// <param name="Id">anchor within its page; empty: the page's beginning</param>
/// <param name="Text">what stands under the heading, without marks, for the search</param>
public sealed record HandbookSection(string Id, string Title, string Text);

/// <param name="Slug">the file's name without number and ending: the address under /help</param>
/// <param name="Html">made from the handbook's own Markdown; raw HTML in it stays text</param>
public sealed record HandbookPage(string Slug, string Title, string Html, IReadOnlyList<HandbookSection> Sections);

public sealed record HandbookHit(HandbookPage Page, HandbookSection Section)
{
    public string Route => HelpRoom.Route(Page.Slug) + (Section.Id.Length == 0 ? "" : "#" + Section.Id);
}

/// <summary>The handbook that lies beside the program, read once. Pages stand in the order of their files' numbers.</summary>
public sealed class Handbook(IReadOnlyList<HandbookPage> pages)
{
    private const int MostHits = 30;
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    public IReadOnlyList<HandbookPage> Pages => pages;

    public static Handbook Beside(string folder) => new(
        [.. Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Order(StringComparer.Ordinal).Select(f => Parse(Path.GetFileName(f), File.ReadAllText(f))) : []]);

    /// <summary>Null: there is no such page.</summary>
    public HandbookPage? Page(string slug) => pages.FirstOrDefault(p => string.Equals(p.Slug, slug, StringComparison.OrdinalIgnoreCase));

    /// <summary>Every word has to be there. Headings come first, then what stands under them.</summary>
    public IReadOnlyList<HandbookHit> Find(string? words)
    {
        var wanted = (words ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length == 0) { return []; }
        bool Has(string text) => wanted.All(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        var all = pages.SelectMany(p => p.Sections.Select(s => new HandbookHit(p, s))).ToList();
        return [.. all.Where(h => Has(h.Section.Title)).Concat(all.Where(h => !Has(h.Section.Title) && Has($"{h.Page.Title} {h.Section.Title} {h.Section.Text}"))).Take(MostHits)];
    }

    /// <summary>The file's number orders it and is not part of its address.</summary>
    internal static string Slug(string file) => Path.GetFileNameWithoutExtension(file) is var name && name.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash && name[..dash].All(char.IsAsciiDigit)
        ? name[(dash + 1)..] : name;

    internal static HandbookPage Parse(string file, string markdown)
    {
        var slug = Slug(file);
        var document = Markdown.Parse(markdown, Pipeline);
        // The page stands under the console's base address, where a bare "#x" would lead to the board.
        foreach (var link in document.Descendants<LinkInline>())
        {
            var (path, anchor) = link.Url?.Split('#', 2) is [var p, var a] ? (p, "#" + a) : (link.Url ?? "", "");
            if (path.Length == 0) { link.Url = HelpRoom.Route(slug) + anchor; }
            else if (path.EndsWith(".md", StringComparison.Ordinal) && !path.Contains('/', StringComparison.Ordinal)) { link.Url = HelpRoom.Route(Slug(path)) + anchor; }
        }
        var sections = new List<HandbookSection>();
        var title = slug;
        var (id, heading, text) = ("", "", new StringBuilder());
        foreach (var block in document)
        {
            if (block is HeadingBlock { Level: 1 or 2 } next)
            {
                if (heading.Length > 0) { sections.Add(new(id, heading, text.ToString())); }
                (heading, text) = (Words(next), new StringBuilder());
                id = next.Level == 1 ? "" : next.GetAttributes().Id ?? "";
                if (next.Level == 1) { title = heading; }
                continue;
            }
            text.Append(Words(block)).Append(' ');
        }
        sections.Add(new(id, heading.Length > 0 ? heading : title, text.ToString()));
        return new(slug, title, document.ToHtml(Pipeline), sections);
    }

    private static string Words(MarkdownObject block) => block is CodeBlock code ? code.Lines.ToString() : string.Join(" ", Within(block).Select(d => d switch
    {
        LiteralInline words => words.Content.ToString(),
        CodeInline inside => inside.Content,
        CodeBlock within => within.Lines.ToString(),
        _ => "",
    }).Where(w => w.Length > 0));

    // A block without blocks in it says that it has no descendants, though it has its words.
    private static IEnumerable<MarkdownObject> Within(MarkdownObject block) => block is LeafBlock leaf ? leaf.Inline?.Descendants() ?? [] : block.Descendants();
}
