namespace OpsConsole.Ground.Settings;

/// <summary>Reads a check in any of its four forms.</summary>
internal static class CheckReader
{
    public static CheckSettings? Read(string name, SettingsSection check)
    {
        var when = check.Choice<CheckWhen>("When", CheckWhen.Both);
        var (subset, equal) = (check.Section("Subset", s => ReadSubset(name, when, s)), check.Section("Equal", s => ReadEqual(name, when, s)));
        var forms = new[] { check.Has("Sql") | check.Has("Database"), check.Has("Subset"), check.Has("Equal") }.Count(f => f);
        if (forms != 1)
        {
            check.Run.Fault(check.Path, forms == 0 ? "The check asks nothing." : "The check has more than one form.", "Give either Database and Sql, or Subset, or Equal.");
            return null;
        }
        return subset ?? equal ?? (check.Has("Subset") || check.Has("Equal") ? null : Query(check) is { } query ? new NoRowsCheck(name, when, query) : null);
    }

    private static CheckSettings? ReadSubset(string name, CheckWhen when, SettingsSection subset)
    {
        var (of, @in) = (subset.Section("Of", Query, required: true), subset.Section("In", Query, required: true));
        return of is null || @in is null ? null : new SubsetCheck(name, when, of, @in);
    }

    private static CheckSettings? ReadEqual(string name, CheckWhen when, SettingsSection equal)
    {
        var (of, and, before, after) = (equal.Section("Of", Query), equal.Section("And", Query), equal.Section("Before", Query), equal.Section("After", Query));
        var atOnce = equal.Has("Of") || equal.Has("And");
        var overTime = equal.Has("Before") || equal.Has("After");
        if (atOnce == overTime || (atOnce && !(equal.Has("Of") && equal.Has("And"))) || (overTime && !equal.Has("Before")))
        {
            equal.Run.Fault(equal.Path, "does not say which two results are to be equal.", "Give Of and And for two databases at one time, or Before (and After, where it differs) for one over time.");
            return null;
        }
        return of is not null && and is not null ? new EqualCheck(name, when, of, and) : before is not null ? new UnchangedCheck(name, before, after ?? before) : null;
    }

    private static QuerySettings? Query(SettingsSection section)
    {
        var (database, sql) = (section.Run.Database(section, "Database"), section.Run.Sql(section, "Sql", []));
        return sql is null ? null : new(database, sql);
    }
}
