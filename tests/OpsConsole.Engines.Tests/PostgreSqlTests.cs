using Npgsql;
using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Engines.Tests;

public sealed class PostgreSqlTests(PostgreSqlServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Release Release(string version, string sql, bool transactional = true, bool repeatable = false) =>
        new(version, "a title", $"{version}.up.sql", sql, "aa" + version, null, null, transactional, repeatable, []);

    private static ReleaseFolder Folder(ReleaseLayout layout, params Release[] releases) =>
        new(layout, layout == ReleaseLayout.Plain ? "opsconsole.plain_history" : "schema_migrations", releases, []);

    private static Task Apply(TestDatabase db, ReleaseFolder folder, Release release) => db.Hands.ApplyRelease(folder, release, "inst", 1, _ => { }, Token);

    private static CommitRequest Request(string key, string hash, params Leg[] legs) =>
        new(key, hash, "inst", 1, legs, [new("id", 1L), new("amount", 2.50m), new("note", "it's @id")]);

    private async Task<TestDatabase> Accounts()
    {
        var db = await server.NewDatabase();
        await db.Run("create table account(id int primary key, balance numeric(12,2) not null check (balance >= 0), note varchar(40))", "insert into account values (1, 10), (2, 20)");
        await db.Hands.RaiseFence("inst", 1, Token);
        return db;
    }

    [Fact]
    public async Task Looking_creates_nothing()
    {
        await using var db = await server.NewDatabase();
        var facts = await db.Hands.Look(Token);
        Assert.True(facts.SizeBytes > 0);
        Assert.Equal(0, facts.SiteSessions);
        Assert.Null((await db.Hands.ReadHistory(Token)).Tool);
        Assert.Null(await db.Hands.ReadFence(Token));
        Assert.Null((await db.Hands.ReadMarker("k", Token)).PayloadSha256);
        await db.Hands.Sessions(Token);
        await db.Hands.ReadWriteMark(Token);
        Assert.Equal("0", await db.Text("select count(*) from pg_namespace where nspname = 'opsconsole'"));
    }

    [Fact]
    public async Task A_query_cannot_write_and_cannot_leave_its_transaction()
    {
        await using var db = await Accounts();
        await Assert.ThrowsAsync<EngineFault>(() => db.Hands.Query("delete from account", [], 5, Token));
        await Assert.ThrowsAsync<EngineFault>(() => db.Hands.Query("commit; delete from account", [], 5, Token));
        var rows = await db.Hands.Query("select id, balance, null as nothing, timestamptz '2026-01-02 03:04:05+01' from account where id >= @id order by id", [new("id", 1L)], 1, Token);
        Assert.True(rows.Truncated);
        Assert.Equal(["1", "10.00", null, "2026-01-02 02:04:05+00"], rows.Rows[0]);
    }

    [Fact]
    public async Task A_newer_epoch_or_another_installation_shuts_this_console_out()
    {
        await using var db = await Accounts();
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.RaiseFence("other", 9, Token));
        await db.Hands.RaiseFence("inst", 3, Token);
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.RaiseFence("inst", 2, Token));
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.Commit(Request("k", "h", new Leg("update account set balance = 0 where id = 1", 1)), Token));
        Assert.Equal(("inst", 3L), await db.Hands.ReadFence(Token));
        Assert.Equal("10.00", await db.Text("select balance from account where id = 1"));
    }

    [Fact]
    public async Task A_take_over_ends_older_consoles_and_leaves_lookers_alone()
    {
        await using var db = await Accounts();
        await using var old = new NpgsqlConnection(server.ConnectionString(db.Name) + ";Pooling=false;Application Name=opsconsole/node0/1/queue");
        await using var looker = new NpgsqlConnection(server.ConnectionString(db.Name) + ";Pooling=false;Application Name=opsconsole/node0/-/look");
        await old.OpenAsync(Token);
        await looker.OpenAsync(Token);
        await using (var held = new NpgsqlCommand("begin; select 1 from opsconsole.fence for share", old)) { await held.ExecuteNonQueryAsync(Token); }
        await db.Hands.RaiseFence("inst", 2, Token);
        await using var late = new NpgsqlCommand("commit", old);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => late.ExecuteNonQueryAsync(Token));
        await using var still = new NpgsqlCommand("select 1", looker);
        Assert.Equal(1, await still.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task Releases_share_a_session_and_nothing_that_one_sets_reaches_the_next()
    {
        await using var db = await server.NewDatabase();
        await db.Run("create table seen(pid int, path text, temporary bool)", "create schema elsewhere");
        await db.Hands.RaiseFence("inst", 1, Token);
        const string look = "insert into public.seen select pg_backend_pid(), current_setting('search_path'), to_regclass('pg_temp.mine') is not null";
        Release[] releases = [Release("1", $"{look};\nset search_path = elsewhere;\ncreate temp table mine(id int)"), Release("2", look)];
        var folder = Folder(ReleaseLayout.Plain, releases);
        foreach (var release in releases) { await Apply(db, folder, release); }
        Assert.Equal("1", await db.Text("select count(distinct pid) from seen"));
        Assert.Equal("\"$user\", public", await db.Text("select string_agg(distinct path, ';') from seen"));
        Assert.Equal("false", await db.Text("select bool_or(temporary)::text from seen"));
    }

    [Fact]
    public async Task A_session_that_was_ended_between_two_releases_is_replaced()
    {
        await using var db = await server.NewDatabase();
        await db.Run("create table seen(pid int)");
        await db.Hands.RaiseFence("inst", 1, Token);
        Release[] releases = [Release("1", "insert into seen select pg_backend_pid()"), Release("2", "insert into seen select pg_backend_pid()")];
        var folder = Folder(ReleaseLayout.Plain, releases);
        await Apply(db, folder, releases[0]);
        await db.Run("select pg_terminate_backend(pid, 5000) from seen");
        await Apply(db, folder, releases[1]);
        Assert.Equal("2", await db.Text("select count(distinct pid) from seen"));
    }

    [Fact]
    public async Task A_commit_is_made_once_and_only_whole()
    {
        await using var db = await Accounts();
        var legs = new[] { new Leg("update account set balance = balance + @amount, note = @note where id = @id", 1), new Leg("update account set balance = balance - @amount where id = 2;", 1) };
        var first = await db.Hands.Commit(Request("k1", "h1", legs), Token);
        Assert.Equal(CommitOutcome.Committed, first.Outcome);
        Assert.Equal([1, 1], first.RowsPerLeg);
        Assert.Equal("12.50 it's @id", await db.Text("select balance || ' ' || note from account where id = 1"));
        Assert.Equal(CommitOutcome.AlreadyApplied, (await db.Hands.Commit(Request("k1", "h1", legs), Token)).Outcome);
        Assert.Equal(CommitOutcome.KeyConflict, (await db.Hands.Commit(Request("k1", "h2", legs), Token)).Outcome);
        Assert.Equal("h1", (await db.Hands.ReadMarker("k1", Token)).PayloadSha256);

        var wrong = await db.Hands.Commit(Request("k2", "h", new Leg("update account set balance = 1", 1)), Token);
        Assert.Equal((CommitOutcome.Refused, 2), (wrong.Outcome, wrong.RowsPerLeg[0]));
        Assert.Equal(CommitOutcome.Refused, (await db.Hands.Commit(Request("k2", "h", new Leg("update account set balance = -1 where id = 1", 1)), Token)).Outcome);
        Assert.Equal(CommitOutcome.Refused, (await db.Hands.Commit(Request("k2", "h", new Leg("select 1/0", 1)), Token)).Outcome);
        Assert.Equal(CommitOutcome.Refused, (await db.Hands.Commit(Request("k2", "h", new Leg("commit", 0)), Token)).Outcome);
        Assert.Null((await db.Hands.ReadMarker("k2", Token)).PayloadSha256);
        Assert.Equal("30.00", await db.Text("select sum(balance) from account"));
    }

    [Fact]
    public async Task A_constraint_that_waits_for_the_commit_still_refuses_it()
    {
        await using var db = await Accounts();
        await db.Run("create table child(id int primary key, account int references account deferrable initially deferred)");
        var leg = new Leg("insert into child values (1, 99)", 1);
        Assert.Equal(CommitOutcome.Refused, (await db.Hands.Commit(Request("k", "h", leg), Token)).Outcome);
        Assert.False((await db.Hands.Preview([leg], [], [], Token)).WouldCommit);
    }

    [Fact]
    public async Task A_preview_shows_before_and_after_and_changes_nothing()
    {
        await using var db = await Accounts();
        var preview = await db.Hands.Preview([new("update account set balance = balance + @amount where id = @id", 1)], [new("id", 1L), new("amount", 1m)],
            [new("balance", "select balance from account where id = @id")], Token);
        Assert.True(preview.WouldCommit);
        Assert.Equal(new EvidenceLine("balance", "10.00", "11.00"), Assert.Single(preview.Evidence));
        Assert.Equal("10.00", await db.Text("select balance from account where id = 1"));
    }

    [Fact]
    public async Task Twice_the_same_transaction_at_once_is_applied_once()
    {
        await using var db = await Accounts();
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => db.Hands.Commit(Request("same", "h", new Leg("update account set balance = balance + 1 where id = 1", 1)), Token)));
        Assert.Equal(1, all.Count(r => r.Outcome == CommitOutcome.Committed));
        Assert.Equal(11, all.Count(r => r.Outcome == CommitOutcome.AlreadyApplied));
        Assert.Equal("11.00", await db.Text("select balance from account where id = 1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("grant connect on database {0} to {1} with grant option; revoke connect on database {0} from public")]
    [InlineData("create role {1}_group; grant {1}_group to {1}; grant connect, create on database {0} to {1}_group; revoke temporary on database {0} from public")]
    [InlineData("alter database {0} owner to {1}")]
    public async Task Doors_are_closed_to_the_site_and_opened_to_the_letter(string before)
    {
        await using var db = await Accounts();
        foreach (var statement in PostgreSqlSplitter.Split(string.Format(System.Globalization.CultureInfo.InvariantCulture, before, db.Name, db.Role))) { await db.Run(statement.Text); }
        await using var site = await db.AsSite();
        var record = await db.Hands.ReadDoors(Token);
        Assert.NotEmpty(await db.Hands.WhatHoldsItUp(Token));
        Assert.Equal(DoorState.Open, await db.Hands.InspectDoors(record, Token));

        Assert.Equal(1, await db.Hands.CloseDoors(record, Token));
        Assert.Equal(DoorState.Closed, await db.Hands.InspectDoors(record, Token));
        Assert.Equal(0, await db.Hands.CloseDoors(record, Token));
        await Assert.ThrowsAsync<PostgresException>(db.AsSite);
        Assert.Empty(await db.Hands.WhatHoldsItUp(Token));

        await db.Hands.OpenDoors(record, Token);
        Assert.Equal(DoorState.Open, await db.Hands.InspectDoors(record, Token));
        Assert.Equal(record, await db.Hands.ReadDoors(Token));
        await using var again = await db.AsSite();
    }

    [Fact]
    public async Task Nologin_is_refused_where_the_role_is_used_elsewhere_and_put_back_where_it_is_not()
    {
        await using var db = await server.NewDatabase(s => s with { Close = CloseMethod.NoLogin });
        await using var other = await server.NewDatabase();
        await db.Hands.RaiseFence("inst", 1, Token);
        var record = await db.Hands.ReadDoors(Token);
        await other.Run($"grant usage on schema public to {db.Role}");
        await Assert.ThrowsAsync<EngineFault>(() => db.Hands.CloseDoors(record, Token));
        await other.Run($"revoke usage on schema public from {db.Role}");
        await db.Hands.CloseDoors(record, Token);
        Assert.Equal(DoorState.Closed, await db.Hands.InspectDoors(record, Token));
        await Assert.ThrowsAsync<PostgresException>(db.AsSite);
        await db.Hands.OpenDoors(record, Token);
        await using var site = await db.AsSite();
    }

    [Fact]
    public async Task A_session_is_ended_and_the_consoles_own_are_not()
    {
        await using var db = await Accounts();
        await using var site = await db.AsSite();
        var facts = Assert.Single(await db.Hands.Sessions(Token), s => !s.Own);
        Assert.True(await db.Hands.EndSession(facts.Id, Token));
        Assert.False(await db.Hands.EndSession(facts.Id, Token));
    }

    [Fact]
    public async Task A_checkpoint_restores_content_and_shell_and_can_be_used_twice()
    {
        await using var db = await Accounts();
        await db.Run("create sequence s", "select nextval('s')", "select lo_from_bytea(0, 'abc')",
            $"alter database {db.Name} set search_path = \"$user\", public, \"odd, name\"", $"alter role {db.Role} in database {db.Name} set work_mem = '5MB'",
            $"comment on database {db.Name} is 'the site''s'", $"alter database {db.Name} connection limit 77", $"alter database {db.Name} owner to {db.Role}");
        var doors = await db.Hands.ReadDoors(Token);
        await db.Hands.CloseDoors(doors, Token);
        var (shell, print, mark) = (await db.Hands.ReadShell(Token), await db.Hands.ReadFingerprint(Token), await db.Hands.ReadWriteMark(Token));
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectCheckpoint("a1", Token)).Observed);
        await db.Hands.TakeCheckpoint("a1", Token);
        await db.Hands.TakeCheckpoint("a1", Token);
        Assert.Equal(Observed.Done, (await db.Hands.InspectCheckpoint("a1", Token)).Observed);
        Assert.Equal(mark, await db.Hands.ReadWriteMark(Token));

        for (var epoch = 2; epoch < 4; epoch++)
        {
            await db.Run("update account set balance = 1", "create table more(x int)", "select nextval('s')");
            Assert.Equal(Observed.NotDone, (await db.Hands.InspectRestore("a1", print, Token)).Observed);
            await db.Hands.Restore("a1", shell, "inst", epoch, Token);
            Assert.Equal(Observed.Done, (await db.Hands.InspectRestore("a1", print, Token)).Observed);
            Assert.Equal(shell, await db.Hands.ReadShell(Token));
            Assert.Equal(("inst", (long)epoch), await db.Hands.ReadFence(Token));
            Assert.Equal(DoorState.Closed, await db.Hands.InspectDoors(doors, Token));
            await Assert.ThrowsAsync<PostgresException>(db.AsSite);
        }
        await db.Hands.OpenDoors(doors, Token);
        Assert.Equal(doors, await db.Hands.ReadDoors(Token));
        await db.Hands.DropCheckpoint("a1", Token);
        Assert.Equal("1", await server.Text("postgres", $"select count(*) from pg_database where datname like '{db.Name}%'"));
    }

    [Fact]
    public async Task A_checkpoint_is_refused_while_a_prepared_transaction_is_open_and_a_half_made_one_is_made_again()
    {
        await using var db = await Accounts();
        await db.Run("begin", "insert into account values (3, 3)", "prepare transaction 'forgotten'");
        Assert.Contains("forgotten", (await Assert.ThrowsAsync<EngineFault>(() => db.Hands.TakeCheckpoint("p", Token))).Message, StringComparison.Ordinal);
        Assert.Contains((await db.Hands.WhatHoldsItUp(Token)), h => h.Contains("forgotten", StringComparison.Ordinal));
        Assert.Equal(1, (await db.Hands.Look(Token)).InDoubt);
        await db.Run("rollback prepared 'forgotten'");
        // As a death between the copy and its completion leaves it: an unmarked copy, the source shut.
        await server.Run("postgres", $"create database {db.Name}_oc_p", $"alter database {db.Name} allow_connections false");
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectCheckpoint("p", Token)).Observed);
        await db.Hands.RaiseFence("inst", 2, Token);
        await db.Hands.TakeCheckpoint("p", Token);
        Assert.Equal(Observed.Done, (await db.Hands.InspectCheckpoint("p", Token)).Observed);
    }

    [Theory]
    [InlineData(true, PreparedFate.Committed, "3")]
    [InlineData(false, PreparedFate.RolledBack, "2")]
    public async Task A_prepared_transaction_is_ended_as_decided_and_its_fate_can_be_asked_for(bool commit, PreparedFate fate, string rows)
    {
        await using var db = await Accounts();
        await db.Run("begin", "insert into account values (3, 3)", "prepare transaction 'it''s / 1%2F'");
        var prepared = Assert.Single(await db.Hands.Prepared(Token));
        Assert.Equal(("it's / 1%2F", false), (prepared.Gid, prepared.Own));
        Assert.Equal(PreparedFate.Waiting, await db.Hands.FateOf(prepared, Token));
        await db.Hands.SettlePrepared(prepared.Gid, commit, "inst", 1, Token);
        Assert.Equal(fate, await db.Hands.FateOf(prepared, Token));
        Assert.Empty(await db.Hands.Prepared(Token));
        Assert.Equal(rows, await db.Text("select count(*) from account"));
        Assert.Equal("42704", (await Assert.ThrowsAsync<EngineFault>(() => db.Hands.SettlePrepared(prepared.Gid, commit, "inst", 1, Token))).Code);
        // The name again, another transaction: the fate of the first is not that of the second.
        await db.Run("begin", "insert into account values (4, 4)", "prepare transaction 'it''s / 1%2F'");
        Assert.Equal(fate, await db.Hands.FateOf(prepared, Token));
        await db.Run("rollback prepared 'it''s / 1%2F'");
    }

    [Fact]
    public async Task A_console_whose_time_is_over_settles_no_prepared_transaction_and_one_that_holds_the_fence_can_still_be_settled()
    {
        await using var db = await Accounts();
        await db.Run("begin", "select 1 from opsconsole.fence for share", "insert into account values (3, 3)", "prepare transaction 'branch'");
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.SettlePrepared("branch", true, "other", 9, Token));
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.SettlePrepared("branch", true, "inst", 0, Token));
        Assert.Single(await db.Hands.Prepared(Token));
        await db.Hands.SettlePrepared("branch", true, "inst", 2, Token);
        Assert.Equal("3", await db.Text("select count(*) from account"));
    }

    [Theory]
    [InlineData("create database {0}_oc_r_w;alter database {0} allow_connections false")]
    [InlineData("alter database {0} allow_connections false;alter database {0} rename to {0}_oc_r_o;create database {0} template {0}_oc_r")]
    public async Task A_restore_that_died_on_its_way_is_taken_up_again(string left)
    {
        await using var db = await Accounts();
        var doors = await db.Hands.ReadDoors(Token);
        await db.Hands.CloseDoors(doors, Token);
        var (shell, print) = (await db.Hands.ReadShell(Token), await db.Hands.ReadFingerprint(Token));
        await db.Hands.TakeCheckpoint("r", Token);
        await db.Run("update account set balance = 5");
        await db.Hands.DisposeAsync();
        foreach (var statement in left.Split(';')) { await server.Run("postgres", string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, db.Name)); }
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectRestore("r", print, Token)).Observed);
        await db.Hands.Restore("r", shell, "inst", 2, Token);
        Assert.Equal(Observed.Done, (await db.Hands.InspectRestore("r", print, Token)).Observed);
        Assert.Equal(("inst", 2L), await db.Hands.ReadFence(Token));
        Assert.Equal("2", await server.Text("postgres", $"select count(*) from pg_database where datname = '{db.Name}' or datname like '{db.Name}\\_oc\\_%'"));
    }

    [Fact]
    public async Task The_write_mark_moves_with_each_kind_of_write_and_not_with_the_consoles()
    {
        await using var db = await Accounts();
        await db.Run("create sequence s");
        await SettledMark(db);
        var quiet = await db.Hands.ReadWriteMark(Token);
        await db.Hands.RaiseFence("inst", 2, Token);
        await db.Run("analyze account", "select count(*) from account");
        Assert.Equal(quiet, await SettledMark(db));
        foreach (var write in new[] { "update account set note = 'x' where id = 1", "select nextval('s')", "truncate account", "create function f() returns int language sql return 1", "select lo_from_bytea(0, 'abc')", "grant select on account to public" })
        {
            var before = await SettledMark(db);
            await db.Run(write);
            Assert.True(before != await SettledMark(db), write);
        }
    }

    /// <summary>Waits until the ended session's counters have come in.</summary>
    private async Task<WriteMark> SettledMark(TestDatabase db)
    {
        while (await server.Text("postgres", $"select count(*) from pg_stat_activity where datname = '{db.Name}' and application_name = 'test'") != "0") { await Task.Delay(10, Token); }
        return await db.Hands.ReadWriteMark(Token);
    }

    [Fact]
    public async Task A_fingerprint_does_not_see_row_order_and_sees_everything_else()
    {
        await using var one = await server.NewDatabase();
        await using var two = await server.NewDatabase();
        const string schema = "create table t(t int, v text); create table p(a int) partition by range (a); create table p1 partition of p for values from (0) to (9); create type e as enum ('a', 'b')";
        await one.Run(schema, "insert into t values (1, 'a'), (1, 'a'), (2, null)", "insert into p values (1)");
        await two.Run(schema, "insert into t values (2, null), (1, 'a'), (1, 'a')", "insert into p values (1)");
        await two.Run($"alter default privileges in schema public grant all on tables to {one.Role}");
        await one.Run($"alter default privileges in schema public grant all on tables to {two.Role}");
        var expected = await one.Hands.ReadFingerprint(Token);
        var actual = await two.Hands.ReadFingerprint(Token);
        Assert.Equal(expected.Tables, actual.Tables);
        foreach (var change in new[] { "update t set v = 'b' where ctid = (select min(ctid) from t where t = 1)", "delete from t where t = 1", "alter table t alter v set default 'x'", "create index on t(v)", "alter type e add value 'c'", "create view v as select 1 as one", "select lo_from_bytea(0, 'x')" })
        {
            var before = await two.Hands.ReadFingerprint(Token);
            await two.Run(change);
            Assert.True(before.DifferenceTo(await two.Hands.ReadFingerprint(Token)) is not null, change);
        }
        await one.Hands.RaiseFence("inst", 1, Token);
        Assert.Equal(expected.Digest, (await one.Hands.ReadFingerprint(Token)).Digest);
    }

    [Theory]
    [InlineData(ReleaseLayout.GolangMigrate, "golang-migrate")]
    [InlineData(ReleaseLayout.Plain, "plain")]
    public async Task A_release_is_applied_whole_with_its_history_row(ReleaseLayout layout, string tool)
    {
        await using var db = await Accounts();
        var good = Release("1", "begin;\ncreate table a(x int);\ncreate function f() returns int begin atomic select 1; select 2; end;\ncommit;");
        var bad = Release("2", "create table b(x int);\n\ninsert into b\n values ('no');");
        var folder = Folder(layout, good, bad);
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectRelease(folder, good, Token)).Observed);
        var lines = new List<StatementProgress>();
        await db.Hands.ApplyRelease(folder, good, "inst", 1, lines.Add, Token);
        await Apply(db, folder, good);
        Assert.Equal([(1, 2, false), (1, 2, true), (2, 3, false), (2, 3, true)], lines.Select(p => (p.Number, p.Line, p.Ended)));
        Assert.Equal(Observed.Done, (await db.Hands.InspectRelease(folder, good, Token)).Observed);

        var fault = await Assert.ThrowsAsync<EngineFault>(() => Apply(db, folder, bad));
        Assert.Equal(4, fault.Line);
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectRelease(folder, bad, Token)).Observed);
        Assert.Null(await db.Text("select to_regclass('b')"));
        var history = await db.Hands.ReadHistory(Token);
        Assert.Equal((tool, "1", LampState.No), (history.Tool, history.Version, history.Failed.State));
        await Assert.ThrowsAsync<FenceRefused>(() => db.Hands.ApplyRelease(folder, bad, "inst", 9, _ => { }, Token));
    }

    [Theory]
    [InlineData(ReleaseLayout.GolangMigrate)]
    [InlineData(ReleaseLayout.Plain)]
    public async Task A_release_outside_a_transaction_that_breaks_off_is_torn_until_it_may_be_repeated(ReleaseLayout layout)
    {
        await using var db = await Accounts();
        var sql = "alter table account add column if not exists k int;\ncreate unique index concurrently if not exists account_k on account((1));";
        var release = Release("5", sql, transactional: false);
        var folder = Folder(layout, release);
        await Assert.ThrowsAsync<EngineFault>(() => Apply(db, folder, release));
        var torn = await db.Hands.InspectRelease(folder, release, Token);
        Assert.Equal(Observed.Torn, torn.Observed);
        Assert.Contains("account_k", torn.Because, StringComparison.Ordinal);
        Assert.Equal(LampState.Yes, (await db.Hands.ReadHistory(Token)).Failed.State);
        Assert.Contains("repeated", (await Assert.ThrowsAsync<EngineFault>(() => Apply(db, folder, release))).Message, StringComparison.Ordinal);

        // Repeated as it is, IF NOT EXISTS steps over the broken index: that must not pass for done.
        Assert.Contains("INVALID", (await Assert.ThrowsAsync<EngineFault>(() => Apply(db, folder, release with { Repeatable = true }))).Message, StringComparison.Ordinal);
        await db.Run("drop index account_k", "delete from account where id = 2");
        Assert.Equal(Observed.NotDone, (await db.Hands.InspectRelease(folder, release, Token)).Observed);
        await db.Run("update opsconsole.started set ended = 1");
        await Apply(db, folder, release with { Repeatable = true });
        Assert.Equal(Observed.Done, (await db.Hands.InspectRelease(folder, release, Token)).Observed);
        Assert.Equal("t", await db.Text("select indisvalid from pg_index where indexrelid = 'account_k'::regclass"));
    }
}
