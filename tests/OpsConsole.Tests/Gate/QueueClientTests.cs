using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OpsConsole.Gate;
using Xunit;

namespace OpsConsole.Tests.Gate;

public sealed class QueueClientTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2005, 11, 15, 6, 0, 0, TimeSpan.Zero));
    private readonly FakeConsole console;
    private readonly string folder = Directory.CreateTempSubdirectory("queue").FullName;
    private readonly List<QueueReceipt> receipts = [];

    public QueueClientTests() => console = new(time);

    public void Dispose()
    {
        console.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string File => Path.Combine(folder, "outbox.jsonl");

    private QueueClient Client() => new(new()
    {
        BaseAddress = new("http://console/ops/"),
        Key = "key",
        OutboxFile = File,
        Time = time,
        Handler = console,
        OnReceipt = r => { lock (receipts) { receipts.Add(r); } },
    });

    private async Task Until(Func<bool> so)
    {
        for (var i = 0; i < 2000 && !so(); i++)
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(0.1));
        }
        Assert.True(so());
    }

    private string Deposit(QueueClient client, decimal amount) =>
        client.Post("deposit", new Dictionary<string, object?> { ["account"] = 7L, ["amount"] = QueueMoney.Of(amount, "EUR") }, time.GetUtcNow());

    [Fact]
    public async Task Every_fault_on_the_way_is_answered_by_the_same_key_and_the_order_holds()
    {
        foreach (var fault in (HttpStatusCode?[])[null, HttpStatusCode.BadGateway, HttpStatusCode.Conflict, HttpStatusCode.TooManyRequests, HttpStatusCode.Unauthorized])
        {
            console.PostAnswers.Enqueue(fault);
        }
        await using var client = Client();
        client.Start();
        var first = Deposit(client, 1234.5m);
        var second = Deposit(client, 5m);
        await Until(() => client.Waiting == 0 && receipts.Count == 2);
        Assert.Equal([first, first, first, first, first, first, second], console.Posts.Select(p => p.Key));
        Assert.Equal([first, second], receipts.Select(r => r.Key));
        Assert.All(receipts, r => Assert.True(r is { Taken: true, Status: "pending", Id: not null }));
        using var body = JsonDocument.Parse(console.Posts[0].Body);
        Assert.Equal("""{"value":"1234.50","currency":"EUR"}""", body.RootElement.GetProperty("fields").GetProperty("amount").GetRawText());
        Assert.Equal(7, body.RootElement.GetProperty("fields").GetProperty("account").GetInt64());
    }

    [Fact]
    public async Task What_could_not_be_sent_outlives_the_process_with_its_key()
    {
        console.Dead = true;
        string first;
        string second;
        await using (var client = Client())
        {
            client.Start();
            first = Deposit(client, 10m);
            second = Deposit(client, 20m);
            await Until(() => client.Fault is not null);
            Assert.Equal(2, client.Waiting);
        }
        console.Dead = false;
        await using var again = Client();
        again.Start();
        await Until(() => again.Waiting == 0);
        Assert.Equal([first, second], console.Posts.Select(p => p.Key));
        Assert.Equal(0, new FileInfo(File).Length);
    }

    [Fact]
    public async Task A_transaction_that_is_refused_for_good_is_told_and_holds_up_nobody()
    {
        console.PostAnswers.Enqueue(HttpStatusCode.UnprocessableEntity);
        await using var client = Client();
        client.Start();
        Deposit(client, 10m);
        Deposit(client, 20m);
        await Until(() => receipts.Count == 2);
        Assert.Equal([false, true], receipts.Select(r => r.Taken));
        Assert.Contains("invalidField", receipts[0].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("has space")]
    [InlineData("naïve")]
    public async Task A_key_that_no_console_takes_is_refused_before_it_is_kept(string key)
    {
        await using var client = Client();
        Assert.Throws<ArgumentException>(() => client.Post("deposit", new Dictionary<string, object?>(), time.GetUtcNow(), key: key));
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public void A_torn_last_line_is_cut_off_and_the_whole_ones_stay()
    {
        var entry = new OutboxEntry("k1", "deposit", JsonSerializer.SerializeToElement(new { account = 1 }), time.GetUtcNow(), null);
        using (var outbox = new Outbox(File))
        {
            outbox.Put(entry);
            outbox.Put(entry with { Key = "k2" });
            outbox.Put(entry with { Key = "k2" });
            outbox.Done("k1");
        }
        System.IO.File.AppendAllText(File, """{"put":{"key":"k3","ki""", Encoding.UTF8);
        using (var outbox = new Outbox(File))
        {
            Assert.Equal((1, "k2"), (outbox.Count, outbox.First?.Key));
            outbox.Put(entry with { Key = "k4" });
        }
        using var last = new Outbox(File);
        Assert.Equal(2, last.Count);
        Assert.Throws<IOException>(() => new Outbox(File));
    }
}
