using OpsConsole.Engines.Releases;

namespace OpsConsole.Engines;

/// <summary>Reads a folder of releases as its tool orders it. What could go wrong with it is a finding, never an exception: the plan shows all of them at once.</summary>
public static class ReleaseFolders
{
    private static readonly IReleaseLayout[] Layouts = [new GolangMigrateLayout(), new PlainLayout()];

    /// <param name="path">the folder; one that is missing gives a blocking finding</param>
    /// <param name="layout"><see cref="ReleaseLayout.Auto"/>: found out from the names in the folder</param>
    /// <param name="engine">decides what cannot run in a transaction, and the name of the history table</param>
    public static ReleaseFolder Read(string path, ReleaseLayout layout, EngineKind engine)
    {
        string[] names;
        try
        {
            names = [.. Directory.EnumerateFiles(path, "*.sql").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Nothing(layout, engine, path, Directory.Exists(path) ? $"The folder cannot be read: {e.Message}" : "The folder is not there.");
        }
        var chosen = layout == ReleaseLayout.Auto ? FindOut(names, out var doubt) : (Layouts.Single(l => l.Layout == layout), doubt = null).Item1;
        if (chosen is null)
        {
            return Nothing(layout, engine, path, doubt!);
        }

        var findings = new List<ReleaseFinding>();
        var parts = new List<ReleasePart>();
        foreach (var name in names)
        {
            if (chosen.Parse(name) is { } part) { parts.Add(part); }
            else { findings.Add(new(name, 1, $"The name is none that the {chosen.Title} layout knows; the file is left out.", Blocking: false)); }
        }
        var ups = parts.Where(p => !p.Down).ToList();
        foreach (var twins in parts.GroupBy(p => (p.Number, p.Down)).Where(g => g.Count() > 1))
        {
            findings.AddRange(twins.Skip(1).Select(t => new ReleaseFinding(t.Name, 1, $"Version {t.Version} is in {twins.First().Name} already; a version has one file.", Blocking: true)));
        }
        findings.AddRange(parts.Where(p => p.Down && ups.TrueForAll(u => u.Number != p.Number))
            .Select(p => new ReleaseFinding(p.Name, 1, "There is a way down, but no release that goes up.", Blocking: false)));
        if (ups.Count == 0)
        {
            findings.Add(new(path, 1, "The folder holds no release.", Blocking: true));
        }

        var releases = chosen.Order(ups).Select(up => ReleaseFile.Read(path, up, parts.Find(p => p.Down && p.Number == up.Number), engine)).ToList();
        findings.AddRange(chosen.Disorder(ups));
        findings.AddRange(releases.SelectMany(r => r.Findings));
        return new ReleaseFolder(chosen.Layout, chosen.HistoryTable(engine), releases, findings);
    }

    private static IReleaseLayout? FindOut(string[] names, out string? doubt)
    {
        var fitting = Layouts.Select(l => (Layout: l, Files: names.Count(n => l.Parse(n) is { Down: false }))).Where(f => f.Files > 0).ToList();
        doubt = fitting.Count switch
        {
            1 => null,
            0 => "No file has a name that tells the layout (7_title.up.sql, 007_title.sql); set Layout, or look whether this is the right folder.",
            _ => $"The names fit several layouts ({string.Join(", ", fitting.Select(f => $"{f.Layout.Title}: {f.Files}"))}); set Layout.",
        };
        return doubt is null ? fitting[0].Layout : null;
    }

    private static ReleaseFolder Nothing(ReleaseLayout layout, EngineKind engine, string path, string text)
    {
        var named = layout == ReleaseLayout.Auto ? ReleaseLayout.Plain : layout;
        return new(named, Layouts.Single(l => l.Layout == named).HistoryTable(engine), [], [new(path, 1, text, Blocking: true)]);
    }
}
