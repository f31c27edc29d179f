using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Domain.Audit;
using OpsConsole.Features.Audit;
using OpsConsole.Ground;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Store;
using Xunit;

namespace OpsConsole.Tests.House;

/// <summary>The signed head: when it is made, and what it shows that the chain alone does not.</summary>
public sealed class AuditSealTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("oc-seal-").FullName;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private StoreFactory store = null!;
    private Recorder recorder = null!;
    private AuditSeal seal = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "opsconsole.json"), JsonSerializer.Serialize(new
        {
            OpsConsole = new
            {
                Store = new { Provider = "Sqlite", ConnectionString = "Data Source=store.db;Pooling=false" },
                DataDirectory = "data",
                Estate = new
                {
                    Name = "Test",
                    Databases = new Dictionary<string, object> { ["members"] = new { Engine = "Sqlite", ConnectionString = "Data Source=members.db" } },
                    Sites = new Dictionary<string, object> { ["members"] = new { Databases = new[] { "members" } } },
                },
            },
        }));
        store = new StoreFactory(StoreProvider.Sqlite, $"Data Source={Path.Combine(folder, "store.db")};Pooling=false");
        await store.Prepare(default);
        recorder = new Recorder(store, new ChangeFeed(), clock, NullLogger<Recorder>.Instance);
        await recorder.StartAsync(default);
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        seal = new AuditSeal(Path.Combine(folder, "data", "keys"), Path.Combine(folder, "data"));
    }

    public async ValueTask DisposeAsync()
    {
        await recorder.StopAsync(default);
        recorder.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private AuditSealer Sealer() => new(store, seal, new Readiness { Installation = "one" }, clock, NullLogger<AuditSealer>.Instance);

    private async Task Say(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await recorder.Write((write, _) => { write.Audit(Actor.Console, "test.said", $"thing {i}"); return Task.CompletedTask; }, default);
        }
    }

    /// <summary>As somebody would who owns the store's file.</summary>
    private async Task Forge(string sql)
    {
        await using var db = store.CreateDbContext();
        foreach (var name in await db.Database.SqlQueryRaw<string>("select name as Value from sqlite_master where type = 'trigger' and tbl_name = 'Audit'").ToListAsync())
        {
#pragma warning disable EF1002 // The name comes from the catalogue of the test's own store.
            await db.Database.ExecuteSqlRawAsync($"drop trigger \"{name}\"");
#pragma warning restore EF1002
        }
        await db.Database.ExecuteSqlRawAsync(sql);
    }

    private async Task<(int Code, string Answer, string Said)> Call(string line)
    {
        using var answer = new StringWriter();
        using var said = new StringWriter();
        var code = await CommandLine.Run([.. line.Split(' '), "--config", Path.Combine(folder, "opsconsole.json")], TextReader.Null, answer, said, default);
        return (code, answer.ToString(), said.ToString());
    }

    [Fact]
    public async Task A_head_is_signed_after_a_minute_or_a_hundred_entries_and_not_before()
    {
        using var sealer = Sealer();
        Assert.Null(await sealer.SealWhatIsDue(default));
        await Say(3);
        Assert.Null(await sealer.SealWhatIsDue(default));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(await sealer.SealWhatIsDue(default));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, (await sealer.SealWhatIsDue(default))!.Sequence);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await sealer.SealWhatIsDue(default));
        await Say(99);
        Assert.Null(await sealer.SealWhatIsDue(default));
        await Say(1);
        Assert.Equal(103, (await sealer.SealWhatIsDue(default))!.Sequence);
        Assert.Equal([3L, 103], seal.Heads().Select(h => h.Sequence));
        // The next process goes on where this one ended.
        using var next = Sealer();
        Assert.Null(await next.SealWhatIsDue(default));
    }

    [Fact]
    public async Task An_orderly_end_signs_what_is_left()
    {
        using var sealer = Sealer();
        await sealer.StartAsync(default);
        await Say(2);
        await sealer.StopAsync(default);
        Assert.Equal(2, Assert.Single(seal.Heads()).Sequence);
    }

    [Fact]
    public async Task A_signed_log_verifies_and_a_cut_off_end_is_named()
    {
        await Say(5);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        Assert.Equal((0, "whole: 5 entries\n", "The head of entry 5 was signed; up to there nothing was cut off.\n"), await Call("audit verify"));
        await Forge("delete from Audit where Sequence > 3");
        var (code, answer, _) = await Call("audit verify");
        Assert.Equal(1, code);
        Assert.StartsWith("broken at 4: Entry 4 is missing: the log ends with 3", answer, StringComparison.Ordinal);
        Assert.Equal(1, (await Call("store check")).Code);
        await Forge("delete from Audit");
        Assert.StartsWith("broken at 1:", (await Call("audit verify")).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_cut_off_and_grew_again_is_broken_where_it_was_signed()
    {
        await Say(5);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        await Forge("delete from Audit where Sequence > 3");
        await Say(4);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        await using var db = store.CreateDbContext();
        Assert.Null(AuditChain.Verify((await db.Audit.OrderBy(a => a.Sequence).ToListAsync()).Select(a => a.ToEntry())));
        Assert.Equal(5, (await AuditReading.Verify(store, seal, default)).Bad?.Sequence);
    }

    [Fact]
    public async Task A_start_says_that_the_end_is_missing_and_writes_it_down()
    {
        await Say(5);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        var tail = new AuditTail(store, seal, recorder, NullLogger<AuditTail>.Instance);
        await tail.Run(default);
        await using var db = store.CreateDbContext();
        Assert.Equal(5, await db.Audit.CountAsync());
        await Forge("delete from Audit where Sequence > 3");
        await tail.Run(default);
        Assert.Equal("audit.broken", (await db.Audit.OrderBy(a => a.Sequence).LastAsync()).Action);
    }

    [Theory]
    [InlineData("\"sequence\":5", "\"sequence\":4")]
    [InlineData("\"installation\":\"one\"", "\"installation\":\"two\"")]
    public async Task A_head_that_was_changed_does_not_bear_the_signature(string was, string now)
    {
        await Say(5);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        await File.WriteAllTextAsync(seal.HeadsFile, (await File.ReadAllTextAsync(seal.HeadsFile)).Replace(was, now, StringComparison.Ordinal));
        await using var db = store.CreateDbContext();
        Assert.Contains("signature", (await AuditReading.Verify(store, seal, default)).Bad!.Because, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_another_key_signed_is_refused()
    {
        await Say(5);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using (var mine = seal.Key()) { Assert.NotEqual(AuditHead.NameOf(mine), AuditHead.NameOf(stranger)); }
        await using var db = store.CreateDbContext();
        var last = await db.Audit.OrderBy(a => a.Sequence).LastAsync();
        seal.Append(AuditHead.Sign(stranger, "one", 5, last.Hash, clock.GetUtcNow()));
        Assert.Contains("signature", (await AuditReading.Verify(store, seal, default)).Bad!.Because, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_a_crash_cut_off_while_it_was_written_says_nothing_and_the_next_one_follows_whole()
    {
        await Say(2);
        using var sealer = Sealer();
        await sealer.Seal(default);
        await File.AppendAllTextAsync(seal.HeadsFile, "{\"installation\":\"on");
        Assert.Single(seal.Heads());
        await Say(1);
        await sealer.Seal(default);
        Assert.Equal([2L, 3], seal.Heads().Select(h => h.Sequence));
        await using var db = store.CreateDbContext();
        Assert.Equal(new AuditFindings(3, null, 3), await AuditReading.Verify(store, seal, default));
    }

    [Fact]
    public async Task An_export_is_held_against_heads_on_a_machine_that_has_nothing_else()
    {
        await Say(4);
        using (var sealer = Sealer()) { await sealer.Seal(default); }
        var export = Path.Combine(folder, "audit.jsonl");
        await using (var db = store.CreateDbContext())
        {
            await File.WriteAllLinesAsync(export, (await db.Audit.OrderBy(a => a.Sequence).ToListAsync()).Select(a => AuditLine.Of(a.ToEntry()).ToJson()));
        }
        var with = $"--heads {seal.HeadsFile} --key {seal.PublicFile}";
        Assert.Equal(0, (await Call($"audit verify {export} {with}")).Code);
        var lines = await File.ReadAllLinesAsync(export);
        await File.WriteAllLinesAsync(export, lines[..3]);
        Assert.Equal(0, (await Call($"audit verify {export}")).Code);
        Assert.StartsWith("broken at 4:", (await Call($"audit verify {export} {with}")).Answer, StringComparison.Ordinal);
        Assert.Equal(2, (await Call($"audit verify {export} --heads {seal.HeadsFile}")).Code);
        Assert.Equal(2, (await Call($"audit verify {export} --heads {export} --key {seal.PublicFile}")).Code);
    }

    [Fact]
    public void The_private_key_is_for_its_owner_alone()
    {
        using var key = seal.Key();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "data", "keys", "audit-heads.pem")));
        }
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(seal.PublicFile), StringComparison.Ordinal);
    }
}
