using Microsoft.Extensions.Time.Testing;
using OpsConsole.Domain.Versions;
using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly SettingsText text = new();

    public void Dispose() => text.Dispose();

    private ConsoleSettings Good(params (string, string)[] environment)
    {
        var (settings, faults) = text.Read(SettingsText.Good, environment);
        Assert.Empty(faults);
        return settings!;
    }

    [Fact]
    public void Paths_are_absolute_after_reading()
    {
        var settings = Good();

        Assert.Equal(Path.Combine(text.Folder, "data"), settings.DataDirectory);
        Assert.Equal(Path.Combine(text.Folder, "releases", "members"), settings.Estate.Database("members")!.ReleasePath);
        Assert.Contains(Path.Combine(text.Folder, "forum.db"), settings.Estate.Database("forum")!.ConnectionString, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(text.Folder, "data", "store.db"), settings.Store.ConnectionString, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(text.Folder, "data", "checkpoints", "forum"), settings.Estate.Database("forum")!.ToEngine(settings, "n").CheckpointDirectory);
    }

    [Fact]
    public void Order_and_case_of_the_file_are_kept()
    {
        var estate = Good().Estate;

        Assert.Equal(["members", "forum"], estate.Databases.Select(d => d.Name));
        Assert.Equal(["forum", "members"], estate.Sites.Select(s => s.Name));
        Assert.Equal(["zebra", "amount"], estate.Kind("deposit")!.Fields.Select(f => f.Name));
    }

    [Fact]
    public void Everything_arrives_typed()
    {
        var settings = Good();
        var kind = settings.Estate.Kind("deposit")!;

        Assert.Equal(new Uri("https://ops.example.org/"), settings.Web.PublicUrl);
        Assert.Equal(new DrainSettings(20, DrainThen.Ask), settings.Policy.Drain);
        Assert.False(settings.Policy.RequireRehearsal);
        Assert.True(settings.Policy.RequireSecondPerson);
        Assert.Equal("forum >=7 needs members >=5", Assert.Single(settings.Estate.Contracts).ToString());
        Assert.Equal([2, 1], kind.Legs.Select(l => l.Rows));
        Assert.Equal((0.01m, 100m), (kind.Fields[1].Min, kind.Fields[1].Max));
        Assert.True(kind.ToKind().IsAboveLimit(new Dictionary<string, object?> { ["amount"] = 51m, ["amount_currency"] = "EUR" }));
        Assert.False(kind.ToKind().IsAboveLimit(new Dictionary<string, object?> { ["amount"] = 50m, ["amount_currency"] = "EUR" }));
        Assert.Equal(["zebra"], kind.ToKind().OrderKeys);
        Assert.IsType<UnchangedCheck>(settings.Estate.Checks[2]);
    }

    [Theory]
    [InlineData("4", "select 'old'")]
    [InlineData("5", "select 'new'")]
    [InlineData(null, "select 'old'")]
    public void Sql_follows_the_version(string? version, string sql) =>
        Assert.Equal(sql, Assert.IsType<NoRowsCheck>(Good().Estate.Checks[0]).Query.Sql.For(version));

    [Fact]
    public void A_version_for_which_nothing_was_written_has_no_sql() =>
        Assert.Null(new VersionedSql([new(VersionRange.Parse(">=5"), "select 1")]).For("4"));

    [Fact]
    public void Due_times_follow_the_time_zone()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 27, 12, 0, 0, TimeSpan.Zero));
        var due = Good().Estate.Schedule("interest")!.DueBetween(clock.GetUtcNow(), clock.GetUtcNow().AddDays(3)).ToList();

        // Summer time begins on the 29th.
        Assert.Equal(["27 23:00", "28 23:00", "29 22:00"], due.Select(d => d.ToString("dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_environment_overrides_texts_numbers_flags_and_places_of_lists()
    {
        var settings = Good(
            ("OpsConsole__Policy__StepUpMinutes", "9"), ("OPSCONSOLE__POLICY__REQUIRESECONDPERSON", "false"), ("OpsConsole__DataDirectory", "elsewhere"),
            ("OpsConsole__Estate__Sites__forum__Databases__1", "forum"), ("OpsConsole__Estate__Databases__members__SiteRoles", "[\"a\", \"b\"]"),
            ("OpsConsole__Store__AllowBeside__0", "members"), ("UNRELATED", "x"));

        Assert.Equal(9, settings.Policy.StepUpMinutes);
        Assert.False(settings.Policy.RequireSecondPerson);
        Assert.Equal(Path.Combine(text.Folder, "elsewhere"), settings.DataDirectory);
        Assert.Equal(["forum"], settings.Estate.Site("forum")!.Databases);
        Assert.Equal(["a", "b"], settings.Estate.Database("members")!.SiteRoles);
        Assert.Equal(["members"], settings.Store.AllowBeside);
    }

    [Theory]
    [InlineData("OpsConsole__Store__Povider", "x", "OpsConsole:Store:Povider")]
    [InlineData("OpsConsole__Policy__StepUpMinutes", "many", "OpsConsole:Policy:StepUpMinutes")]
    [InlineData("OpsConsole__Policy__StepUpMinutes__Deep", "1", "OpsConsole:Policy:StepUpMinutes:Deep")]
    [InlineData("OpsConsole__Estate__Sites__forum__Databases__9", "forum", "OpsConsole:Estate:Sites:forum:Databases:9")]
    public void A_wrong_environment_is_a_fault_too(string name, string value, string path) =>
        Assert.Equal(path, Assert.Single(text.Read(SettingsText.Good, (name, value)).Faults).Path);

    [Fact]
    public void A_store_on_a_server_of_the_group_is_allowed_by_name()
    {
        var (settings, faults) = text.Read(SettingsText.With(("\"Sqlite\", \"ConnectionString\": \"Data Source=data/store.db\"",
            "\"PostgreSql\", \"ConnectionString\": \"Host=db1;Database=own\", \"AllowBeside\": [\"members\"]")));

        Assert.Empty(faults);
        Assert.Equal(StoreProvider.PostgreSql, settings!.Store.Provider);
    }

    [Fact]
    public void No_secret_is_in_the_text_of_the_settings()
    {
        var settings = Good();

        Assert.DoesNotContain("s3cr3t-word", settings.ToString() + settings.Estate.Databases[0], StringComparison.Ordinal);
        Assert.Contains("host=db1", settings.Estate.Databases[0].ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("login with *** failed", Masked.Within("login with s3cr3t-word failed", settings.Estate.Databases[0].ConnectionString));
        Assert.Equal("***", Masked.ConnectionString("no pairs but s3cr3t-word"));
    }

    [Theory]
    [InlineData("select @a, @b_1 + @a", "a,b_1")]
    [InlineData("select '@x''@y', \"@z\", $$@p$$, $t$ @q $$ $t$, @r", "r")]
    [InlineData("select 1 -- @x\n, @y /* @z /* @w */ @v */ + @u", "y,u")]
    [InlineData("select E'\\'@x', @y, a @> b, c <@d, @@version, 'open @n", "y")]
    [InlineData("select e'it''s' || @a, $1, price$ || @b", "a,b")]
    public void Parameters_are_found_outside_quotes_and_comments(string sql, string names) => Assert.Equal(names, string.Join(',', SqlParameters.In(sql)));
}
