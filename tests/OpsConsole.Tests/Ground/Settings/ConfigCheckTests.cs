using System.Reflection;
using OpsConsole.Engines;
using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

public sealed class ConfigCheckTests : IDisposable
{
    private readonly SettingsText text = new();

    public void Dispose() => text.Dispose();

    /// <summary>A database of which only what the check asks for answers.</summary>
    public class Answering : DispatchProxy
    {
        private readonly Dictionary<string, Func<object>> answers = [];

        public static IManagedDatabase Named(string name, params (string Method, Func<object> Answer)[] answers)
        {
            var proxy = Create<IManagedDatabase, Answering>();
            var self = (Answering)(object)proxy;
            self.answers["get_Name"] = () => name;
            self.answers["ReadHistory"] = () => Task.FromResult(new SchemaHistory("plain", "5", [], Lamp.No, Lamp.No));
            self.answers["Query"] = () => Task.FromResult(new ResultRows(["id"], [], false));
            foreach (var (method, answer) in answers)
            {
                self.answers[method] = answer;
            }
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answers[targetMethod!.Name]();
    }

    private static readonly Func<object> Looks = () => Task.FromResult(new DatabaseFacts("17", 1, true, 0, 0, null, 0));

    private static (string, Func<object>) Roles(params string[] names) => ("Query", () => Task.FromResult(
        new ResultRows(["rolname", "rolsuper", "id"], [.. names.Select(n => (IReadOnlyList<string?>)[n, n == "root" ? "true" : "false", null])], false)));

    private static (string, Func<object>) Folder(params ReleaseFinding[] findings) => ("ReadReleases", () => Task.FromResult(
        new ReleaseFolder(ReleaseLayout.Plain, "h", [], findings)));

    private async Task<(IReadOnlyList<SettingsFault> Faults, string Printed)> Check(IManagedDatabase members, bool folder = true, string role = "members_app")
    {
        if (folder)
        {
            Directory.CreateDirectory(Path.Combine(text.Folder, "releases", "members"));
        }
        var data = Directory.CreateDirectory(Path.Combine(text.Folder, "data")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var (settings, _) = text.Read(SettingsText.With(("[\"members_app\"]", $"[\"{role}\"]")));
        using var output = new StringWriter();
        var faults = await ConfigCheck.Run(settings!, [members, Answering.Named("forum", ("Look", Looks))], output, TestContext.Current.CancellationToken);
        return (faults, output.ToString());
    }

    [Fact]
    public async Task A_world_that_fits_the_settings_has_no_faults()
    {
        var (faults, printed) = await Check(Answering.Named("members", ("Look", Looks), Roles("members_app"), Folder()));

        Assert.Empty(faults);
        Assert.Empty(printed);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_named_without_its_password()
    {
        var (faults, printed) = await Check(Answering.Named("members", ("Look", () => Task.FromException<DatabaseFacts>(new EngineFault("no entry for s3cr3t-word")))));

        Assert.Equal("OpsConsole:Estate:Databases:members:ConnectionString", Assert.Single(faults).Path);
        Assert.Contains("no entry for ***", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("members_app", "does not exist")]
    [InlineData("root", "is a superuser")]
    public async Task A_role_that_cannot_be_shut_out_is_a_fault(string role, string words)
    {
        var (faults, printed) = await Check(Answering.Named("members", ("Look", Looks), Roles("root", "members"), Folder()), role: role);

        Assert.Equal("OpsConsole:Estate:Databases:members:SiteRoles[0]", Assert.Single(faults).Path);
        Assert.Contains(words, printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_the_database_refuses_is_found_before_the_night()
    {
        var asked = 0;
        var (faults, _) = await Check(Answering.Named("members", ("Look", Looks), Folder(), ("Query", () => asked++ == 0
            ? Task.FromResult(new ResultRows(["rolname", "rolsuper"], [["members_app", "false"]], false)) : Task.FromException<ResultRows>(new EngineFault("syntax error at selec")))));

        Assert.Contains("OpsConsole:Estate:Sites:members:Sessions:Sql", faults.Select(f => f.Path));
        Assert.Contains("OpsConsole:Estate:Checks:balance", faults.Select(f => f.Path));
        Assert.All(faults, f => Assert.Contains("syntax error at selec", f.What, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_release_folder_that_is_missing_or_broken_is_a_fault()
    {
        var missing = await Check(Answering.Named("members", ("Look", Looks), Roles("members_app")), folder: false);
        var broken = await Check(Answering.Named("members", ("Look", Looks), Roles("members_app"), Folder(new("7_x.sql", 3, "two releases have the number 7", true), new("8_x.sql", 1, "fine", false))));

        Assert.Contains("does not exist", Assert.Single(missing.Faults).What, StringComparison.Ordinal);
        Assert.Equal("7_x.sql, line 3: two releases have the number 7", Assert.Single(broken.Faults).What);
    }

    [Fact]
    public async Task A_data_folder_that_the_check_has_to_make_is_the_users_alone()
    {
        var (settings, _) = text.Read(SettingsText.Good);
        Assert.False(Directory.Exists(settings!.DataDirectory));
        var faults = await ConfigCheck.Run(settings, [], TextWriter.Null, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(faults, f => f.Path == "OpsConsole:DataDirectory");
    }

    [Fact]
    public async Task A_data_folder_that_others_can_read_is_a_fault()
    {
        var (settings, _) = text.Read(SettingsText.Good);
        var data = Directory.CreateDirectory(settings!.DataDirectory).FullName;
#pragma warning disable CA1416 // the tests run on Linux
        File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        var faults = await ConfigCheck.Run(settings, [], TextWriter.Null, TestContext.Current.CancellationToken);

        Assert.Equal(
            ["OpsConsole:DataDirectory", "OpsConsole:Estate:Databases:members", "OpsConsole:Estate:Databases:forum"], faults.Select(f => f.Path));
    }

    [Fact]
    public void Grants_name_the_login_and_the_database_and_no_password()
    {
        var estate = text.Read(SettingsText.With(("\"Close\": \"Connect\"", "\"Close\": \"NoLogin\""))).Settings!.Estate;
        var grants = ConfigGrants.For(estate.Database("members")!);

        Assert.Contains("alter role \"ops\" createdb;", grants, StringComparison.Ordinal);
        Assert.Contains("grant connect, create on database \"members\" to \"ops\" with grant option;", grants, StringComparison.Ordinal);
        Assert.Contains("grant \"members_app\" to \"ops\" with admin option;", grants, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t-word", grants, StringComparison.Ordinal);
        Assert.Contains("forum.db", ConfigGrants.For(estate.Database("forum")!), StringComparison.Ordinal);
    }
}
