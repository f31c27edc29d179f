using System.Text.Json;

namespace OpsConsole.Ground.Settings;

internal enum NodeKind { Object, List, Text, Number, Flag, Null }

/// <summary>
/// One value of the file, with keys in their order and case. The platform's own configuration sorts keys and folds their case, which would lose the order
/// of legs' fields and let two databases become one.
/// </summary>
internal sealed class ConfigNode(NodeKind kind, string text = "", bool fromEnvironment = false)
{
    // A list of which only the environment speaks begins as an object and shows what it is by its first place.
    public NodeKind Kind => kind == NodeKind.Object && Items.Count > 0 ? NodeKind.List : kind;

    /// <summary>Of a text, a number or a flag, as it is written.</summary>
    public string Text { get; } = text;

    /// <summary>The environment knows only text: a number or a list is read from it where one is wanted.</summary>
    public bool FromEnvironment { get; } = fromEnvironment;

    public List<(string Key, ConfigNode Node)> Members { get; } = [];
    public List<ConfigNode> Items { get; } = [];

    public ConfigNode? this[string key] => Members.Where(m => string.Equals(m.Key, key, StringComparison.OrdinalIgnoreCase)).Select(m => m.Node).FirstOrDefault();

    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 };

    /// <exception cref="JsonException">it is no JSON</exception>
    public static ConfigNode Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Options);
        return From(document.RootElement);
    }

    /// <summary>The value as a list or an object, where the environment gave it as text.</summary>
    public ConfigNode As(NodeKind wanted)
    {
        if (!FromEnvironment || Kind != NodeKind.Text || wanted == NodeKind.Text)
        {
            return this;
        }
        try
        {
            return Parse(Text) is var read && read.Kind == wanted ? read : this;
        }
        catch (JsonException)
        {
            return this;
        }
    }

    private static ConfigNode From(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var section = new ConfigNode(NodeKind.Object);
                section.Members.AddRange(element.EnumerateObject().Select(p => (p.Name, From(p.Value))));
                return section;
            case JsonValueKind.Array:
                var list = new ConfigNode(NodeKind.List);
                list.Items.AddRange(element.EnumerateArray().Select(From));
                return list;
            case JsonValueKind.String:
                return new ConfigNode(NodeKind.Text, element.GetString()!);
            case JsonValueKind.Number:
                return new ConfigNode(NodeKind.Number, element.GetRawText());
            case JsonValueKind.True or JsonValueKind.False:
                return new ConfigNode(NodeKind.Flag, element.GetBoolean() ? "true" : "false");
            default:
                return new ConfigNode(NodeKind.Null);
        }
    }

    /// <summary>Puts <c>OpsConsole__Store__Provider=...</c> and its like over the file. Segments find existing keys whatever their case; a number is a place in a list.</summary>
    public static void Override(ConfigNode root, IReadOnlyDictionary<string, string> environment, List<SettingsFault> faults)
    {
        const string prefix = "OpsConsole__";
        // Sorted, so that places of a list arrive in order and the result does not depend on the environment's.
        foreach (var (name, value) in environment.Where(e => e.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(e => e.Key.Length).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            string[] segments = ["OpsConsole", .. name[prefix.Length..].Split("__")];
            if (!Put(root, segments, new ConfigNode(NodeKind.Text, value, true)))
            {
                faults.Add(new(string.Join(':', segments), $"The environment variable {name} leads through a value that holds nothing below it, or past the end of a list.",
                    "Name a key that the file has, or the next place of its list."));
            }
        }
    }

    private static bool Put(ConfigNode at, ReadOnlySpan<string> segments, ConfigNode value)
    {
        var segment = segments[0];
        var next = segments.Length == 1 ? value : new ConfigNode(NodeKind.Object, fromEnvironment: true);
        if (at.Kind == NodeKind.List || (at is { Kind: NodeKind.Object, FromEnvironment: true, Members.Count: 0 } && segment == "0"))
        {
            return PutPlace(at, segments, value, next);
        }
        if (at.Kind != NodeKind.Object)
        {
            return false;
        }
        var index = at.Members.FindIndex(m => string.Equals(m.Key, segment, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            at.Members.Add((segment, next));
        }
        else if (segments.Length == 1)
        {
            at.Members[index] = (at.Members[index].Key, value);
        }
        else
        {
            next = at.Members[index].Node;
        }
        return segments.Length == 1 || Put(next, segments[1..], value);
    }

    private static bool PutPlace(ConfigNode list, ReadOnlySpan<string> segments, ConfigNode value, ConfigNode next)
    {
        if (!int.TryParse(segments[0], System.Globalization.CultureInfo.InvariantCulture, out var place) || place < 0 || place > list.Items.Count)
        {
            return false;
        }
        if (place == list.Items.Count)
        {
            list.Items.Add(next);
        }
        else if (segments.Length == 1)
        {
            list.Items[place] = value;
        }
        else
        {
            next = list.Items[place];
        }
        return segments.Length == 1 || Put(next, segments[1..], value);
    }
}
