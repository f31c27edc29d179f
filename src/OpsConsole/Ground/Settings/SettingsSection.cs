using System.Globalization;

namespace OpsConsole.Ground.Settings;

/// <summary>
/// One object of the file while it is read. Every question notes its key, so that what was never asked for is known to be unknown; a wrong answer adds a fault
/// and gives a stand-in, so that reading goes on and all faults come at once.
/// </summary>
/// <param name="shape">the path with names and places left out, for holding the sample against the code</param>
internal sealed class SettingsSection(ConfigNode node, string path, string shape, SettingsRun run)
{
    private readonly List<string> asked = [];

    public string Path { get; } = path;
    public SettingsRun Run { get; } = run;
    public ConfigNode Node { get; } = node;
    public string PathOf(string key) => $"{Path}:{key}";
    public void Fault(string key, string what, string remedy) => Run.Fault(PathOf(key), what, remedy);

    /// <summary>Null: not there, or written as null, which is the same.</summary>
    public ConfigNode? Find(string key)
    {
        asked.Add(key);
        Run.Asked.Add($"{shape}:{key}");
        return Node[key] is { Kind: not NodeKind.Null } found ? found : null;
    }

    public bool Has(string key) => Find(key) is not null;

    private ConfigNode? Find(string key, bool required, string wanted)
    {
        var found = Find(key);
        if (found is null && required)
        {
            Fault(key, "is missing.", $"Give {wanted}.");
        }
        return found;
    }

    public string? OptionalText(string key) => TextOf(Find(key), PathOf(key));

    public string Text(string key, string? otherwise = null) =>
        Find(key, otherwise is null, "a text") is { } found ? TextOf(found, PathOf(key)) ?? "" : otherwise ?? "";

    private string? TextOf(ConfigNode? found, string path)
    {
        if (found is null)
        {
            return null;
        }
        if (found.Kind != NodeKind.Text)
        {
            Run.Fault(path, $"is {Words(found.Kind)}, not a text.", "Put it in quotes.");
            return null;
        }
        if (string.IsNullOrWhiteSpace(found.Text))
        {
            Run.Fault(path, "is empty.", "Give a text, or leave the key out.");
            return null;
        }
        return found.Text;
    }

