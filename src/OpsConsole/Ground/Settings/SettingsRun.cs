using System.Text.RegularExpressions;
using OpsConsole.Domain.Versions;

namespace OpsConsole.Ground.Settings;

/// <summary>What one reading gathers, and the questions that every part of the file asks.</summary>
/// <param name="folder">what relative paths are relative to</param>
internal sealed partial class SettingsRun(string folder, List<SettingsFault> faults)
{
    public List<SettingsFault> Faults { get; } = faults;
    public string Folder { get; } = folder;

    /// <summary>The shape of every key that was asked for.</summary>
    public HashSet<string> Asked { get; } = [];

    /// <summary>Names of the group's databases; empty: the file names none, which is a fault of its own.</summary>
    public IReadOnlyList<string> Databases { get; set; } = [];

    [GeneratedRegex(@"\A[A-Za-z0-9 _.-]{1,64}\z")]
    private static partial Regex NamePattern { get; }

    public void Fault(string path, string what, string remedy) => Faults.Add(new(path, what, remedy));
    public string Absolute(string path) => Path.GetFullPath(Path.Combine(Folder, path));

    public void CheckName(string name, string path)
    {
        // A letter or digit as well, because names become folders and ".." is one already.
        if (!NamePattern.IsMatch(name) || !name.Any(char.IsAsciiLetterOrDigit))
        {
            Fault(path, $"The name '{name}' is not allowed.", "Use 1 to 64 letters, digits, spaces and _ . - with at least one letter or digit.");
        }
    }

    public T? Object<T>(ConfigNode node, string path, string shape, Func<SettingsSection, T?> read) where T : class
    {
        node = node.As(NodeKind.Object);
        if (node.Kind != NodeKind.Object)
        {
            Fault(path, $"is {SettingsSection.Words(node.Kind)}, not a section.", "Put it in braces: { ... }.");
            return null;
        }
        var section = new SettingsSection(node, path, shape, this);
        var result = read(section);
        section.Close();
        return result;
    }

    /// <summary>The name of a database of the group; the empty text and a fault where it is none.</summary>
    public string Database(SettingsSection section, string key)
    {
        var name = section.Text(key);
        return name.Length == 0 || IsDatabase(name, section.PathOf(key)) ? name : "";
    }

    public bool IsDatabase(string name, string path) => IsOneOf(name, Databases, "database", path);

    public bool IsOneOf(string name, IReadOnlyList<string> known, string what, string path)
    {
        if (known.Count == 0 || known.Contains(name))
        {
            return true;
        }
        Fault(path, $"There is no {what} '{name}'.", Nearest.Remedy(name, known));
        return false;
    }

    /// <summary>One text of SQL or a map from ranges to texts.</summary>
    /// <param name="parameters">those that the text may use, without @</param>
    public VersionedSql? Sql(SettingsSection section, string key, IReadOnlyCollection<string> parameters, bool required = true)
    {
        var path = section.PathOf(key);
        if (section.Find(key)?.As(NodeKind.Object) is not { } found)
        {
            if (required)
            {
                Fault(path, "is missing.", "Give the SQL, or a map from version ranges to SQL.");
            }
            return null;
        }
        if (found.Kind != NodeKind.Object)
        {
            return SqlText(section.Text(key), path, parameters) is { } sql ? new VersionedSql(sql) : null;
        }
        if (found.Members.Count == 0)
        {
            Fault(path, "is empty.", "Give the SQL, or a map from version ranges to SQL.");
            return null;
        }
        var variants = new List<VersionedSql.Variant>();
        foreach (var (text, node) in found.Members)
        {
            var at = $"{path}:{text}";
            var range = Range(text, at);
            if (node.Kind != NodeKind.Text || string.IsNullOrWhiteSpace(node.Text))
            {
                Fault(at, node.Kind == NodeKind.Text ? "is empty." : $"is {SettingsSection.Words(node.Kind)}, not a text.", "Give the SQL for this range.");
            }
            else if (SqlText(node.Text, at, parameters) is { } sql && range is not null)
            {
                variants.Add(new(range, sql));
            }
        }
        return new VersionedSql(variants);
    }

    public VersionRange? Range(string text, string path)
    {
        if (VersionRange.TryParse(text, out var range, out var error))
        {
            return range;
        }
        Fault(path, error, "Write comparators joined by spaces, such as '>=5 <7', and || for or.");
        return null;
    }

    private string? SqlText(string sql, string path, IReadOnlyCollection<string> parameters)
    {
        foreach (var unknown in SqlParameters.In(sql).Where(p => !parameters.Contains(p)))
        {
            Fault(path, $"The SQL uses @{unknown}, which does not exist here.",
                parameters.Count == 0 ? "This SQL takes no parameters." : Nearest.Remedy("@" + unknown, [.. parameters.Select(p => "@" + p)]));
        }
        return sql.Length == 0 ? null : sql;
    }
}
