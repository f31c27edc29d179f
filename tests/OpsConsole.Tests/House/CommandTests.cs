using System.Text.Json;
using OpsConsole.Features.Audit;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>Commands as a shell calls them, over a configuration file of their own.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("oc-commands-").FullName;
    private readonly string config;

    public CommandTests()
    {
        config = Path.Combine(folder, "opsconsole.json");
        File.WriteAllText(config, JsonSerializer.Serialize(new
        {
            OpsConsole = new
            {
                Store = new { Provider = "Sqlite", ConnectionString = "Data Source=store.db;Pooling=false" },
                DataDirectory = ".",
                Estate = new
                {
                    Name = "Test",
                    Databases = new Dictionary<string, object> { ["members"] = new { Engine = "Sqlite", ConnectionString = "Data Source=members.db" } },
                    Sites = new Dictionary<string, object> { ["members"] = new { Databases = new[] { "members" } } },
                },
            },
        }));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<(int Code, string Answer, string Said)> Call(string line, string input = "")
    {
        using var answer = new StringWriter();
        using var said = new StringWriter();
        var code = await CommandLine.Run([.. line.Split(' '), "--config", config], new StringReader(input), answer, said, default);
        return (code, answer.ToString(), said.ToString());
    }

    private StoreFactory Store => new(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=false");

    [Fact]
    public async Task People_are_added_listed_disabled_and_given_roles()
    {
        Assert.Equal((0, "anna Admin\n", ""), await Call("users add anna --role admin --password-stdin", "four quiet words here\n"));
        Assert.Equal(0, (await Call("users add bert --role Operator --role Reviewer")).Code);
        Assert.Equal("anna\tAdmin\tenabled\nbert\tOperator Reviewer\tlink only\n", (await Call("users list")).Answer);
        Assert.Equal(0, (await Call("users disable bert")).Code);
        Assert.Equal(0, (await Call("users roles bert --role Approver")).Code);
        Assert.Contains("bert\tApprover\tdisabled", (await Call("users list")).Answer, StringComparison.Ordinal);
        Assert.Equal(0, (await Call("users enable bert")).Code);
        Assert.Contains("http://localhost:5080/account/link?token=", (await Call("users link bert")).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_no_password_comes_in_by_link_only()
    {
        await Call("users add anna --role Admin");
        Assert.Equal("anna\tAdmin\tlink only\n", (await Call("users list")).Answer);
        await Call("users password anna --password-stdin", "four quiet words here\n");
        Assert.Equal("anna\tAdmin\tenabled\n", (await Call("users list")).Answer);
    }

    [Theory]
    [InlineData("users add anna --role King", 1, "There is no role King")]
    [InlineData("users add an:na --role Admin", 1, "A name has")]
    [InlineData("users add anna", 1, "At least one role")]
    [InlineData("users add anna --role Admin --colour red", 2, "no option --colour")]
    [InlineData("users disable nobody", 1, "nobody called")]
    [InlineData("users password nobody", 2, "standard input")]
    [InlineData("users reset-codes anna", 1, "users link")]
    [InlineData("users fly", 2, "no command 'users fly'")]
    [InlineData("keys add k --site moon", 1, "no site moon")]
    [InlineData("keys add k --site members --user anna", 1, "name one of them")]
    [InlineData("keys add k --site members --step-up", 1, "no step-up")]
    public async Task What_cannot_be_is_said_on_stderr_alone(string line, int code, string part)
    {
        var (exit, answer, said) = await Call(line);
        Assert.Equal((code, ""), (exit, answer));
        Assert.Contains(part, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_password_is_refused() =>
        Assert.Equal(1, (await Call("users add anna --role Admin --password-stdin", "short\n")).Code);

    [Fact]
    public async Task A_key_is_alone_on_the_last_line_and_only_its_hash_is_kept()
    {
        await Call("users add anna --role Admin");
        var key = (await Call("keys add deploy --user anna --step-up")).Answer.TrimEnd('\n');
        Assert.Matches("^oc_[0-9a-f]{48}$", key);
        await Call("keys add gate --site MEMBERS");
        Assert.Equal("deploy\tanna\tstep-up\tgood\ngate\tsite members\t-\tgood\n", (await Call("keys list")).Answer);
        Assert.Equal(0, (await Call("keys revoke deploy")).Code);
        Assert.Equal(1, (await Call("keys revoke deploy")).Code);
        await using var db = Store.CreateDbContext();
        Assert.Equal(ApiKeyHandler.Hash(key), (await db.ApiKeys.SingleAsync(k => k.Name == "deploy")).Sha256);
        Assert.DoesNotContain(await db.Audit.ToListAsync(), a => a.DetailsJson.Contains(key[3..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_change_is_audited_with_the_operating_systems_user()
    {
        await Call("users add anna --role Admin");
        await Call("users link anna");
        await Call("keys add k --user anna");
        await using var db = Store.CreateDbContext();
        var entries = await db.Audit.OrderBy(a => a.Sequence).ToListAsync();
        Assert.Equal(["person.added", "link.made", "key.added"], entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal((Environment.UserName, "shell"), (e.Actor, e.Proof)));
    }

    [Fact]
    public async Task An_exported_log_verifies_and_a_changed_or_shortened_one_names_the_entry()
    {
        foreach (var name in new[] { "anna", "bert", "carl", "dora" }) { await Call($"users add {name} --role Admin"); }
        var unsigned = (0, "whole: 4 entries\n", "No signed head was looked at: a cut-off end would not show.\n");
        Assert.Equal(unsigned, await Call("audit verify"));
        var file = Path.Combine(folder, "audit.jsonl");
        await using (var db = Store.CreateDbContext())
        {
            await File.WriteAllLinesAsync(file, (await db.Audit.OrderBy(a => a.Sequence).ToListAsync()).Select(a => AuditLine.Of(a.ToEntry()).ToJson()));
        }
        Assert.Equal(unsigned, await Call($"audit verify {file}"));
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllLinesAsync(file, [lines[0], lines[1].Replace("Admin", "Viewer", StringComparison.Ordinal), lines[2], lines[3]]);
        Assert.StartsWith("broken at 2:", (await Call($"audit verify {file}")).Answer, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(file, [lines[0], lines[1], lines[3]]);
        Assert.Equal(1, (await Call($"audit verify {file}")).Code);
        await File.WriteAllLinesAsync(file, [lines[0], "not json"]);
        Assert.StartsWith("broken at 2:", (await Call($"audit verify {file}")).Answer, StringComparison.Ordinal);
        Assert.Equal(2, (await Call($"audit verify {file}.missing")).Code);
        await File.WriteAllLinesAsync(file, lines[2..]);
        Assert.StartsWith("broken at 1: Entries 1 to 2 are missing", (await Call($"audit verify {file}")).Answer, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(file, [lines[0], lines[1].Insert(lines[1].Length - 1, ",\"more\":1")]);
        Assert.StartsWith("broken at 2:", (await Call($"audit verify {file}")).Answer, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(file, []);
        Assert.Equal(2, (await Call($"audit verify {file}")).Code);
    }

    [Theory]
    [InlineData("nixcommand", true)]
    [InlineData("user", true)]
    [InlineData("--urls=http://localhost:1", false)]
    [InlineData("Urls=http://localhost:1", false)]
    public void A_mistyped_command_starts_no_second_console(string word, bool command) => Assert.Equal(command, CommandLine.IsCommand(word));

    [Fact]
    public async Task A_store_that_does_not_answer_is_found_by_the_check()
    {
        Assert.DoesNotContain("OpsConsole:Store", (await Call("config check")).Answer, StringComparison.Ordinal);
        var found = await new StoreFactory(StoreProvider.PostgreSql, "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2").Probe(CancellationToken.None);
        Assert.NotNull(found);
    }

    [Fact]
    public async Task A_copy_of_the_store_opens_and_is_not_written_over()
    {
        await Call("users add anna --role Admin");
        var copy = Path.Combine(folder, "copy.db");
        Assert.Equal((0, copy + "\n", ""), await Call($"store backup {copy}"));
        Assert.Equal(2, (await Call($"store backup {copy}")).Code);
        Assert.Equal((0, "whole: 2 audit entries\n", ""), await Call("store check"));
        await using var db = new StoreFactory(StoreProvider.Sqlite, $"Data Source={copy};Pooling=false").CreateDbContext();
        Assert.Equal("anna", (await db.Users.SingleAsync()).UserName);
        Assert.Equal("store.backup", (await db.Audit.OrderBy(a => a.Sequence).LastAsync()).Action);
    }

    [Fact]
    public async Task The_configuration_and_the_version_are_answered()
    {
        Assert.StartsWith("OpsConsole 0.", (await Call("version")).Answer, StringComparison.Ordinal);
        Assert.Contains("members is a file", (await Call("config grants members")).Answer, StringComparison.Ordinal);
        Assert.Equal(1, (await Call("config grants moon")).Code);
        await File.WriteAllTextAsync(config, "{ \"OpsConsole\": { \"Colour\": 1 } }");
        var (code, answer, _) = await Call("config check");
        Assert.Equal(1, code);
        Assert.Contains("OpsConsole:Colour", answer, StringComparison.Ordinal);
    }
}
