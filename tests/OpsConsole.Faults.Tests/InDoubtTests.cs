using System.Net;
using OpsConsole.Engines.Tests;
using Xunit;

namespace OpsConsole.Faults.Tests;

/// <summary>Prepared transactions that somebody forgot, over the API, on a real server.</summary>
public sealed class InDoubtTests(PostgreSqlServer server)
{
    private static readonly object Why = new { reason = "its client is gone" };

    [Fact]
    public async Task A_forgotten_prepared_transaction_is_shown_and_ended_as_an_operator_decides()
    {
        await using var estate = await NightEstate.Make(server, 1);
        await estate.Console.Start();
        using var olga = estate.Console.As(estate.Operator);
        using var rosa = estate.Console.As(estate.Reviewer);
        var members = estate.Real("members");
        await server.Run(members, "create table kept (id int)", "begin", "insert into kept values (1)", "prepare transaction 'first'");
        await server.Run(members, "begin", "insert into kept values (2)", "prepare transaction 'second/2'");

        var shown = (await olga.See("api/v1/databases/members/in-doubt")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("gid").GetString());
        Assert.Equal(["first", "second/2"], shown);
        await rosa.Say("api/v1/databases/members/in-doubt/first/commit", expected: HttpStatusCode.Forbidden);
        await olga.Say("api/v1/databases/members/in-doubt/third/commit", Why, HttpStatusCode.NotFound);
        await olga.Say("api/v1/databases/moon/in-doubt/first/commit", Why, HttpStatusCode.NotFound);
        // Another database of the same server does not have it.
        await olga.Say("api/v1/databases/forum/in-doubt/first/commit", Why, HttpStatusCode.NotFound);
        await olga.Say("api/v1/databases/members/in-doubt/second%2F2/rollback", expected: HttpStatusCode.BadRequest);
        Assert.Equal("0", await estate.Text("members", "select count(*) from kept"));

        using (var bare = await olga.PostAsync("api/v1/databases/members/in-doubt/first/commit", null)) { Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode); }
        await olga.Say("api/v1/databases/members/in-doubt/first/commit", Why, HttpStatusCode.NoContent);
        await olga.Say("api/v1/databases/members/in-doubt/second%2F2/rollback", Why, HttpStatusCode.NoContent);
        Assert.Equal("1", await estate.Text("members", "select string_agg(id::text, ',') from kept"));
        Assert.Equal("0", await estate.Text("members", "select count(*) from pg_prepared_xacts where database = current_database()"));
        await olga.Say("api/v1/databases/members/in-doubt/first/commit", Why, HttpStatusCode.NotFound);
    }
}
