namespace OpsConsole.Engines.Releases;

/// <summary>How one migration tool names, numbers and orders its files.</summary>
internal interface IReleaseLayout
{
    ReleaseLayout Layout { get; }
    string Title { get; }

    /// <summary>Null: no file of this layout.</summary>
    ReleasePart? Parse(string name);

    IEnumerable<ReleasePart> Order(IReadOnlyList<ReleasePart> ups);

    /// <summary>What the tool's order would do that nobody expects.</summary>
    IEnumerable<ReleaseFinding> Disorder(IReadOnlyList<ReleasePart> ups);

    string HistoryTable(EngineKind engine);
}

/// <param name="Version">as the history table writes it</param>
/// <param name="Number">by which twins are found: 7 and 007 are one version</param>
internal sealed record ReleasePart(string Name, string Version, decimal Number, string Title, bool Down);
