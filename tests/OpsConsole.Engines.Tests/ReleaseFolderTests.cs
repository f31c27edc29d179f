using System.Security.Cryptography;
using OpsConsole.Engines;
using OpsConsole.Engines.Releases;

namespace OpsConsole.Engines.Tests;

public sealed class ReleaseFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("opsconsole-releases").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private ReleaseFolder Read(ReleaseLayout layout = ReleaseLayout.Auto, EngineKind engine = EngineKind.PostgreSql, params (string Name, string Sql)[] files)
    {
        foreach (var (name, sql) in files) { File.WriteAllText(Path.Combine(folder, name), sql); }
        return ReleaseFolders.Read(folder, layout, engine);
    }

    private ReleaseFolder One(string sql, EngineKind engine = EngineKind.PostgreSql) => Read(engine: engine, files: ("001_it.sql", sql));

    [Fact]
    public void Golang_migrate_is_ordered_as_numbers_and_its_versions_are_bigints()
    {
        var read = Read(files: [("10_ten.up.sql", "select 10"), ("0009_nine_lives.up.sql", "select 9"), ("9_back.down.sql", "select -9"), ("readme.md", "")]);
        Assert.Equal(ReleaseLayout.GolangMigrate, read.Layout);
        Assert.Equal(["9", "10"], read.Releases.Select(r => r.Version));
        Assert.Equal(("nine lives", "select -9", "9_back.down.sql"), (read.Releases[0].Title, read.Releases[0].DownSql, read.Releases[0].DownFile));
        Assert.Null(read.Releases[1].DownSql);
        Assert.Empty(read.Findings);
        Assert.Equal(["10"], read.Between("9", "10").Select(r => r.Version));
    }

    [Fact]
    public void Plain_files_keep_their_number_as_written_and_the_hash_is_of_the_bytes()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. "select 'ü'"u8];
        File.WriteAllBytes(Path.Combine(folder, "007_x.sql"), bytes);
        var read = Read(files: [("008_y.sql", "select 8"), ("007_x.down.sql", "select -7")]);
        Assert.Equal(ReleaseLayout.Plain, read.Layout);
        Assert.Equal(["007", "008"], read.Releases.Select(r => r.Version));
        Assert.Equal("select 'ü'", read.Releases[0].UpSql);
        Assert.Equal("select -7", read.Releases[0].DownSql);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), read.Releases[0].UpSha256);
        Assert.Empty(read.Findings);
    }

    [Fact]
    public void Auto_says_when_it_cannot_tell()
    {
        Assert.True(Assert.Single(Read().Findings).Blocking);
        var both = Read(files: [("1_a.up.sql", "select 1"), ("002_b.sql", "select 2")]);
        Assert.Contains("several layouts", Assert.Single(both.Findings).Text, StringComparison.Ordinal);
        Assert.Empty(both.Releases);
        var gone = ReleaseFolders.Read(Path.Combine(folder, "gone"), ReleaseLayout.Auto, EngineKind.Sqlite);
        Assert.Contains("not there", Assert.Single(gone.Findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Twins_and_numbers_that_sort_wrongly_block()
    {
        var twins = Read(files: [("007_a.sql", "select 1"), ("07_b.sql", "select 2")]);
        Assert.Contains(twins.Findings, f => f is { Blocking: true, File: "07_b.sql" });
        foreach (var file in Directory.GetFiles(folder)) { File.Delete(file); }
        var disorder = Read(files: [("9_a.sql", "select 1"), ("10_b.sql", "select 2")]);
        Assert.Contains(disorder.Findings, f => f is { Blocking: true, File: "10_b.sql" });
    }

    [Theory]
    [InlineData("select 1;\n\\i other.sql\nselect 2;", 2, "\\i other.sql")]
    [InlineData("select $$;\\i no$$, E'\\'\\i no';\ncopy a from stdin;\n1\t'\n\\.\nselect 1;", 2, "COPY FROM stdin")]
    [InlineData("-- begin;\n/* /* ; */ begin */\nselect 'begin';\nBegin;\nselect 1;", 4, "BEGIN")]
    [InlineData("-- only a comment\n", 1, "no statement")]
    [InlineData("-- opsconsole: repeatabel\nselect 1", 1, "repeatabel")]
    public void What_the_console_cannot_run_blocks_with_its_line(string sql, int line, string text)
    {
        var finding = Assert.Single(One(sql).Findings, f => f.Blocking);
        Assert.Equal(("001_it.sql", line), (finding.File, finding.Line));
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EngineKind.PostgreSql, "create unique index concurrently i on t (a)", false)]
    [InlineData(EngineKind.PostgreSql, "alter type mood add value 'glad'", false)]
    [InlineData(EngineKind.PostgreSql, "vacuum full t", false)]
    [InlineData(EngineKind.PostgreSql, "insert into notes values ('vacuum; create index concurrently')", true)]
    [InlineData(EngineKind.PostgreSql, "create function f() returns int begin atomic select 1; select 2; end; vacuum t", false)]
    [InlineData(EngineKind.PostgreSql, "-- opsconsole: no-transaction\nselect 1", false)]
    [InlineData(EngineKind.Sqlite, "vacuum", false)]
    [InlineData(EngineKind.Sqlite, "pragma main.journal_mode = wal", false)]
    [InlineData(EngineKind.Sqlite, "pragma user_version = 3", true)]
    public void A_release_knows_whether_it_can_run_in_a_transaction(EngineKind engine, string sql, bool transactional)
    {
        var read = One(sql, engine);
        Assert.Equal(transactional, read.Releases[0].Transactional);
        Assert.DoesNotContain(read.Findings, f => f.Blocking);
    }

    [Fact]
    public void A_trigger_is_one_statement_and_the_lines_stay_right()
    {
        const string sql = """
            create trigger t after insert on a begin
              update b set x = case when 1 then 2 end;
              insert into c values (';end;');
            end;
            create table [odd;name] (`a;b` int);
            .read other.sql
            select 1
            """;
        var script = ScriptCutter.Cut(sql, EngineKind.Sqlite);
        Assert.Equal([1, 5, 7], script.Statements.Select(s => s.Line));
        Assert.EndsWith("end", script.Statements[0].Text, StringComparison.Ordinal);
        Assert.Equal((6, ".read other.sql"), Assert.Single(script.MetaCommands));
    }

    [Fact]
    public void On_sqlite_a_pragma_that_a_transaction_swallows_blocks()
    {
        Assert.Contains(One("pragma foreign_keys = off;\nselect 1", EngineKind.Sqlite).Findings, f => f is { Blocking: true, Line: 1 });
        Assert.DoesNotContain(One("-- opsconsole: no-transaction\npragma foreign_keys = off;\nselect 1", EngineKind.Sqlite).Findings, f => f.Blocking);
    }
}
