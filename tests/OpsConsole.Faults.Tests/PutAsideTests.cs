using System.Text.Json;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>Rows that a site put aside on PostgreSQL: through a console that is killed in between, each of them once.</summary>
public sealed class PutAsideTests(PostgreSqlServer server) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-aside-").FullName;
    private readonly string name = $"aside_{Guid.NewGuid():N}"[..16];
    private ConsoleProcess console = null!;

    public async ValueTask InitializeAsync()
    {
        await server.Run("postgres", $"create database {name}", $"create role {name} login");
        await server.Run(name,
            "create table accounts (id bigint primary key, balance numeric(12,2) not null)", "insert into accounts values (1, 100), (2, 100)",
            "create table waiting (ref text primary key, created_at timestamptz not null, account bigint not null, amount numeric(12,2) not null, currency text not null, status text not null default 'new')",
            "insert into waiting select 'r' || i, timestamptz '2026-11-17 02:29:58+01' + i * interval '1 second', 1 + i % 2, i, 'EUR' from generate_series(1, 6) i");
        var config = Path.Combine(folder, "appsettings.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            OpsConsole = new
            {
                Store = new { Provider = "Sqlite", ConnectionString = "Data Source=data/opsconsole.db" },
                DataDirectory = "data",
                Policy = new { RequireRehearsal = false },
                Estate = new
                {
                    Name = "Aside",
                    Databases = new Dictionary<string, object> { ["members"] = new { Engine = "PostgreSql", ConnectionString = server.ConnectionString(name), AdminDatabase = "postgres", SiteRoles = new[] { name } } },
                    Sites = new Dictionary<string, object> { ["members"] = new { Databases = new[] { "members" } } },
                    TransactionKinds = new Dictionary<string, object>
                    {
                        ["deposit"] = new
                        {
                            Fields = new Dictionary<string, object> { ["account"] = "Integer", ["amount"] = new { Type = "Money", Currencies = new[] { "EUR" }, Min = "0.01", Max = "1000.00" } },
                            OrderKey = "account",
                            Legs = new[] { new { Database = "members", Sql = "update accounts set balance = balance + @amount where id = @account" } },
                        },
                    },
                    Pending = new[]
                    {
                        new
                        {
                            Kind = "deposit", Database = "members", Sql = "select ref as key, created_at as started_at, account, amount, currency as amount_currency from waiting where status = 'new' order by created_at",
                            DoneSql = "update waiting set status = @status where ref = @key",
                        },
                    },
                },
            },
        }));
        console = new ConsoleProcess(config, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await console.DisposeAsync();
        Directory.Delete(folder, true);
    }

    private static async Task<List<JsonElement>> Queue(HttpClient rosa, int atLeast)
    {
        List<JsonElement> items = [];
        for (var tries = 0; tries < 150 && items.Count < atLeast; tries++, await Task.Delay(200)) { items = [.. (await rosa.See("api/v1/transactions")).GetProperty("items").EnumerateArray()]; }
        return items;
    }

    [Fact]
    public async Task Rows_are_pulled_once_and_ended_with_their_commit_through_a_kill()
    {
        await console.Command("correct horse battery staple", "users", "add", "rosa", "--role", "Reviewer", "--password-stdin");
        var key = await console.Command(null, "keys", "add", "rosa-key", "--user", "rosa");
        await console.Start();
        using var rosa = console.As(key);
        var first = await Queue(rosa, 6);
        Assert.Equal(["r1", "r2", "r3", "r4", "r5", "r6"], first.Select(t => t.GetProperty("key").GetString()));
        await rosa.Say($"api/v1/transactions/{first[0].GetProperty("id").GetString()}/commit");
        await rosa.Say($"api/v1/transactions/{first[1].GetProperty("id").GetString()}/reject", new { reason = "a test" });

        await console.Kill();
        await server.Run(name, "insert into waiting values ('r7', now(), 1, 7, 'EUR')");
        await console.Start();
        var all = await Queue(rosa, 7);
        Assert.Equal(7, all.Count);
        foreach (var item in all.Where(t => t.GetProperty("status").GetString() == "pending")) { await rosa.Say($"api/v1/transactions/{item.GetProperty("id").GetString()}/commit"); }

        for (var tries = 0; tries < 100 && await server.Text(name, "select count(*) from waiting where status = 'new'") != "0"; tries++) { await Task.Delay(200); }
        Assert.Equal("r1 committed, r2 rejected, r3 committed, r4 committed, r5 committed, r6 committed, r7 committed", await server.Text(name, "select string_agg(ref || ' ' || status, ', ' order by ref) from waiting"));
        // r1, r3, r5 are of account 2, r4, r6 of account 1, and r7 too; r2 was rejected.
        Assert.Equal("117.00 109.00", await server.Text(name, "select string_agg(balance::text, ' ' order by id) from accounts"));
        Assert.Equal(7, (await Queue(rosa, 7)).Count);
    }
}
