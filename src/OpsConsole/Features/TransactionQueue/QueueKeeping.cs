using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Domain;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Recording;

namespace OpsConsole.Features.TransactionQueue;

/// <summary>A body that was read and found good.</summary>
internal sealed record Posted(
    string Kind, string FieldsJson, DateTimeOffset StartedAt, string? ExternalId, string Payload, string Content, bool AboveLimit,
    decimal? Amount, string? Currency, IReadOnlyList<string> OrderKeys);

/// <param name="Pulled">read from a table of its site, and not posted</param>
internal sealed record Post(Actor Actor, string Site, string Key, Posted Content, bool Pulled = false);

/// <summary>
/// Writes what was posted. Who comes while others are being written is written with the next group: known keys and the next number are asked for once a group and not
/// once a post. Where a group fails, each of it is written alone, so that nobody suffers for a neighbour. No group may hold a site's key twice; the caller sees to that.
/// </summary>
public sealed class QueueKeeping(Recorder recorder)
{
    private const int GroupLimit = 1_024;
    private readonly ConcurrentQueue<Waiting> waiting = new();
    private int asked;

    private sealed record Waiting(Post Post, TaskCompletionSource<Answer<Taken>> Done);

    internal Task<Answer<Taken>> Keep(Post post)
    {
        var one = new Waiting(post, new TaskCompletionSource<Answer<Taken>>(TaskCreationOptions.RunContinuationsAsynchronously));
        waiting.Enqueue(one);
        Ask();
        return one.Done.Task;
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref asked, 1) == 0) { _ = WriteGroup(); }
    }

    private async Task WriteGroup()
    {
        List<Waiting> group = [];
        try
        {
            var answers = await recorder.Write((write, token) =>
            {
                Gather(group);
                return All(write, group.ConvertAll(w => w.Post), token);
            }, CancellationToken.None);
            for (var i = 0; i < group.Count; i++) { group[i].Done.SetResult(answers[i]); }
        }
        catch (Exception fault) // Nothing of the group is on disk; whoever waits is told by its own attempt.
        {
            if (group.Count == 0) { Gather(group); }
            foreach (var one in group) { await Alone(one, group.Count > 1 ? null : fault); }
        }
    }

    private async Task Alone(Waiting one, Exception? already)
    {
        try
        {
            if (already is not null) { throw already; }
            one.Done.SetResult((await recorder.Write((write, token) => All(write, [one.Post], token), CancellationToken.None))[0]);
        }
        catch (Exception fault) // Its own caller's.
        {
            one.Done.SetException(fault);
        }
    }

    private void Gather(List<Waiting> group)
    {
        Volatile.Write(ref asked, 0);
        while (group.Count < GroupLimit && waiting.TryDequeue(out var one)) { group.Add(one); }
        if (!waiting.IsEmpty) { Ask(); }
    }

    private static async Task<List<Answer<Taken>>> All(StoreWrite write, List<Post> posts, CancellationToken token)
    {
        var rows = write.Db.Set<QueuedTransactionRow>();
        var known = new Dictionary<(string, string), (string Id, string Content)>();
        foreach (var site in posts.GroupBy(p => p.Site))
        {
            string[] keys = [.. site.Select(p => p.Key)];
            var found = await rows.AsNoTracking().Where(t => t.Site == site.Key && EF.Parameter(keys).Contains(t.Key)).Select(t => new { t.Key, t.Id, t.ContentSha256 }).ToListAsync(token);
            foreach (var row in found) { known[(site.Key, row.Key)] = (row.Id, row.ContentSha256); }
        }
        var posters = new Dictionary<string, string?>();
        var last = await rows.MaxAsync(t => (long?)t.Sequence, token) ?? 0;
        List<Answer<Taken>> answers = new(posts.Count);
        foreach (var post in posts)
        {
            if (!posters.TryGetValue(post.Actor.Proof, out var poster)) { posters[post.Actor.Proof] = poster = await PosterOf(write, post.Actor, token); }
            answers.Add(poster is null ? new Refusal(RefusalCode.Unauthorized, "This key was revoked.")
                : !known.TryGetValue((post.Site, post.Key), out var first) ? Add(write, post, ++last, poster)
                : first.Content == post.Content.Content ? new Taken(first.Id, "pending", Replayed: true)
                : new Refusal(RefusalCode.KeyReused, $"The key {post.Key} was used for another transaction ({first.Id})."));
        }
        return answers;
    }

    private static Taken Add(StoreWrite write, Post post, long sequence, string poster)
    {
        var (id, content) = (Guid.CreateVersion7(write.Now).ToString(), post.Content);
        write.Insert(new QueuedTransactionRow
        {
            Id = id,
            Sequence = sequence,
            Site = post.Site,
            Key = post.Key,
            Kind = content.Kind,
            FieldsJson = content.FieldsJson,
            StartedAt = content.StartedAt,
            ExternalId = content.ExternalId,
            ReceivedAt = write.Now,
            PostedBy = poster,
            PayloadSha256 = content.Payload,
            ContentSha256 = content.Content,
            Pulled = post.Pulled,
            AboveLimit = content.AboveLimit,
            Amount = content.Amount,
            Currency = content.Currency,
        });
        foreach (var value in content.OrderKeys) { write.Insert(new QueueOrderKeyRow { TransactionId = id, Value = value }); }
        write.Audit(post.Actor, "transaction.taken", id, new { site = post.Site, key = post.Key, kind = content.Kind, payload = content.Payload });
        write.Moved(Topics.Queue);
        return new Taken(id, "pending", Replayed: false);
    }

    /// <summary>The person whose key it is, else the actor: one who posted does not approve. Null: the key was revoked since it was looked up at the door.</summary>
    private static async Task<string?> PosterOf(StoreWrite write, Actor actor, CancellationToken token)
    {
        var key = actor.Proof.StartsWith("key:", StringComparison.Ordinal) ? actor.Proof[4..] : null;
        if (key is null) { return actor.Id; }
        var known = await write.Db.ApiKeys.Where(k => k.Name == key).Select(k => new { k.RevokedAt, Person = write.Db.Users.Where(p => p.Id == k.PersonId).Select(p => p.UserName).FirstOrDefault() }).FirstOrDefaultAsync(token);
        return known is { RevokedAt: not null } ? null : known?.Person ?? actor.Id;
    }
}
