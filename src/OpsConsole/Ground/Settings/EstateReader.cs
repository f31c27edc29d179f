using Cronos;
using OpsConsole.Domain.Planning;
using OpsConsole.Domain.Versions;
using OpsConsole.Engines;

namespace OpsConsole.Ground.Settings;

/// <summary>Reads the group: its databases first, since everything else names them.</summary>
internal static class EstateReader
{
    private static readonly string[] StepKinds =
        ["freeze", "drain", "closeDatabases", "checkpoint", "release", "command", "check", "review", "catchUp", "finalize", "openDatabases", "thaw"];
    private static readonly string[] Roles = ["Viewer", "Reviewer", "Operator", "Approver", "Auditor", "Admin"];

    /// <param name="connections">is given what each database's connection points at</param>
    public static EstateSettings Read(SettingsSection estate, Dictionary<string, Connection> connections)
    {
        var run = estate.Run;
        var name = estate.Text("Name");
        if (name.Length > 0)
        {
            run.CheckName(name, estate.PathOf("Name"));
        }
        run.Databases = [.. estate.Find("Databases")?.As(NodeKind.Object).Members.Select(m => m.Key) ?? []];
        var databases = estate.Named("Databases", (n, s) => ReadDatabase(n, s, connections), required: true);
        var sites = estate.Named("Sites", ReadSite);
        var contracts = estate.Listed("Contracts", ReadContract);
        var checks = estate.Named("Checks", CheckReader.Read);
        var tasks = estate.Listed("Tasks", ReadTask);
        var kinds = estate.Named("TransactionKinds", KindReader.Read);
        string[] kindNames = [.. estate.Find("TransactionKinds")?.As(NodeKind.Object).Members.Select(m => m.Key) ?? []];
        var pending = estate.Listed("Pending", s => KindReader.ReadPending(s, kinds, kindNames));
        foreach (var twice in pending.GroupBy(p => p.Kind, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            estate.Fault("Pending", $"names {twice.Key} {twice.Count()} times; what ends a row of it would not be known.", "Read the tables by one query (union all), or give each a kind of its own.");
        }
        return new(name, databases, sites, contracts, checks, tasks, kinds, pending, estate.Named("Schedules", ReadSchedule));
    }

    private static EstateDatabase ReadDatabase(string name, SettingsSection database, Dictionary<string, Connection> connections)
    {
        var run = database.Run;
        var engine = database.Choice<EngineKind>("Engine", null, "MariaDb");
        // Where the engine itself is wrong, its connection string cannot be judged.
        var known = database.OptionalEngine() is not null;
        var text = database.Text("ConnectionString");
        var path = database.PathOf("ConnectionString");
        var connection = text.Length == 0 || !known ? null : engine == EngineKind.Sqlite ? Connection.Sqlite(text, path, run) : Connection.PostgreSql(text, path, run);
        if (connection is not null)
        {
            if (connections.FirstOrDefault(c => connection.SameDatabase(c.Value)).Key is { } twin)
            {
                database.Fault("ConnectionString", connection.File is null ? $"is the same database as {twin}." : $"is the same file as that of {twin}.", "Name each database once.");
            }
            connections[name] = connection;
        }
        var admin = database.Text("AdminDatabase", "postgres");
        var close = database.Choice<CloseMethod>("Close", CloseMethod.Connect);
        var roles = database.Texts("SiteRoles");
        CheckRoles(database, known ? engine : null, roles, connection?.User);
        var releases = database.Section("Releases", s => new Releases(
            run.Absolute(s.Text("Path")), s.Choice<ReleaseLayout>("Layout", ReleaseLayout.Auto, "Flyway", "Diesel", "Goose", "Dbmate", "Command")));
        var checkpoint = database.Section("Checkpoint", s => new Checkpoint(s.Choice<CheckpointMethod>("Method", CheckpointMethod.Auto, "Dump", "Command")))?.Method ?? CheckpointMethod.Auto;
        if (known && checkpoint == (engine == EngineKind.Sqlite ? CheckpointMethod.Template : CheckpointMethod.Backup))
        {
            database.Fault("Checkpoint:Method", $"{checkpoint} is not a method of {engine}.", $"Write Auto or {(engine == EngineKind.Sqlite ? "Backup" : "Template")}.");
        }
        return new(name, engine, connection?.Text ?? text, admin, close, [.. roles.Select(r => r.Text)], releases?.Path, releases?.Layout ?? ReleaseLayout.Auto, checkpoint);
    }

    private sealed record Releases(string Path, ReleaseLayout Layout);
    private sealed record Checkpoint(CheckpointMethod Method);

    private static EngineKind? OptionalEngine(this SettingsSection database) =>
        database.Node["Engine"] is { Kind: NodeKind.Text } node && Enum.TryParse<EngineKind>(node.Text, true, out var engine) ? engine : null;

    private static void CheckRoles(SettingsSection database, EngineKind? engine, IReadOnlyList<(string Text, string Path)> roles, string? user)
    {
        if (engine == EngineKind.Sqlite && roles.Count > 0)
        {
            database.Fault("SiteRoles", "A SQLite file has no roles, so that nobody could be shut out by them.", "Leave it out; the sites are kept out by their gates.");
        }
        if (engine == EngineKind.PostgreSql && roles.Count == 0 && (database.Node["SiteRoles"] is null || database.Node["SiteRoles"] is { Kind: NodeKind.List }))
        {
            database.Fault("SiteRoles", "is missing: nobody could be shut out of this database.", "Name the roles with which the sites log in.");
        }
        foreach (var (role, path) in roles.Where(r => r.Text == user))
        {
            database.Run.Fault(path, $"The console logs in as {role} itself and would shut itself out.", "Give the console a login of its own.");
        }
    }

    private static SiteSettings ReadSite(string name, SettingsSection site)
    {
        var databases = site.Texts("Databases", required: true);
        foreach (var (text, path) in databases)
        {
            site.Run.IsDatabase(text, path);
        }
        return new(name, [.. databases.Select(d => d.Text).Distinct()], site.Whole("LeaseSeconds", 15, 5, 300), site.Whole("PostsPerSecond", 0, 0, 10_000),
            site.Section("Sessions", ReadSessions), site.Section("Staff", s => new StaffSettings([.. s.Texts("Users").Select(u => u.Text)], SettingsReader.Addresses(s, "Addresses")))
                ?? new StaffSettings([], []));
    }

    private static SiteSessions? ReadSessions(SettingsSection sessions)
    {
        var (database, sql) = (sessions.Run.Database(sessions, "Database"), sessions.Run.Sql(sessions, "Sql", []));
        var end = sessions.Run.Sql(sessions, "EndSql", ["id"], required: false);
        return sql is null ? null : new(database, sql, end);
    }

    private static Contract? ReadContract(SettingsSection contract)
    {
        var run = contract.Run;
        var database = run.Database(contract, "Database");
        var text = contract.Text("Versions");
        var versions = text.Length == 0 ? null : run.Range(text, contract.PathOf("Versions"));
        var requires = new Dictionary<string, VersionRange>();
        var path = contract.PathOf("Requires");
        if (contract.Find("Requires")?.As(NodeKind.Object) is not { Kind: NodeKind.Object, Members.Count: > 0 } map)
        {
            run.Fault(path, "is missing or empty, or not a section.", "Name at least one database and the range that it has to be in: { \"members\": \">=5\" }.");
            return null;
        }
        foreach (var (name, node) in map.Members)
        {
            run.IsDatabase(name, $"{path}:{name}");
            if (name == database)
            {
                run.Fault($"{path}:{name}", "A database cannot be bound to itself.", "Name another database.");
            }
            if (node.Kind != NodeKind.Text)
            {
                run.Fault($"{path}:{name}", $"is {SettingsSection.Words(node.Kind)}, not a range in quotes.", "Write it as \">=5\".");
            }
            else if (run.Range(node.Text, $"{path}:{name}") is { } range)
            {
                requires[name] = range;
            }
        }
        return versions is null ? null : new(database, versions, requires);
    }

    private static PlannedTask ReadTask(SettingsSection task)
    {
        var (title, after, who) = (task.Text("Title"), task.Text("After"), task.Text("Who"));
        if (after.Length > 0)
        {
            task.Run.IsOneOf(after, StepKinds, "kind of step", task.PathOf("After"));
        }
        if (who.Length > 0)
        {
            task.Run.IsOneOf(who, Roles, "role", task.PathOf("Who"));
        }
        return new(title, after, who, task.OptionalText("Undo"));
    }

    private static ScheduleSettings? ReadSchedule(string name, SettingsSection schedule)
    {
        var run = schedule.Run;
        var (database, cron, zoneName) = (run.Database(schedule, "Database"), schedule.Text("Cron"), schedule.Text("TimeZone", "UTC"));
        var sql = run.Sql(schedule, "Sql", ["due"]);
        var format = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        if (!CronExpression.TryParse(cron, format, out var expression) && cron.Length > 0)
        {
            schedule.Fault("Cron", $"'{cron}' is no cron expression.", "Write minute, hour, day, month and weekday, such as '0 0 * * *'; a sixth field in front is seconds.");
        }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone) && zoneName.Length > 0)
        {
            schedule.Fault("TimeZone", $"There is no time zone '{zoneName}' on this machine.", "Write UTC or a name such as Europe/Berlin.");
        }
        return sql is null || expression is null || zone is null ? null : new(name, database, cron, expression, zone, sql);
    }
}
