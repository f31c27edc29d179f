namespace OpsConsole.Ground.Settings;

/// <summary>Folders for the console's user alone: keys, checkpoints and the store lie in them. Whoever comes first makes them, with every folder that is missing above.</summary>
public static class OwnFolder
{
    /// <summary>One that is there stays as it is: its mode was somebody's choice.</summary>
    public static void Make(string path)
    {
        // The mode holds for the last folder of a path only: those above it would be open to everybody.
        if (Directory.Exists(path)) { return; }
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } above) { Make(above); }
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
        else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }
}
