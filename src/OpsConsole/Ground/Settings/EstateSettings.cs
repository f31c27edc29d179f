using Cronos;
using OpsConsole.Domain.Planning;
using OpsConsole.Engines;

namespace OpsConsole.Ground.Settings;

/// <summary>The group that is managed. Every list keeps the order of the file.</summary>
public sealed record EstateSettings(
    string Name, IReadOnlyList<EstateDatabase> Databases, IReadOnlyList<SiteSettings> Sites, IReadOnlyList<Contract> Contracts,
    IReadOnlyList<CheckSettings> Checks, IReadOnlyList<PlannedTask> Tasks, IReadOnlyList<KindSettings> TransactionKinds,
    IReadOnlyList<PendingSettings> Pending, IReadOnlyList<ScheduleSettings> Schedules)
{
    /// <summary>Null: there is none of that name.</summary>
    public EstateDatabase? Database(string name) => Databases.FirstOrDefault(d => d.Name == name);
    public SiteSettings? Site(string name) => Sites.FirstOrDefault(s => s.Name == name);
    public KindSettings? Kind(string name) => TransactionKinds.FirstOrDefault(k => k.Name == name);
    public ScheduleSettings? Schedule(string name) => Schedules.FirstOrDefault(s => s.Name == name);
    public IReadOnlyList<string> SitesOf(string database) => [.. Sites.Where(s => s.Databases.Contains(database)).Select(s => s.Name)];
}

public enum CheckpointMethod { Auto, Template, Backup }

/// <param name="AdminDatabase">from where a database is closed, copied and renamed; PostgreSQL only</param>
/// <param name="ReleasePath">absolute; null: this database has no releases</param>
public sealed record EstateDatabase(
    string Name, EngineKind Engine, string ConnectionString, string AdminDatabase, CloseMethod Close, IReadOnlyList<string> SiteRoles,
    string? ReleasePath, ReleaseLayout Layout, CheckpointMethod Checkpoint)
{
    /// <param name="node">names this console in the engine's list of sessions</param>
    public DatabaseSettings ToEngine(ConsoleSettings settings, string node) => new(
        Name, Engine, ConnectionString, AdminDatabase, Close, SiteRoles, ReleasePath, Layout, Path.Combine(settings.CheckpointDirectory, Name), node);

    public override string ToString() => $"{Name}: {Engine} {Masked.ConnectionString(ConnectionString)}";
}

/// <param name="PostsPerSecond">0: no limit</param>
public sealed record SiteSettings(
    string Name, IReadOnlyList<string> Databases, int LeaseSeconds, int PostsPerSecond, SiteSessions? Sessions, StaffSettings Staff);

/// <summary>Where a site keeps the sessions of its members.</summary>
/// <param name="EndSql">ends one, by @id; null: they cannot be ended from here</param>
public sealed record SiteSessions(string Database, VersionedSql Sql, VersionedSql? EndSql);

/// <summary>Who is let in while a gate is in trial or thaws at 0.</summary>
public sealed record StaffSettings(IReadOnlyList<string> Users, IReadOnlyList<string> Addresses);

public sealed record QuerySettings(string Database, VersionedSql Sql);

public enum CheckWhen { Before, After, Both }

/// <summary>Something that has to hold around a release.</summary>
public abstract record CheckSettings(string Name, CheckWhen When);

/// <summary>The query must return no row.</summary>
public sealed record NoRowsCheck(string Name, CheckWhen When, QuerySettings Query) : CheckSettings(Name, When);

/// <summary>Every row of one query must be among the rows of the other.</summary>
public sealed record SubsetCheck(string Name, CheckWhen When, QuerySettings Of, QuerySettings In) : CheckSettings(Name, When);

/// <summary>Two queries must return the same at one time.</summary>
public sealed record EqualCheck(string Name, CheckWhen When, QuerySettings Of, QuerySettings And) : CheckSettings(Name, When);

/// <summary>What was read before the first release must be read again after the last one.</summary>
/// <param name="After">the same as <paramref name="Before"/> where the file leaves it out</param>
public sealed record UnchangedCheck(string Name, QuerySettings Before, QuerySettings After) : CheckSettings(Name, CheckWhen.Both);

/// <summary>Transactions that a site put aside during the window, to be taken into the queue.</summary>
/// <param name="DoneSql">run in the transaction that commits it, so that the site does not do it again</param>
public sealed record PendingSettings(string Kind, string Database, VersionedSql Sql, VersionedSql DoneSql);

/// <param name="Cron">as it is written, for people</param>
public sealed record ScheduleSettings(string Name, string Database, string Cron, CronExpression Expression, TimeZoneInfo TimeZone, VersionedSql Sql)
{
    /// <summary>Due times after <paramref name="from"/>, up to and with <paramref name="to"/>, in UTC.</summary>
    public IEnumerable<DateTimeOffset> DueBetween(DateTimeOffset from, DateTimeOffset to) => from >= to
        ? []
        : Expression.GetOccurrences(from.ToUniversalTime(), to.ToUniversalTime(), TimeZone, fromInclusive: false, toInclusive: true).Select(d => d.ToUniversalTime());
}
