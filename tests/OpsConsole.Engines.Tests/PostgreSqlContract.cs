using Npgsql;
using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Engines.Tests;

/// <summary>What holds for every engine, on a real PostgreSQL server.</summary>
public sealed class PostgreSqlContract(PostgreSqlServer server) : EngineContract
{
    // One role for all: rights name it, and two databases of equal content have to have equal rights.
    private const string Site = "contract_site";

    protected override async Task<ContractDatabase> NewDatabase()
    {
        var releases = Directory.CreateTempSubdirectory("opsconsole-releases-").FullName;
        var database = await server.NewDatabase(s => s with { ReleasePath = releases }, Site);
        await database.Run([.. Schema]);
        return new OnServer(database) { Managed = database.Hands, ReleasePath = releases };
    }

    private sealed class OnServer(TestDatabase database) : ContractDatabase
    {
        public override async Task AsSite(string sql) => await AskAsSite(sql);

        public override async Task<string?> AskAsSite(string sql)
        {
            await using var connection = await database.AsSite();
            await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
            return await command.ExecuteScalarAsync() as string;
        }

        public override IManagedDatabase Down() => new PostgreSqlDatabase(Managed.Settings with
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(Managed.Settings.ConnectionString) { Port = 1 }.ConnectionString,
        });

        public override async ValueTask DisposeAsync()
        {
            await database.DisposeAsync();
            Directory.Delete(ReleasePath, recursive: true);
        }
    }
}
