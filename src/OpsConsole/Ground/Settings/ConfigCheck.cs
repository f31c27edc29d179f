using OpsConsole.Engines;

namespace OpsConsole.Ground.Settings;

/// <summary>Holds settings that read without faults against the world: databases answer, roles are there, folders can be read.</summary>
public static class ConfigCheck
{
    /// <summary>Prints each problem with its key, and returns them; empty: all is well.</summary>
    /// <param name="databases">those of the settings</param>
    public static async Task<IReadOnlyList<SettingsFault>> Run(
        ConsoleSettings settings, IReadOnlyList<IManagedDatabase> databases, TextWriter output, CancellationToken token)
    {
        var faults = new List<SettingsFault>();
        CheckDataDirectory(settings, faults);
        foreach (var database in settings.Estate.Databases)
        {
            var path = $"OpsConsole:Estate:Databases:{database.Name}";
            if (databases.FirstOrDefault(d => d.Name == database.Name) is not { } managed)
            {
                faults.Add(new(path, "No engine serves this database.", "Set its Engine to one that this version has."));
            }
            else if (await Reaches(database, managed, path, faults, token))
            {
                await CheckRoles(database, managed, path, faults, token);
                await CheckReleases(database, managed, path, faults, token);
                await CheckQueries(settings, managed, faults, token);
            }
        }
        foreach (var fault in faults)
        {
            await output.WriteLineAsync(fault.ToString().AsMemory(), token);
        }
        return faults;
    }

    private static void CheckDataDirectory(ConsoleSettings settings, List<SettingsFault> faults)
    {
        const string path = "OpsConsole:DataDirectory";
        try
        {
            OwnFolder.Make(settings.DataDirectory);
            using var probe = new FileStream(Path.Combine(settings.DataDirectory, $".probe-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new(path, $"The folder cannot be written to: {e.Message}", "Give the console's user the right to write there, or name another folder."));
            return;
        }
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(settings.DataDirectory) & others) != 0)
        {
            faults.Add(new(path, "Others than the console's user may look into the folder, which holds keys and copies of databases.", $"Run: chmod 700 '{settings.DataDirectory}'"));
        }
    }

    private static async Task<bool> Reaches(EstateDatabase database, IManagedDatabase managed, string path, List<SettingsFault> faults, CancellationToken token)
    {
        try
        {
            await managed.Look(token);
            return true;
        }
        catch (EngineFault e)
        {
            faults.Add(new($"{path}:ConnectionString", $"The database does not answer: {Masked.Within(e.Message, database.ConnectionString)}",
                "See that it runs, that the address and the login are right, and that this machine is let in."));
            return false;
        }
    }

    private static async Task CheckRoles(EstateDatabase database, IManagedDatabase managed, string path, List<SettingsFault> faults, CancellationToken token)
    {
        if (database.Engine != EngineKind.PostgreSql)
        {
            return;
        }
        try
        {
            var rows = await managed.Query("select rolname::text, rolsuper::text from pg_roles", [], 100_000, token);
            var roles = rows.Rows.Where(r => r[0] is not null).ToDictionary(r => r[0]!, r => r[1]);
            for (var i = 0; i < database.SiteRoles.Count; i++)
            {
                var role = database.SiteRoles[i];
                if (!roles.TryGetValue(role, out var super))
                {
                    faults.Add(new($"{path}:SiteRoles[{i}]", $"The role {role} does not exist on the server.", roles.Count == 0 ? "Create it." : Nearest.Remedy(role, [.. roles.Keys.Where(k => !k.StartsWith("pg_", StringComparison.Ordinal))])));
                }
                else if (super is "true" or "t" or "True")
                {
                    faults.Add(new($"{path}:SiteRoles[{i}]", $"The role {role} is a superuser, whom no right keeps out.", "Let the site log in with an ordinary role."));
                }
            }
        }
        catch (EngineFault e)
        {
            faults.Add(new($"{path}:SiteRoles", $"The server's roles cannot be read: {Masked.Within(e.Message, database.ConnectionString)}", $"See config grants {database.Name}."));
        }
    }

    // Run for real and read only, at the version that is there: a slip in one would be found in the night.
    private static async Task CheckQueries(ConsoleSettings settings, IManagedDatabase managed, List<SettingsFault> faults, CancellationToken token)
    {
        var sessions = from s in settings.Estate.Sites where s.Sessions?.Database == managed.Name select ($"OpsConsole:Estate:Sites:{s.Name}:Sessions:Sql", s.Sessions!.Sql, (string[])["id"]);
        var checks = from c in settings.Estate.Checks from q in QueriesOf(c) where q.Database == managed.Name select ($"OpsConsole:Estate:Checks:{c.Name}", q.Sql, Array.Empty<string>());
        var written = sessions.Concat(checks).ToList();
        if (written.Count == 0) { return; }
        try
        {
            var version = (await managed.ReadHistory(token)).Version;
            foreach (var (key, sql, columns) in written)
            {
                if (sql.For(version) is not { } text) { continue; }
                try
                {
                    var read = await managed.Query(text, [], 1, token);
                    if (columns.FirstOrDefault(c => !read.Columns.Contains(c, StringComparer.OrdinalIgnoreCase)) is { } missing) { faults.Add(new(key, $"It returns no column {missing}.", $"It has to return {string.Join(", ", columns)}.")); }
                }
                catch (EngineFault fault)
                {
                    faults.Add(new(key, $"{managed.Name} refuses it at version {version ?? "none"}: {fault.Message}", "Correct the query; it may be written for each range of versions."));
                }
            }
        }
        catch (EngineFault fault)
        {
            faults.Add(new($"OpsConsole:Estate:Databases:{managed.Name}", $"Its history cannot be read: {fault.Message}", $"See config grants {managed.Name}."));
        }
    }

    private static IEnumerable<QuerySettings> QueriesOf(CheckSettings check) => check switch
    {
        NoRowsCheck c => [c.Query],
        SubsetCheck c => [c.Of, c.In],
        EqualCheck c => [c.Of, c.And],
        UnchangedCheck c => [c.Before],
        _ => [],
    };

    private static async Task CheckReleases(EstateDatabase database, IManagedDatabase managed, string path, List<SettingsFault> faults, CancellationToken token)
    {
        if (database.ReleasePath is not { } folder)
        {
            return;
        }
        var key = $"{path}:Releases:Path";
        if (!Directory.Exists(folder))
        {
            faults.Add(new(key, $"The folder {folder} does not exist.", "Name the folder that holds the releases."));
            return;
        }
        try
        {
            var releases = await managed.ReadReleases(token);
            var findings = releases.Findings.Concat(releases.Releases.SelectMany(r => r.Findings)).Where(f => f.Blocking).Distinct();
            faults.AddRange(findings.Select(f => new SettingsFault(key, $"{f.File}, line {f.Line}: {f.Text}", "Correct the file; no plan is made over it.")));
        }
        catch (Exception e) when (e is EngineFault or IOException or UnauthorizedAccessException)
        {
            faults.Add(new(key, $"The releases cannot be read: {Masked.Within(e.Message, database.ConnectionString)}", "Give the console's user the right to read the folder, and see that its files are of one layout."));
        }
    }
}
