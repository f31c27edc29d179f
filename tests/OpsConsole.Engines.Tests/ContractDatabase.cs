using OpsConsole.Engines;

namespace OpsConsole.Engines.Tests;

/// <summary>One fresh database of one engine, with what a test needs to be its site. <see cref="EngineContract.Schema"/> is in it.</summary>
public abstract class ContractDatabase : IAsyncDisposable
{
    public required IManagedDatabase Managed { get; init; }

    /// <summary>The folder of releases, empty at first.</summary>
    public required string ReleasePath { get; init; }

    /// <summary>Runs a statement as the site would, on a new connection; throws the driver's exception where the site is shut out.</summary>
    public abstract Task AsSite(string sql);

    /// <summary>First value of the first row, as invariant text.</summary>
    public abstract Task<string?> AskAsSite(string sql);

    /// <summary>The same engine's hands on a database that cannot be reached.</summary>
    public abstract IManagedDatabase Down();

    public Task WriteRelease(string name, string sql) => File.WriteAllTextAsync(Path.Combine(ReleasePath, name), sql);

    public abstract ValueTask DisposeAsync();
}
