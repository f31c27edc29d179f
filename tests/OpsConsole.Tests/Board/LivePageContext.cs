using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using OpsConsole.Features.Board;
using OpsConsole.Features.Estate;
using OpsConsole.Features.Gates;
using OpsConsole.Features.Sessions;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Commits;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Live;
using OpsConsole.Ground.Store;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Board;

/// <summary>The pages over a house with a real store; who looks is a person in that store.</summary>
public abstract class LivePageContext : BunitContext, IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    protected async Task<GateHouse> House(params string[] roles)
    {
        var house = await GateHouse.Open();
        await using (var db = house.Store.CreateDbContext())
        {
            db.Users.Add(new Person { Id = "p1", UserName = "Rosa", SecurityStamp = "s" });
            foreach (var role in roles)
            {
                db.Roles.Add(new IdentityRole(role) { Id = role, NormalizedName = role.ToUpperInvariant() });
                db.UserRoles.Add(new IdentityUserRole<string> { UserId = "p1", RoleId = role });
            }
            await db.SaveChangesAsync();
        }
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddScoped<KeyBook>();
        Services.AddSingleton<TimeProvider>(house.Clock);
        Services.AddSingleton(house.Store).AddSingleton(house.Settings).AddSingleton(house.Feed).AddSingleton(house.Book).AddSingleton(house.Gates).AddSingleton<INeeds>(house.Gates)
            .AddSingleton(house.Watch).AddSingleton(house.Estate).AddSingleton(house.Acts).AddSingleton(house.Readiness).AddSingleton(house.Lease).AddSingleton<StepUps>().AddSingleton<Fences>();
        Services.AddSingleton(house.Drains).AddSingleton(house.History);
        Services.AddScoped<EstateService>().AddScoped<SessionsService>().AddScoped<INeeds, EstateNeeds>().AddScoped<BoardService>().AddScoped<ActorSource>().AddScoped<StepUpProof>();
        Services.AddSingleton(new BoardTile(typeof(EstateTile), 10)).AddSingleton(new BoardTile(typeof(GatesTile), 20));
        Services.AddSingleton<IHttpContextAccessor>(new HttpContextAccessor());
        Services.AddScoped<AuthenticationStateProvider, SignedIn>();
        Services.AddScoped<StoreContext>(_ => house.Store.CreateDbContext());
        Services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<StoreContext>();
        SetRendererInfo(new RendererInfo("Server", true));
        return house;
    }

    private sealed class SignedIn : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(GateHouse.Principal("p1", "s")));
    }
}
