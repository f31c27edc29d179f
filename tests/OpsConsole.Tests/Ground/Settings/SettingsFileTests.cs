using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("settings").FullName;
    private static readonly Dictionary<string, string> ByEnvironment = new() { ["OPSCONSOLE_CONFIG"] = "b.json" };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Put(string name, string text = "{ \"OpsConsole\": {} }")
    {
        File.WriteAllText(Path.Combine(folder, name), text);
        return Path.Combine(folder, name);
    }

    [Fact]
    public void The_first_given_file_wins()
    {
        var (a, b, usual) = (Put("a.json"), Put("b.json"), Put("appsettings.json"));

        Assert.Equal(a, SettingsFile.Find(["--config", "a.json"], ByEnvironment, folder).File);
        Assert.Equal(a, SettingsFile.Find(["--urls=x", "--config=" + a], ByEnvironment, folder).File);
        Assert.Equal(b, SettingsFile.Find(["--urls=x"], ByEnvironment, folder).File);
        Assert.Equal(usual, SettingsFile.Find([], SettingsText.NoEnvironment, folder).File);
    }

    [Theory]
    [InlineData("{ \"Logging\": {} }")]
    [InlineData(null)]
    public void Without_a_word_of_the_console_it_is_the_sample(string? appsettings)
    {
        if (appsettings is not null)
        {
            Put("appsettings.json", appsettings);
        }

        Assert.Equal(new SettingsFile.Choice(null), SettingsFile.Find([], SettingsText.NoEnvironment, folder));
    }

    [Fact]
    public void A_broken_file_for_the_console_is_not_passed_over() =>
        Assert.Equal(Put("appsettings.json", "{ \"OpsConsole\": { "), SettingsFile.Find([], SettingsText.NoEnvironment, folder).File);

    [Fact]
    public void A_named_file_that_is_missing_is_a_fault()
    {
        Assert.Contains("does not exist", SettingsFile.Find(["--config", "none.json"], SettingsText.NoEnvironment, folder).Fault!.What, StringComparison.Ordinal);
        Assert.Equal("OPSCONSOLE_CONFIG", SettingsFile.Find([], ByEnvironment, folder).Fault!.Path);
        Assert.NotNull(SettingsFile.Find(["--config"], SettingsText.NoEnvironment, folder).Fault);
        Assert.Contains("cannot be read", Assert.Single(SettingsReader.Read(Path.Combine(folder, "none.json"), SettingsText.NoEnvironment).Faults).What, StringComparison.Ordinal);
    }
}
