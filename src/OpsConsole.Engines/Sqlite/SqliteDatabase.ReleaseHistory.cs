using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

/*
 * golang-migrate keeps one row: the newest version, and whether it is dirty, which is set before a release without a transaction and left when it stops. Plain folders have the console's
 * own two tables: what has begun, and what is done.
 */
public sealed partial class SqliteDatabase
{
    private static Inspection StandingOf(SqliteConnection connection, ReleaseFolder folder, Release release) =>
        folder.Layout == ReleaseLayout.GolangMigrate ? GolangStanding(connection, release) : PlainStanding(connection, release);

    private static Inspection GolangStanding(SqliteConnection connection, Release release)
    {
        if (!HasTable(connection, "schema_migrations")) { return new(Observed.NotDone, "The tool's history table is not there: nothing was applied yet."); }
        using var command = Command(connection, "select version, dirty from schema_migrations", []);
        using var reader = command.ExecuteReader();
        if (!reader.Read()) { return new(Observed.NotDone, "The tool's history is empty: nothing was applied yet."); }
        var (version, dirty) = (reader.GetInt64(0), reader.GetBoolean(1));
        var own = long.Parse(release.Version, CultureInfo.InvariantCulture);
        return dirty ? version == own ? new(Observed.Torn, Begun(release)) : new(Observed.Unknown, $"The history says that version {version} began and did not end.")
            : version >= own ? new(Observed.Done, $"The history stands at version {version}.")
            : new(Observed.NotDone, $"The history stands at version {version}, and no mark says that {own} began.");
    }

    private static Inspection PlainStanding(SqliteConnection connection, Release release)
    {
        if (!HasTable(connection, OwnHistory)) { return new(Observed.NotDone, "The console has applied nothing here yet."); }
        var version = new Parameter("version", release.Version);
        if (Scalar(connection, $"select sha256 from {OwnHistory} where version = @version", version) is { } hash)
        {
            return new(Observed.Done, hash == release.UpSha256 ? $"The history has version {release.Version}." : $"The history has version {release.Version}, applied from another text than the file has now.");
        }
        return Scalar(connection, "select sha256 from opsconsole_started where version = @version", version) switch
        {
            null => new(Observed.NotDone, $"The history does not have version {release.Version}, and no mark says that it began."),
            var begun when begun == release.UpSha256 => new(Observed.Torn, Begun(release)),
            _ => new(Observed.Unknown, $"Version {release.Version} began with another text than the file has now, and did not end."),
        };
    }

    private static string Begun(Release release) => $"Version {release.Version} began and did not end; "
        + (release.Repeatable ? "its script says that it may be repeated." : "its script does not say that it may be repeated.");

    private static void WriteHistory(SqliteConnection connection, Applying run, bool begun)
    {
        var (release, epoch) = (run.Release, new Parameter("epoch", run.Epoch));
        var version = new Parameter("version", release.Version);
        var hash = new Parameter("sha256", release.UpSha256);
        if (run.Folder.Layout == ReleaseLayout.GolangMigrate)
        {
            // As the tool itself makes it, so that the tool goes on with it.
            Execute(connection, "create table if not exists schema_migrations (version uint64, dirty bool)");
            Execute(connection, "create unique index if not exists version_unique on schema_migrations (version)");
            Execute(connection, "delete from schema_migrations");
            Execute(connection, "insert into schema_migrations (version, dirty) values (@version, @dirty)",
                new Parameter("version", long.Parse(release.Version, CultureInfo.InvariantCulture)), new Parameter("dirty", begun));
        }
        else if (begun)
        {
            Execute(connection, "insert into opsconsole_started (version, sha256, epoch) values (@version, @sha256, @epoch) on conflict (version) do update set epoch = excluded.epoch", version, hash, epoch);
        }
        else
        {
            Execute(connection, $"insert into {OwnHistory} (version, title, sha256, epoch) values (@version, @title, @sha256, @epoch)", version, new Parameter("title", release.Title), hash, epoch);
            Execute(connection, "delete from opsconsole_started where version = @version", version);
        }
    }
}
