namespace OpsConsole.Engines.Sqlite;

/// <summary>
/// Which name the database has now. A closed one has the console's name, under which the site does not look. The file itself is never opened here:
/// closing any handle of it would drop the locks that this process's connections hold.
/// </summary>
internal sealed class SqliteFile(string openName)
{
    public const string ClosedSuffix = ".closed-by-opsconsole";

    public string Open { get; } = openName;
    public string Closed { get; } = openName + ClosedSuffix;
    public string Restoring { get; } = openName + ClosedSuffix + ".restoring";

    public DoorState State => (File.Exists(Open), File.Exists(Closed)) switch
    {
        (true, true) => DoorState.Between,
        (_, true) => DoorState.Closed,
        (true, _) => DoorState.Open,
        _ => throw Missing(),
    };

    /// <summary>Where both are there, the closed one is the database: only the console gives that name, and the other was made by a site that did not find its own.</summary>
    public string Current => File.Exists(Closed) ? Closed : File.Exists(Open) ? Open : throw Missing();

    public EngineFault Twice() => new($"{Open} was made anew while the database was closed; the database itself is {Closed}. Look at the new file and move it away.");

    public static void DeleteWithCompanions(string path)
    {
        foreach (var suffix in (string[])["", "-journal", "-wal", "-shm"]) { File.Delete(path + suffix); }
    }

    private EngineFault Missing() => new($"The database file {Open} is not there; it is never created by looking.", "14");
}
