using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

public sealed class SettingsFaultTests : IDisposable
{
    private readonly SettingsText text = new();

    public void Dispose() => text.Dispose();

    // What is changed, into what, the key of the only fault, and words of what it says.
    public static TheoryData<string, string, string, string> Faults { get; } = new()
    {
        { "\"StepUpMinutes\"", "\"StepUpMinuts\"", "Policy:StepUpMinuts", "Did you mean StepUpMinutes?" },
        { "\"Policy\"", "\"Quux\"", "Quux", "Known here: DataDirectory" },
        { "\"StepUpMinutes\": 5", "\"StepUpMinutes\": \"5\"", "Policy:StepUpMinutes", "is a text, not a whole number" },
        { "\"StepUpMinutes\": 5", "\"StepUpMinutes\": 0", "Policy:StepUpMinutes", "from 1 to 60" },
        { "\"StepUpMinutes\": 5", "\"StepUpMinutes\": 1.5", "Policy:StepUpMinutes", "whole number" },
        { "\"RequireRehearsal\": false", "\"RequireRehearsal\": true", "Policy:RequireRehearsal", "no rehearsal yet" },
        { "\"RequireRehearsal\": false", "\"RequireRehearsal\": 1", "Policy:RequireRehearsal", "not true or false" },
        { "\"Seconds\": 20", "\"Seconds\": 99999", "Policy:Drain:Seconds", "outside its limits" },
        { "\"Then\": \"Ask\"", "\"Then\": \"As\"", "Policy:Drain:Then", "Did you mean Ask?" },
        { "https://ops.example.org", "ops.example.org", "Web:PublicUrl", "not an address" },
        { "\"/ops\"", "\"ops/\"", "Web:PathBase", "not a path" },
        { "10.0.0.0/8", "10.0.0.0/99", "Web:KnownProxies[0]", "neither an address nor a network" },
        { "\"Data Source=data/store.db\"", "\"Data Source=forum.db\"", "Store:ConnectionString", "in the database forum" },
        { "\"Sqlite\", \"ConnectionString\": \"Data Source=data/store.db\"", "\"PostgreSql\", \"ConnectionString\": \"Host=DB1;Database=own\"", "Store:ConnectionString", "on the server of the database members" },
        { "\"Sqlite\", \"ConnectionString\": \"Data Source=data/store.db\"", "\"PostgreSql\", \"ConnectionString\": \"Host=db2,db1;Database=members\", \"AllowBeside\": [\"members\"]", "Store:ConnectionString", "in the database members" },
        { "\"Data Source=data/store.db\"", "\"Data Source=data/store.db\", \"AllowBeside\": [\"member\"]", "Store:AllowBeside[0]", "Did you mean members?" },
        { "\"Data Source=data/store.db\"", "\"Data Source=:memory:\"", "Store:ConnectionString", "in memory" },
        { "\"Name\": \"Market\",", "", "Estate:Name", "is missing" },
        { "\"Name\": \"Market\"", "\"Name\": 7", "Estate:Name", "is a number, not a text" },
        { "\"Name\": \"Market\"", "\"Name\": \"Mar/ket\"", "Estate:Name", "not allowed" },
        { "\"Engine\": \"PostgreSql\", ", "", "Estate:Databases:members:Engine", "is missing" },
        { "\"Engine\": \"PostgreSql\"", "\"Engine\": \"MariaDb\"", "Estate:Databases:members:Engine", "MariaDb, which is not there yet" },
        { "\"Engine\": \"PostgreSql\"", "\"Engine\": \"Oracle\"", "Estate:Databases:members:Engine", "'Oracle', which is not known" },
        { "Host=db1;", "", "Estate:Databases:members:ConnectionString", "names no host" },
        { "Database=members;", "", "Estate:Databases:members:ConnectionString", "names no database" },
        { "Host=db1;", "Host=db1;Port=many;", "Estate:Databases:members:ConnectionString", "no number" },
        { "Host=db1;Database=members;Username=ops;Password=s3cr3t-word", "s3cr3t-word", "Estate:Databases:members:ConnectionString", "not a connection string" },
        { "Data Source=forum.db", "Mode=ReadWrite", "Estate:Databases:forum:ConnectionString", "names no file" },
        { "\"SiteRoles\": [\"members_app\"], ", "", "Estate:Databases:members:SiteRoles", "nobody could be shut out" },
        { "\"SiteRoles\": [\"members_app\"]", "\"SiteRoles\": \"members_app\"", "Estate:Databases:members:SiteRoles", "not a list" },
        { "\"members_app\"", "\"ops\"", "Estate:Databases:members:SiteRoles[0]", "shut itself out" },
        { "\"Data Source=forum.db\"", "\"Data Source=forum.db\", \"SiteRoles\": [\"x\"]", "Estate:Databases:forum:SiteRoles", "no roles" },
        { "\"Data Source=forum.db\" }", "\"Data Source=forum.db\" }, \"twin\": { \"Engine\": \"Sqlite\", \"ConnectionString\": \"Data Source=./x/../forum.db\" }", "Estate:Databases:twin:ConnectionString", "same file as that of forum" },
        { "\"Data Source=forum.db\" }", "\"Data Source=forum.db\" }, \"Forum\": { \"Engine\": \"Sqlite\", \"ConnectionString\": \"Data Source=other.db\" }", "Estate:Databases:Forum", "differ in case only" },
        { "\"Data Source=forum.db\" }", "\"Data Source=forum.db\" }, \"..\": { \"Engine\": \"Sqlite\", \"ConnectionString\": \"Data Source=other.db\" }", "Estate:Databases:..", "not allowed" },
        { "\"Layout\": \"Auto\"", "\"Layout\": \"Flyway\"", "Estate:Databases:members:Releases:Layout", "Flyway, which is not there yet" },
        { "\"Path\": \"releases/members\", ", "", "Estate:Databases:members:Releases:Path", "is missing" },
        { "\"Template\"", "\"Dump\"", "Estate:Databases:members:Checkpoint:Method", "Dump, which is not there yet" },
        { "\"Template\"", "\"Backup\"", "Estate:Databases:members:Checkpoint:Method", "not a method of PostgreSql" },
        { "[\"forum\", \"members\"]", "[\"forum\", \"member\"]", "Estate:Sites:forum:Databases[1]", "There is no database 'member'. Did you mean members?" },
        { "[\"forum\", \"members\"]", "[]", "Estate:Sites:forum:Databases", "is empty" },
        { "\"LeaseSeconds\": 15", "\"LeaseSeconds\": 1", "Estate:Sites:forum:LeaseSeconds", "from 5 to 300" },
        { "\"10.0.0.7\"", "\"here\"", "Estate:Sites:forum:Staff:Addresses[0]", "neither an address" },
        { "where id = @id\"", "where id = @ids\"", "Estate:Sites:members:Sessions:EndSql", "Did you mean @id?" },
        { "{ \"Database\": \"forum\", \"Versions\"", "{ \"Database\": \"Forum\", \"Versions\"", "Estate:Contracts[0]:Database", "There is no database 'Forum'" },
        { "\">=7\"", "\">=\"", "Estate:Contracts[0]:Versions", "missing after" },
        { "{ \"members\": \">=5\" }", "{ \"elsewhere\": \">=5\" }", "Estate:Contracts[0]:Requires:elsewhere", "There is no database" },
        { "{ \"members\": \">=5\" }", "{ \"members\": \">=5 |\" }", "Estate:Contracts[0]:Requires:members", "not understood" },
        { "{ \"members\": \">=5\" }", "{ \"forum\": \">=5\" }", "Estate:Contracts[0]:Requires:forum", "bound to itself" },
        { "{ \"members\": \">=5\" }", "{}", "Estate:Contracts[0]:Requires", "missing or empty" },
        { "\"balance\": { \"Database\": \"members\"", "\"balance\": { \"Database\": \"nowhere\"", "Estate:Checks:balance:Database", "There is no database" },
        { "\"<5\"", "\"<five!\"", "Estate:Checks:balance:Sql:<five!", "not understood" },
        { "\"select 'old'\"", "\"select @old\"", "Estate:Checks:balance:Sql:<5", "takes no parameters" },
        { "\"select 'old'\"", "\" \"", "Estate:Checks:balance:Sql:<5", "is empty" },
        { "{ \"Subset\":", "{ \"Database\": \"forum\", \"Sql\": \"select 1\", \"Subset\":", "Estate:Checks:authors", "more than one form" },
        { "\"Before\":", "\"Of\":", "Estate:Checks:money:Equal", "which two results" },
        { "\"After\": \"release\"", "\"After\": \"releases\"", "Estate:Tasks[0]:After", "Did you mean release?" },
        { "\"Who\": \"Operator\"", "\"Who\": \"Boss\"", "Estate:Tasks[0]:Who", "There is no role 'Boss'" },
        { "\"zebra\": \"Integer\"", "\"zebra\": \"Int\"", "Estate:TransactionKinds:deposit:Fields:zebra:Type", "'Int', which is not known" },
        { "\"Currencies\": [\"EUR\"]", "\"Currencies\": [\"EUR\", \"euro\"]", "Estate:TransactionKinds:deposit:Fields:amount:Currencies[1]", "no currency" },
        { "\"Max\": 100", "\"Max\": 0", "Estate:TransactionKinds:deposit:Fields:amount:Max", "below the smallest" },
        { "\"Max\": 100", "\"Max\": \"lots\"", "Estate:TransactionKinds:deposit:Fields:amount:Max", "not an amount" },
        { "\"zebra\": \"Integer\"", "\"zebra\": { \"Type\": \"Integer\", \"Currencies\": [\"EUR\"] }", "Estate:TransactionKinds:deposit:Fields:zebra:Currencies", "means nothing" },
        { "\"zebra\": \"Integer\"", "\"zebra\": { \"Type\": \"Uuid\", \"Min\": 1 }", "Estate:TransactionKinds:deposit:Fields:zebra:Min", "means nothing" },
        { "\"SecondPersonAbove\": 50", "\"SecondPersonAbove\": {}", "Estate:TransactionKinds:deposit:SecondPersonAbove", "names no limit" },
        { "\"Fields\": { \"zebra\": \"Integer\",", "\"Fields\": { \"zebra\": 7,", "Estate:TransactionKinds:deposit:Fields:zebra", "is a number, not a section" },
        { "\"zebra\": \"Integer\"", "\"zebra\": \"Integer\", \"key\": \"Text\"", "Estate:TransactionKinds:deposit:Fields:key", "taken already" },
        { "\"zebra\": \"Integer\"", "\"zebra\": \"Integer\", \"amount_currency\": \"Text\"", "Estate:TransactionKinds:deposit:Fields:amount", "@amount_currency is taken already" },
        { "\"zebra\": \"Integer\"", "\"zebra\": \"Integer\", \"a b\": \"Text\"", "Estate:TransactionKinds:deposit:Fields:a b", "cannot be a parameter" },
        { "\"OrderKey\": \"zebra\"", "\"OrderKey\": [\"zebra\", \"zero\"]", "Estate:TransactionKinds:deposit:OrderKey[1]", "There is no field 'zero'" },
        { "\"SecondPersonAbove\": 50", "\"SecondPersonAbove\": { \"USD\": 50 }", "Estate:TransactionKinds:deposit:SecondPersonAbove:USD", "no currency of this kind" },
        { "b + @amount ", "b + @amout ", "Estate:TransactionKinds:deposit:Legs[0]:Sql", "Did you mean @amount?" },
        { "\"Rows\": 2", "\"Rows\": -1", "Estate:TransactionKinds:deposit:Legs[0]:Rows", "outside its limits" },
        { "\"members\", \"Sql\": \"insert", "\"forum\", \"Sql\": \"insert", "Estate:TransactionKinds:deposit:Legs", "over several databases is not there yet" },
        { "\"members\", \"Sql\": \"insert", "\"mambers\", \"Sql\": \"insert", "Estate:TransactionKinds:deposit:Legs[1]:Database", "Did you mean members?" },
        { "\"Balance\": { \"Database\": \"members\"", "\"Balance\": { \"Database\": \"m\"", "Estate:TransactionKinds:deposit:Evidence:Balance:Database", "There is no database 'm'" },
        { "\"Kind\": \"deposit\"", "\"Kind\": \"depositt\"", "Estate:Pending[0]:Kind", "Did you mean deposit?" },
        { "\"deposit\", \"Database\": \"members\"", "\"deposit\", \"Database\": \"forum\"", "Estate:Pending[0]:Database", "one transaction with the legs" },
        { ", \"DoneSql\": \"update w set s = @status where k = @key\"", "", "Estate:Pending[0]:DoneSql", "is missing" },
        { "where k = @key\" } ]", "where k = @key\" }, { \"Kind\": \"deposit\", \"Database\": \"members\", \"Sql\": \"select 1\", \"DoneSql\": \"update w set s = @status\" } ]", "Estate:Pending", "names deposit 2 times" },
        { "s = @status", "s = @statu", "Estate:Pending[0]:DoneSql", "Did you mean @status?" },
        { "\"interest\": { \"Database\": \"members\"", "\"interest\": { \"Database\": \"x\"", "Estate:Schedules:interest:Database", "There is no database 'x'" },
        { "\"0 0 * * *\"", "\"0 25 * * *\"", "Estate:Schedules:interest:Cron", "no cron expression" },
        { "Europe/Berlin", "Europe/Nowhere", "Estate:Schedules:interest:TimeZone", "no time zone" },
        { "f(@due)", "f(@key)", "Estate:Schedules:interest:Sql", "@key, which does not exist" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void One_wrong_thing_is_one_fault_with_its_key(string old, string @new, string key, string words)
    {
        var (settings, faults) = text.Read(SettingsText.With((old, @new)));

        var fault = Assert.Single(faults);
        Assert.Equal("OpsConsole:" + key, fault.Path);
        Assert.Contains(words, fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t-word", fault.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(fault.Remedy);
        Assert.Null(settings);
    }

    [Fact]
    public void Eight_faults_come_in_one_go()
    {
        var (_, faults) = text.Read(SettingsText.With(
            ("\"StepUpMinutes\"", "\"StepUp\""), ("\"RequireRehearsal\": false", "\"RequireRehearsal\": true"), ("\"Template\"", "\"Command\""),
            ("[\"forum\", \"members\"]", "[\"forum\", \"mebers\"]"), ("\">=7\"", "\"~7\""), ("@zebra ", "@zebr "), ("\"0 0 * * *\"", "\"daily\""), ("\"Title\": \"Deploy\", ", "")));

        Assert.Equal(
            ["Contracts[0]:Versions", "Databases:members:Checkpoint:Method", "Policy:RequireRehearsal", "Policy:StepUp", "Schedules:interest:Cron",
                "Sites:forum:Databases[1]", "Tasks[0]:Title", "TransactionKinds:deposit:Legs[0]:Sql"],
            faults.Select(f => f.Path.Replace("OpsConsole:", "", StringComparison.Ordinal).Replace("Estate:", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{ \"OpsConsole\": { \"Store\": { \"ConnectionString\": \"Password=s3cr3t-word\" ] } }", "no JSON from line 1")]
    [InlineData("{ \"Other\": {} }", "section is missing")]
    [InlineData("{ \"OpsConsole\": [] }", "is a list, not a section")]
    [InlineData("[]", "section is missing")]
    public void A_file_that_is_something_else_is_one_fault_without_its_content(string content, string words)
    {
        var fault = Assert.Single(text.Read(content).Faults);

        Assert.Contains(words, fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t-word", fault.ToString(), StringComparison.Ordinal);
    }
}
