using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

public sealed class SettingsSampleTests
{
    private static string Sample
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "OpsConsole.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
            }
            return Path.Combine(folder.FullName, "appsettings.sample.json");
        }
    }

    [Fact]
    public void The_sample_reads_without_faults()
    {
        var (settings, faults) = SettingsReader.Read(Sample, SettingsText.NoEnvironment);

        Assert.Empty(faults);
        Assert.Equal(2, settings!.Estate.Databases.Count);
    }

    [Fact]
    public void The_sample_shows_every_key_that_the_code_knows()
    {
        var asked = new HashSet<string>();
        SettingsReader.Read(Sample, SettingsText.NoEnvironment, asked);
        var shown = new HashSet<string>();
        Collect(ConfigNode.Parse(File.ReadAllText(Sample)), "", shown);

        // A list of fields names its fields inside, a map outside; what else a field can have is shown once.
        var missing = asked.Where(a => !shown.Contains(a) && !shown.Contains(a.Replace("Fields[]", "Fields:*", StringComparison.Ordinal)));

        Assert.NotEmpty(asked);
        Assert.Empty(missing);
    }

    [Fact]
    public void The_sample_gives_every_property_of_the_records_a_value_from_the_file()
    {
        var (settings, _) = SettingsReader.Read(Sample, SettingsText.NoEnvironment);

        Assert.NotNull(settings!.Web.PublicUrl);
        Assert.NotNull(settings.Estate.Site("shop")!.Sessions!.EndSql);
        Assert.Equal(4, settings.Estate.Checks.Select(c => c.GetType()).Distinct().Count());
        Assert.All(
            new[] { settings.Estate.Contracts.Count, settings.Estate.Tasks.Count, settings.Estate.TransactionKinds.Count, settings.Estate.Pending.Count, settings.Estate.Schedules.Count },
            count => Assert.NotEqual(0, count));
    }

    private static void Collect(ConfigNode node, string path, HashSet<string> shown)
    {
        string[] maps = [":Databases", ":Sites", ":Checks", ":TransactionKinds", ":Fields", ":Evidence", ":Schedules"];
        var names = maps.Any(m => path.EndsWith(m, StringComparison.Ordinal));
        foreach (var (key, child) in node.Members)
        {
            var at = names ? $"{path}:*" : path.Length == 0 ? key : $"{path}:{key}";
            shown.Add(at);
            Collect(child, at, shown);
            // "account": "Integer" is the short form of a field's type.
            if (names && path.EndsWith(":Fields", StringComparison.Ordinal) && child.Kind == NodeKind.Text)
            {
                shown.Add($"{at}:Type");
            }
        }
        foreach (var item in node.Items)
        {
            Collect(item, $"{path}[]", shown);
        }
    }
}
