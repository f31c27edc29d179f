using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Ground.Store;
using System.Security.Claims;

namespace OpsConsole.Ground.Access;

/// <summary>Asks every two seconds whether the person behind a circuit is still enabled and unchanged; if not, the circuit's pages end.</summary>
public sealed class CircuitGuard(ILoggerFactory logs, StoreFactory store) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(2);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var id = authenticationState.User.FindFirstValue(ClaimTypes.NameIdentifier);
        var stamp = authenticationState.User.FindFirstValue("AspNet.Identity.SecurityStamp");
        await using var db = store.CreateDbContext();
        return await db.Users.AnyAsync(p => p.Id == id && !p.Disabled && p.SecurityStamp == stamp, cancellationToken);
    }
}
