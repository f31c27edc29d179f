using OpsConsole.Engines.PostgreSql;

namespace OpsConsole.Engines.Tests;

public sealed class PostgreSqlSplitterTests
{
    [Fact]
    public void Cuts_at_semicolons_and_keeps_the_lines()
    {
        var found = PostgreSqlSplitter.Split("-- first\nselect 1;\n\n/* a ; /* nested ; */ b */\nselect\n 2;;\nselect 3");
        Assert.Equal([(2, "select 1"), (5, "select\n 2"), (7, "select 3")], found.Select(s => (s.Line, s.Text)));
    }

    [Theory]
    [InlineData("select ';'';' , \"a;\"\"b\"")]
    [InlineData("select E'a\\';b', 'c\\'")]
    [InlineData("do $x$ begin perform 1; perform $$a;b$$; end $x$")]
    [InlineData("create rule r as on insert to t do (insert into a values (1); insert into b values (2))")]
    [InlineData("create function f(a int) returns int begin atomic select case when a > 1 then 2 else 3 end; select 4; end")]
    [InlineData("create or replace procedure p() language sql begin atomic insert into t values (1); end")]
    [InlineData("select a$b$c from t where x = 'a;b'")]
    public void A_semicolon_inside_ends_nothing(string statement)
    {
        var found = PostgreSqlSplitter.Split(statement + ";\nselect 9;");
        Assert.Equal([statement, "select 9"], found.Select(s => s.Text));
        Assert.Equal(2, found[1].Line);
    }

    [Theory]
    [InlineData("BEGIN", true)]
    [InlineData("/* x */ commit work", true)]
    [InlineData("prepare transaction 'x'", true)]
    [InlineData("prepare p as select 1", false)]
    [InlineData("select 'commit'", false)]
    public void Transaction_control_is_told_by_the_first_words(string sql, bool control) =>
        Assert.Equal(control, Assert.Single(PostgreSqlSplitter.Split(sql)).ControlsTransaction);
}
