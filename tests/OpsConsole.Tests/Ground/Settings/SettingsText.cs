using OpsConsole.Ground.Settings;
using Xunit;

namespace OpsConsole.Tests.Ground.Settings;

/// <summary>A configuration without faults, to be broken one way at a time, in a folder of its own.</summary>
internal sealed class SettingsText : IDisposable
{
    public const string Good = """
        // a comment
        { "OpsConsole": {
          "Store": { "Provider": "Sqlite", "ConnectionString": "Data Source=data/store.db" },
          "Web": { "PublicUrl": "https://ops.example.org", "PathBase": "/ops", "KnownProxies": ["10.0.0.0/8"] },
          "Policy": { "RequireRehearsal": false, "StepUpMinutes": 5, "Drain": { "Seconds": 20, "Then": "Ask" } },
          "Estate": {
            "Name": "Market",
            "Databases": {
              "members": { "Engine": "PostgreSql", "ConnectionString": "Host=db1;Database=members;Username=ops;Password=s3cr3t-word", "SiteRoles": ["members_app"], "Close": "Connect",
                           "Releases": { "Path": "releases/members", "Layout": "Auto" }, "Checkpoint": { "Method": "Template" } },
              "forum": { "Engine": "Sqlite", "ConnectionString": "Data Source=forum.db" },
            },
            "Sites": {
              "forum": { "Databases": ["forum", "members"], "LeaseSeconds": 15, "Staff": { "Addresses": ["10.0.0.7"] } },
              "members": { "Databases": ["members"], "Sessions": { "Database": "members", "Sql": "select id from s", "EndSql": "delete from s where id = @id" } } },
            "Contracts": [ { "Database": "forum", "Versions": ">=7", "Requires": { "members": ">=5" } } ],
            "Checks": {
              "balance": { "Database": "members", "Sql": { "<5": "select 'old'", ">=5": "select 'new'" }, "When": "After" },
              "authors": { "Subset": { "Of": { "Database": "forum", "Sql": "select 1" }, "In": { "Database": "members", "Sql": "select 1" } } },
              "money": { "Equal": { "Before": { "Database": "members", "Sql": "select sum(b) from a" } } } },
            "Tasks": [ { "Title": "Deploy", "After": "release", "Who": "Operator" } ],
            "TransactionKinds": {
              "deposit": {
                "Fields": { "zebra": "Integer", "amount": { "Type": "Money", "Currencies": ["EUR"], "Min": "0.01", "Max": 100 } },
                "OrderKey": "zebra", "SecondPersonAbove": 50,
                "Legs": [ { "Database": "members", "Sql": "update a set b = b + @amount where id = @zebra -- not @this", "Rows": 2 },
                          { "Database": "members", "Sql": "insert into l values (@amount_currency, @key, @id, @site, @started_at, '@that')" } ],
                "Evidence": { "Balance": { "Database": "members", "Sql": "select b from a where id = @zebra" } } } },
            "Pending": [ { "Kind": "deposit", "Database": "members", "Sql": "select 1", "DoneSql": "update w set s = @status where k = @key" } ],
            "Schedules": { "interest": { "Database": "members", "Cron": "0 0 * * *", "TimeZone": "Europe/Berlin", "Sql": "select f(@due)" } }
        } } }
        """;

    public static IReadOnlyDictionary<string, string> NoEnvironment { get; } = new Dictionary<string, string>();

    public string Folder { get; } = Directory.CreateTempSubdirectory("settings").FullName;

    public (ConsoleSettings? Settings, IReadOnlyList<SettingsFault> Faults) Read(string text, params (string Name, string Value)[] environment)
    {
        var file = Path.Combine(Folder, "console.json");
        File.WriteAllText(file, text);
        return SettingsReader.Read(file, environment.ToDictionary(e => e.Name, e => e.Value));
    }

    /// <summary>The good text with changes; a change that finds nothing to change would make its test say nothing.</summary>
    public static string With(params (string Old, string New)[] changes) => changes.Aggregate(Good, (text, change) =>
    {
        Assert.Contains(change.Old, text, StringComparison.Ordinal);
        var at = text.IndexOf(change.Old, StringComparison.Ordinal);
        return text[..at] + change.New + text[(at + change.Old.Length)..];
    });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