    public int Whole(string key, int otherwise, int min, int max)
    {
        if (Find(key) is not { } found)
        {
            return otherwise;
        }
        if ((found.Kind == NodeKind.Number || found is { Kind: NodeKind.Text, FromEnvironment: true })
            && int.TryParse(found.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            if (number >= min && number <= max)
            {
                return number;
            }
            Fault(key, $"is {number}, outside its limits.", $"Give a whole number from {min} to {max}.");
            return otherwise;
        }
        Fault(key, $"is {Words(found.Kind)}, not a whole number.", $"Give a whole number from {min} to {max}, without quotes.");
        return otherwise;
    }

    public decimal? Amount(string key) => Find(key) is { } found ? AmountOf(found, PathOf(key)) : null;

    /// <summary>A number, or one in quotes, which keeps its digits in every tool.</summary>
    public decimal? AmountOf(ConfigNode found, string path)
    {
        if (found.Kind is NodeKind.Number or NodeKind.Text
            && decimal.TryParse(found.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return amount;
        }
        Run.Fault(path, $"is {Words(found.Kind)}, not an amount.", "Give a number such as 1000 or \"0.01\".");
        return null;
    }

    public bool Flag(string key, bool otherwise)
    {
        if (Find(key) is not { } found)
        {
            return otherwise;
        }
        if ((found.Kind == NodeKind.Flag || found is { Kind: NodeKind.Text, FromEnvironment: true }) && bool.TryParse(found.Text, out var flag))
        {
            return flag;
        }
        Fault(key, $"is {Words(found.Kind)}, not true or false.", "Give true or false, without quotes.");
        return otherwise;
    }

    /// <param name="later">known to the design and not there in this version: refused by name</param>
    public T Choice<T>(string key, T? otherwise, params string[] later) where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        if (Find(key, otherwise is null, Nearest.OneOf(names)) is not { } found)
        {
            return otherwise ?? default;
        }
        if (found.Kind != NodeKind.Text)
        {
            Fault(key, $"is {Words(found.Kind)}, not a name.", $"Give {Nearest.OneOf(names)}.");
        }
        else if (names.FirstOrDefault(n => string.Equals(n, found.Text, StringComparison.OrdinalIgnoreCase)) is { } name)
        {
            return Enum.Parse<T>(name);
        }
        else if (later.FirstOrDefault(n => string.Equals(n, found.Text, StringComparison.OrdinalIgnoreCase)) is { } missing)
        {
            Fault(key, $"is {missing}, which is not there yet in this version.", $"Give {Nearest.OneOf(names)}.");
        }
        else
        {
            Fault(key, $"is '{found.Text}', which is not known.", Nearest.Remedy(found.Text, names));
        }
        return otherwise ?? default;
    }

    /// <summary>A list of texts, each with its path; one text stands for a list of one where <paramref name="single"/> is set.</summary>
    public IReadOnlyList<(string Text, string Path)> Texts(string key, bool required = false, bool single = false)
    {
        if (Find(key, required, "a list with at least one entry")?.As(NodeKind.List) is not { } found)
        {
            return [];
        }
        if (found.Kind != NodeKind.List)
        {
            if (single)
            {
                return TextOf(found, PathOf(key)) is { } only ? [(only, PathOf(key))] : [];
            }
            Fault(key, $"is {Words(found.Kind)}, not a list.", "Put it in brackets: [ ... ].");
            return [];
        }
        if (required && found.Items.Count == 0)
        {
            Fault(key, "is empty.", "Give at least one entry.");
        }
        return [.. found.Items.Select((n, i) => (Text: TextOf(n, $"{PathOf(key)}[{i}]"), Path: $"{PathOf(key)}[{i}]")).Where(t => t.Text is not null).Select(t => (t.Text!, t.Path))];
    }

    public T? Section<T>(string key, Func<SettingsSection, T?> read, bool required = false) where T : class =>
        Find(key, required, "a section { ... }") is { } found ? Run.Object(found, PathOf(key), $"{shape}:{key}", read) : null;

    /// <summary>A map from names to sections, in the order of the file.</summary>
    public IReadOnlyList<T> Named<T>(string key, Func<string, SettingsSection, T?> read, bool required = false) where T : class
    {
        if (Find(key, required, "a section with at least one name")?.As(NodeKind.Object) is not { } found)
        {
            return [];
        }
        if (found.Kind != NodeKind.Object)
        {
            Fault(key, $"is {Words(found.Kind)}, not a section of names.", "Put it in braces, each entry under its name: { \"name\": { ... } }.");
            return [];
        }
        if (required && found.Members.Count == 0)
        {
            Fault(key, "is empty.", "Give at least one entry.");
        }
        var all = new List<T?>();
        foreach (var (name, node) in found.Members)
        {
            Run.CheckName(name, $"{PathOf(key)}:{name}");
            all.Add(Run.Object(node, $"{PathOf(key)}:{name}", $"{shape}:{key}:*", s => read(name, s)));
        }
        return [.. all.OfType<T>()];
    }

    public IReadOnlyList<T> Listed<T>(string key, Func<SettingsSection, T?> read, bool required = false) where T : class
    {
        if (Find(key, required, "a list with at least one entry")?.As(NodeKind.List) is not { } found)
        {
            return [];
        }
        if (found.Kind != NodeKind.List)
        {
            Fault(key, $"is {Words(found.Kind)}, not a list.", "Put it in brackets: [ { ... } ].");
            return [];
        }
        if (required && found.Items.Count == 0)
        {
            Fault(key, "is empty.", "Give at least one entry.");
        }
        return [.. found.Items.Select((n, i) => Run.Object(n, $"{PathOf(key)}[{i}]", $"{shape}:{key}[]", read)).OfType<T>()];
    }

    /// <summary>Adds a fault for each key that nobody asked for.</summary>
    public void Close()
    {
        foreach (var (key, _) in Node.Members.Where(m => !asked.Contains(m.Key, StringComparer.OrdinalIgnoreCase)))
        {
            Fault(key, "is not a setting.", Nearest.Remedy(key, [.. asked.Distinct()]));
        }
    }

    public static string Words(NodeKind kind) => kind switch
    {
        NodeKind.Object => "a section",
        NodeKind.List => "a list",
        NodeKind.Text => "a text",
        NodeKind.Number => "a number",
        NodeKind.Flag => "true or false",
        _ => "null",
    };
}
