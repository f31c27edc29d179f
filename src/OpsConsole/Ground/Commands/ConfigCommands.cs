using OpsConsole.Engines;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Commands;

/// <summary>The configuration, held against the world. These change no store and make none, so that they work before there is one.</summary>
internal static class ConfigCommands
{
    public static IReadOnlyList<Command> All { get; } =
    [
        new("config check", "[--config FILE]", Check),
        new("config grants", "DB [--config FILE]", Grants),
        new("version", "", Version),
    ];

    private static async Task<int> Check(CommandCall call, CancellationToken token)
    {
        call.Names(0, 0);
        var found = SettingsSource.Read([.. call.All]);
        foreach (var fault in found.Faults) { await call.Answer.WriteLineAsync(fault.ToString()); }
        if (found.Settings is not { } settings || found.Faults.Count > 0) { return 1; }
        var databases = settings.Estate.Databases.Select(d => ManagedDatabases.Open(d.ToEngine(settings, "check"))).ToList();
        try
        {
            var store = await new Store.StoreFactory(settings.Store.Provider, settings.Store.ConnectionString).Probe(token);
            if (store is not null) { await call.Answer.WriteLineAsync(new SettingsFault("OpsConsole:Store", Masked.Within(store, settings.Store.ConnectionString), "See that it runs, that the address and the login are right, and that it keeps what it confirms.").ToString()); }
            if ((await ConfigCheck.Run(settings, databases, call.Answer, token)).Count > 0 || store is not null) { return 1; }
            await call.Said.WriteLineAsync($"{databases.Count} databases and {settings.Estate.Sites.Count} sites: all well.");
            return 0;
        }
        finally
        {
            foreach (var database in databases) { await database.DisposeAsync(); }
        }
    }

    private static async Task<int> Grants(CommandCall call, CancellationToken token)
    {
        var name = call.Names(1, 1)[0];
        if (Serve.ReadSettings([.. call.All]) is not { Settings: { } settings }) { return 1; }
        if (settings.Estate.Database(name) is not { } database)
        {
            await call.Said.WriteLineAsync($"There is no database {name}. There are: {string.Join(", ", settings.Estate.Databases.Select(d => d.Name))}.");
            return 1;
        }
        await call.Answer.WriteAsync(ConfigGrants.For(database).AsMemory(), token);
        return 0;
    }

    private static async Task<int> Version(CommandCall call, CancellationToken token)
    {
        call.Names(0, 0);
        await call.Answer.WriteLineAsync($"OpsConsole {typeof(CommandLine).Assembly.GetName().Version?.ToString(3)}".AsMemory(), token);
        return 0;
    }
}
