using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpsConsole.Domain;
using OpsConsole.Ground.Store;

namespace OpsConsole.Ground.Access;

/// <summary>Bearer keys. Only hashes are kept; a key that is not there, revoked or not ours is the same 401.</summary>
public sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, StoreFactory store)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    public static string NewKey() => "oc_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    // A gate is asked thousands of times a second: a hash that was good is believed for two seconds.
    private static readonly MemoryCache Known = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Whose key it is, where that was looked up within the last two seconds; null: it has to be looked up, or there is none.</summary>
    internal static ClaimsPrincipal? Remembered(HttpRequest request) => HashIn(request) is { } hash && Known.TryGetValue(hash, out ClaimsPrincipal? user) ? user : null;

    /// <summary>The site whose key it is; null: it is a person's.</summary>
    internal static Actor? SiteOf(ClaimsPrincipal user) => user.FindFirstValue("opsconsole/site") is { } site && user.FindFirstValue(ClaimTypes.Name) is { } name
        ? new Actor($"site:{site}", site, new HashSet<string>(), $"key:{name}", site) : null;

    private static string? HashIn(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? Hash(header[7..].Trim()) : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (HashIn(Request) is not { } hash) { return AuthenticateResult.NoResult(); }
        if (!Known.TryGetValue(hash, out ClaimsPrincipal? user))
        {
            await using var db = store.CreateDbContext();
            var key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Sha256 == hash && k.RevokedAt == null, Context.RequestAborted);
            if (key is null) { return AuthenticateResult.Fail("This key is not known or was revoked."); }
            List<Claim> claims = [new(ActorSource.KeyClaim, key.Id), new(ClaimTypes.Name, key.Name)];
            if (key.PersonId is { } person) { claims.Add(new(ClaimTypes.NameIdentifier, person)); }
            if (key.Site is { } site) { claims.Add(new("opsconsole/site", site)); }
            user = new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName));
            Known.Set(hash, user, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(2), Size = 1 });
        }
        return AuthenticateResult.Success(new AuthenticationTicket(user!, SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.From(new Refusal(RefusalCode.Unauthorized, "Send a valid key: Authorization: Bearer KEY.")).ExecuteAsync(Context);
    }
}
