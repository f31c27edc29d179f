namespace OpsConsole.Ground.Settings;

/// <summary>The whole configuration, read once at start. Every path in it is absolute and every name in it resolves.</summary>
/// <param name="File">where it was read from; null: from the environment alone</param>
public sealed record ConsoleSettings(
    StoreSettings Store, string DataDirectory, WebSettings Web, PolicySettings Policy, EstateSettings Estate, string? File = null)
{
    /// <summary>Checkpoints that are files lie here, a folder for each database.</summary>
    public string CheckpointDirectory => Path.Combine(DataDirectory, "checkpoints");
    public string KeyDirectory => Path.Combine(DataDirectory, "keys");
    public string ExportDirectory => Path.Combine(DataDirectory, "exports");
}

public enum StoreProvider { Sqlite, PostgreSql }

/// <summary>Where the console keeps its own memory.</summary>
/// <param name="AllowBeside">databases of the group whose server the store may share; never their database</param>
public sealed record StoreSettings(StoreProvider Provider, string ConnectionString, IReadOnlyList<string> AllowBeside)
{
    // Records print their members; a password must not reach a log that way.
    public override string ToString() => $"{Provider} {Masked.ConnectionString(ConnectionString)}";
}

/// <param name="PublicUrl">ends with a slash; null: links take the address of the request</param>
/// <param name="PathBase">begins with a slash and does not end with one, but for the root</param>
/// <param name="KnownProxies">addresses or networks whose forwarded headers are believed</param>
public sealed record WebSettings(Uri? PublicUrl, string PathBase, IReadOnlyList<string> KnownProxies);

/// <summary>What is done with sessions that are still there when the drain's time is over.</summary>
public enum DrainThen { End, Ask, GiveBack }

public sealed record DrainSettings(int Seconds, DrainThen Then);

/// <param name="RequireRehearsal">false in this version, which has no rehearsal</param>
/// <param name="StepUpMinutes">how long a repeated proof of identity holds</param>
public sealed record PolicySettings(
    bool RequireRehearsal, bool RequireSecondPerson, bool FinalizeBySecondPerson, int StepUpMinutes, DrainSettings Drain,
    int KeepCheckpointHours, int KeepPayloadDays)
{
    public static PolicySettings Default { get; } = new(false, true, false, 5, new(30, DrainThen.End), 72, 400);
}
