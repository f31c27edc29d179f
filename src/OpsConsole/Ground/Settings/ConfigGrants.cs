using System.Data.Common;
using System.Globalization;
using System.Text;
using OpsConsole.Engines;

namespace OpsConsole.Ground.Settings;

/// <summary>The least rights with which the console can do its work on a database, as a text that can be run.</summary>
public static class ConfigGrants
{
    public static string For(EstateDatabase database) => database.Engine == EngineKind.Sqlite ? ForFile(database) : ForPostgreSql(database);

    private static string ForFile(EstateDatabase database) =>
        $"{database.Name} is a file. The operating system's user of the console needs the right to read and write it and the folder in which it lies: {Masked.ConnectionString(database.ConnectionString)}\n";

    private static string ForPostgreSql(EstateDatabase database)
    {
        var connection = new DbConnectionStringBuilder { ConnectionString = database.ConnectionString };
        string Value(string otherwise, params string[] keys) => keys.Select(k => connection.TryGetValue(k, out var v) ? v.ToString() : null).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? otherwise;
        var login = Quoted(Value("opsconsole", "username", "user id", "user", "uid"));
        var name = Quoted(Value(database.Name, "database", "db"));
        var admin = Quoted(database.AdminDatabase);
        var text = new StringBuilder();
        void Say(string because, params string[] statements)
        {
            text.Append(CultureInfo.InvariantCulture, $"-- {because}\n");
            foreach (var statement in statements)
            {
                text.Append(CultureInfo.InvariantCulture, $"{statement};\n");
            }
            text.Append('\n');
        }
        text.Append(CultureInfo.InvariantCulture, $"-- What the console's login needs on {database.Name}. Run it as a superuser; for \"owner\" write the role that owns the database and its tables.\n\n");
        Say("Takes checkpoints and puts them in the database's place.", $"alter role {login} createdb", $"grant connect on database {admin} to {login}");
        Say("Closes and opens the database, renames it, applies releases and commits transactions: all of that is the owner's.", $"grant \"owner\" to {login}");
        Say("Keeps its fence and its markers in a schema of its own, and gets in while the sites are shut out.", $"grant connect, create on database {name} to {login} with grant option");
        Say("Sees what others are doing, and how old their transactions are.", $"grant pg_monitor to {login}");
        Say("Ends sessions that hold a window up. Those of a superuser stay out of reach.", $"grant pg_signal_backend to {login}");
        if (database.Close == CloseMethod.NoLogin)
        {
            Say("Takes the login from the roles of the sites and gives it back (Close is NoLogin).",
                [$"alter role {login} createrole", .. database.SiteRoles.Select(r => $"grant {Quoted(r)} to {login} with admin option")]);
        }
        else
        {
            text.Append("-- Close is Connect: nothing is needed on the roles of the sites themselves.\n");
        }
        return text.ToString();
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
