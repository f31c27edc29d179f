using System.Net;
using System.Text.Json;

namespace OpsConsole.Ground.Settings;

/// <summary>
/// Reads the file and the environment into <see cref="ConsoleSettings"/>, or says everything that is wrong with them at once. Nothing is connected to; that is
/// <see cref="ConfigCheck"/>.
/// </summary>
public static class SettingsReader
{
    private const string Root = "OpsConsole";

    /// <param name="file">null: the environment alone, with paths relative to the working directory</param>
    public static (ConsoleSettings? Settings, IReadOnlyList<SettingsFault> Faults) Read(string? file, IReadOnlyDictionary<string, string> environment) =>
        Read(file, environment, new HashSet<string>());

    /// <param name="asked">is given the shape of every key that the code knows</param>
    internal static (ConsoleSettings? Settings, IReadOnlyList<SettingsFault> Faults) Read(
        string? file, IReadOnlyDictionary<string, string> environment, ISet<string> asked)
    {
        var faults = new List<SettingsFault>();
        file = file is null ? null : Path.GetFullPath(file);
        if (Load(file, faults) is not { } tree)
        {
            return (null, faults);
        }
        ConfigNode.Override(tree, environment, faults);
        if (tree[Root] is not { } node)
        {
            faults.Add(new(Root, "The section is missing.", "Put the whole configuration under \"OpsConsole\"; appsettings.sample.json shows it."));
            return (null, faults);
        }
        FindTwins(node, Root, faults);
        var run = new SettingsRun(file is null ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(file)!, faults);
        var settings = run.Object(node, Root, Root, s => ReadAll(s, file));
        asked.UnionWith(run.Asked);
        return (faults.Count == 0 ? settings : null, faults);
    }

    private static ConfigNode? Load(string? file, List<SettingsFault> faults)
    {
        try
        {
            return file is null ? new ConfigNode(NodeKind.Object) : ConfigNode.Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new(Root, $"The file {file} cannot be read: {e.Message}", "Name a file that exists and that the console may read."));
        }
        catch (JsonException e)
        {
            // The exception's own text quotes the file, which has passwords in it.
            faults.Add(new(Root, $"The file {file} is no JSON from line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} on.", "Look for a missing comma, quote or brace there."));
        }
        return null;
    }

    private static void FindTwins(ConfigNode node, string path, List<SettingsFault> faults)
    {
        foreach (var twins in node.Members.GroupBy(m => m.Key, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            var keys = twins.Select(t => t.Key).Distinct().ToList();
            faults.Add(new($"{path}:{keys[^1]}", keys.Count == 1 ? "The key is there twice." : $"The keys {string.Join(" and ", keys)} differ in case only.", "Keep one of them, or give it another name."));
        }
        foreach (var (key, child) in node.Members)
        {
            FindTwins(child, $"{path}:{key}", faults);
        }
        for (var i = 0; i < node.Items.Count; i++)
        {
            FindTwins(node.Items[i], $"{path}[{i}]", faults);
        }
    }

    private static ConsoleSettings? ReadAll(SettingsSection all, string? file)
    {
        var data = all.Run.Absolute(all.Text("DataDirectory", "data"));
        var web = all.Section("Web", ReadWeb) ?? new WebSettings(null, "/", []);
        var policy = all.Section("Policy", ReadPolicy) ?? PolicySettings.Default;
        var connections = new Dictionary<string, Connection>();
        var estate = all.Section("Estate", s => EstateReader.Read(s, connections), required: true);
        var store = all.Section("Store", s => ReadStore(s, data, connections))
            ?? new StoreSettings(StoreProvider.Sqlite, $"Data Source={Path.Combine(data, "opsconsole.db")}", []);
        return estate is null ? null : new ConsoleSettings(store, data, web, policy, estate, file);
    }

    private static StoreSettings? ReadStore(SettingsSection store, string data, Dictionary<string, Connection> connections)
    {
        var provider = store.Choice<StoreProvider>("Provider", StoreProvider.Sqlite);
        var text = store.Text("ConnectionString", provider == StoreProvider.Sqlite ? $"Data Source={Path.Combine(data, "opsconsole.db")}" : null);
        var beside = store.Texts("AllowBeside").Where(t => store.Run.IsDatabase(t.Text, t.Path)).Select(t => t.Text).ToList();
        var path = store.PathOf("ConnectionString");
        var connection = text.Length == 0 ? null : provider == StoreProvider.Sqlite ? Connection.Sqlite(text, path, store.Run) : Connection.PostgreSql(text, path, store.Run);
        if (connection is null)
        {
            return null;
        }
        foreach (var (name, managed) in connections)
        {
            if (connection.SameDatabase(managed))
            {
                store.Fault("ConnectionString", $"The store is in the database {name}, which a rollback would put back together with the store.", "Give the store a database of its own.");
            }
            else if (connection.SameServer(managed) && !beside.Contains(name))
            {
                store.Fault("ConnectionString", $"The store is on the server of the database {name}, and would be lost with it.",
                    $"Put the store on another server, or add \"{name}\" to Store:AllowBeside.");
            }
        }
        return new(provider, connection.Text, beside);
    }

    private static WebSettings ReadWeb(SettingsSection web)
    {
        Uri? url = null;
        if (web.OptionalText("PublicUrl") is { } text
            && (!Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out url) || url.Scheme is not ("http" or "https")))
        {
            web.Fault("PublicUrl", $"'{text}' is not an address of the web.", "Write it as https://ops.example.org/.");
        }
        var pathBase = web.Text("PathBase", "/");
        if (!pathBase.StartsWith('/') || (pathBase.Length > 1 && pathBase.EndsWith('/')))
        {
            web.Fault("PathBase", $"'{pathBase}' is not a path.", "Begin it with a slash and do not end it with one, such as /ops, or write / alone.");
        }
        return new(url, pathBase, Addresses(web, "KnownProxies"));
    }

    /// <summary>Addresses and networks.</summary>
    internal static IReadOnlyList<string> Addresses(SettingsSection section, string key)
    {
        var all = section.Texts(key);
        foreach (var (text, path) in all.Where(t => !IPAddress.TryParse(t.Text, out _) && !IPNetwork.TryParse(t.Text, out _)))
        {
            section.Run.Fault(path, $"'{text}' is neither an address nor a network.", "Write it as 10.0.0.7 or 10.0.0.0/8.");
        }
        return [.. all.Select(t => t.Text)];
    }

    private static PolicySettings ReadPolicy(SettingsSection policy)
    {
        var standard = PolicySettings.Default;
        var rehearsal = policy.Flag("RequireRehearsal", standard.RequireRehearsal);
        if (rehearsal)
        {
            policy.Fault("RequireRehearsal", "is true, but this version has no rehearsal yet, and no window could ever be approved.", "Set it to false or leave it out.");
        }
        return new(rehearsal, policy.Flag("RequireSecondPerson", standard.RequireSecondPerson), policy.Flag("FinalizeBySecondPerson", standard.FinalizeBySecondPerson),
            policy.Whole("StepUpMinutes", standard.StepUpMinutes, 1, 60),
            policy.Section("Drain", s => new DrainSettings(s.Whole("Seconds", standard.Drain.Seconds, 0, 3600), s.Choice<DrainThen>("Then", standard.Drain.Then))) ?? standard.Drain,
            policy.Whole("KeepCheckpointHours", standard.KeepCheckpointHours, 1, 8760), policy.Whole("KeepPayloadDays", standard.KeepPayloadDays, 1, 36500));
    }
}
