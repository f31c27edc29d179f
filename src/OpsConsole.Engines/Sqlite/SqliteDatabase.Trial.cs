using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpsConsole.Engines.Sqlite;

/*
 * What others write is counted by triggers, row by row and inside the writer's own transaction. SQLite cannot tell who writes, but it has one writer at a time: what the
 * console's own commit adds to the count is taken off again before that commit ends.
 */
public sealed partial class SqliteDatabase
{
    private const string TrialTable = "opsconsole_trial";
    private static readonly string[] TrialEvents = ["insert", "update", "delete"];

    private const string Countable = $"type = 'table' and sql not like 'create virtual %' and {SitesOwn}";

    public Task BeginTrialCount(string id, string installation, long epoch, CancellationToken token) => Guard(() =>
    {
        using var connection = ConnectToWrite();
        InTransaction(connection, () =>
        {
            CheckFence(connection, installation, epoch);
            Execute(connection, $"create table if not exists {TrialTable} (one integer primary key check (one = 1), id text not null, counting integer not null, written integer not null)");
            Execute(connection, $"insert into {TrialTable} (one, id, counting, written) values (1, @id, 1, 0) on conflict (one) do update set counting = 1, written = case when id = excluded.id then written else 0 end, id = excluded.id",
                new Parameter("id", id));
            foreach (var table in Column(connection, $"select name from sqlite_schema where {Countable}"))
            {
                foreach (var what in TrialEvents)
                {
                    Execute(connection, $"create trigger if not exists {Quoted($"{TrialTable}_{what}_{table}")} after {what} on {Quoted(table)} begin update {TrialTable} set written = written + 1; end");
                }
            }
        });
    }, token);

    public Task EndTrialCount(bool forget, string installation, long epoch, CancellationToken token) => Guard(() =>
    {
        using var connection = ConnectToWrite();
        InTransaction(connection, () =>
        {
            CheckFence(connection, installation, epoch);
            foreach (var trigger in Column(connection, $"select name from sqlite_schema where type = 'trigger' and name like '{TrialTable}\\_%' escape '\\'")) { Execute(connection, $"drop trigger {Quoted(trigger)}"); }
            if (forget) { Execute(connection, $"drop table if exists {TrialTable}"); }
            else if (HasTable(connection, TrialTable)) { Execute(connection, $"update {TrialTable} set counting = 0"); }
        });
    }, token);

    public Task<TrialCount> ReadTrialCount(CancellationToken token) => Read(connection =>
    {
        if (TrialRows(connection) is not { } rows) { return new TrialCount(null, false, null, "nothing is counted there"); }
        var (id, counting) = (Scalar(connection, $"select id from {TrialTable}")!, Scalar(connection, $"select counting from {TrialTable}") == "1");
        if (!counting) { return new TrialCount(id, false, rows, null); }
        var bare = Scalar(connection, $"""
            select name from sqlite_schema t where {Countable} and (select count(*) from sqlite_schema g where g.type = 'trigger' and g.tbl_name = t.name and g.name like '{TrialTable}\_%' escape '\') < {TrialEvents.Length} limit 1
            """);
        var strange = bare is null ? Scalar(connection, "select name from sqlite_schema where sql like 'create virtual %' limit 1") : null;
        return bare is not null ? new TrialCount(id, true, null, $"the table {bare} is not counted")
            : strange is not null ? new TrialCount(id, true, null, $"what is written to the virtual table {strange} is not counted") : new TrialCount(id, true, rows, null);
    }, token);

    /// <summary>Null: nothing is counted in this database.</summary>
    private static long? TrialRows(SqliteConnection connection) =>
        HasTable(connection, TrialTable) && Scalar(connection, $"select written from {TrialTable}") is { } rows ? long.Parse(rows, CultureInfo.InvariantCulture) : null;

    /// <summary>The console's own rows are not the staff's.</summary>
    private static void KeepTrialRows(SqliteConnection connection, long? before)
    {
        if (before is { } rows) { Execute(connection, $"update {TrialTable} set written = @rows", new Parameter("rows", rows)); }
    }
}
