using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using OpsConsole.Gate;
using Xunit;

namespace OpsConsole.Tests.Gate;

/// <summary>A console as small as can be, as a handler: one gate, the acknowledgements, the transactions. It can be made to fail.</summary>
internal sealed class FakeConsole(TimeProvider time) : HttpMessageHandler
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GateAnswer answer = new("forum", "open", 1, 15, default, Jobs: "run");

    public List<string> Asked { get; } = [];
    public List<(long Version, int? Left)> Acks { get; } = [];
    public List<(string Key, string Body)> Posts { get; } = [];
    public Queue<HttpStatusCode?> PostAnswers { get; } = [];
    public volatile bool Dead;
    public volatile bool AckRefused;

    public void Say(string state, AnnouncedWindow? announced = null)
    {
        lock (gate)
        {
            answer = answer with { State = state, Version = answer.Version + 1, Announced = announced };
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public int Count<T>(List<T> list)
    {
        lock (gate) { return list.Count; }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Dead)
        {
            throw new HttpRequestException("Connection refused.");
        }
        Assert.Equal("Bearer key", request.Headers.Authorization?.ToString());
        var path = request.RequestUri!.AbsolutePath;
        if (path == "/ops/api/v1/transactions")
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            lock (gate)
            {
                Posts.Add((request.Headers.GetValues("Idempotency-Key").Single(), body));
                return (PostAnswers.TryDequeue(out var status) ? status : HttpStatusCode.Created) switch
                {
                    null => throw new HttpRequestException("Connection reset."),
                    HttpStatusCode.Created => new(HttpStatusCode.Created) { Content = JsonContent.Create(new { id = Posts.Count, status = "pending" }) },
                    { } other => new(other) { Content = new StringContent("""{"code":"invalidField"}""") },
                };
            }
        }
        if (path == "/ops/api/v1/gates/forum/acks")
        {
            var ack = await request.Content!.ReadFromJsonAsync<JsonElement>(cancellationToken);
            lock (gate)
            {
                if (!AckRefused)
                {
                    Acks.Add((ack.GetProperty("version").GetInt64(), ack.GetProperty("sessionsLeft").ValueKind == JsonValueKind.Null ? null : ack.GetProperty("sessionsLeft").GetInt32()));
                }
                return new(AckRefused ? HttpStatusCode.InternalServerError : HttpStatusCode.NoContent);
            }
        }
        Assert.Equal("/ops/api/v1/gates/forum", path);
        var query = HttpUtility.ParseQueryString(request.RequestUri.Query);
        Task news;
        lock (gate)
        {
            Asked.Add(request.RequestUri.Query);
            if (query["after"] != answer.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))
            {
                return Now();
            }
            news = changed.Task;
        }
        var wait = TimeSpan.FromSeconds(int.Parse(query["wait"]!, System.Globalization.CultureInfo.InvariantCulture));
        await Task.WhenAny(news, Task.Delay(wait, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (Dead)
        {
            throw new HttpRequestException("Connection reset.");
        }
        lock (gate)
        {
            return news.IsCompleted ? Now() : new(HttpStatusCode.NotModified);
        }
    }

    private HttpResponseMessage Now() => new(HttpStatusCode.OK) { Content = JsonContent.Create(answer with { Now = time.GetUtcNow() }) };
}
