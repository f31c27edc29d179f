using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using OpsConsole.Domain.Planning;
using OpsConsole.Ground.Access;
using OpsConsole.Ground.Controls;
using OpsConsole.Ground.Store;
using OpsConsole.Tests.Gates;
using Xunit;

namespace OpsConsole.Tests.Maintenance;

/// <summary>The pages over a house with a real store; who looks is a person in that store.</summary>
public abstract class WindowPageContext : BunitContext, IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The page's own clock; the house keeps the system's.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    protected Task<WindowHouse> House(string name, params string[] roles) => HouseWith([], name, roles);

    protected async Task<WindowHouse> HouseWith(PlannedTask[] tasks, string name, params string[] roles)
    {
        var house = await WindowHouse.Open(tasks);
        await using (var db = house.Store.CreateDbContext())
        {
            db.Users.Add(new Person { Id = "p1", UserName = name, SecurityStamp = "s" });
            foreach (var role in roles)
            {
                db.Roles.Add(new IdentityRole(role) { Id = role, NormalizedName = role.ToUpperInvariant() });
                db.UserRoles.Add(new IdentityUserRole<string> { UserId = "p1", RoleId = role });
            }
            await db.SaveChangesAsync();
        }
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddScoped<KeyBook>().AddSingleton(Clock);
        Services.AddSingleton(house.Store).AddSingleton(house.Settings).AddSingleton(house.Feed).AddSingleton(house.Windows).AddSingleton<StepUps>();
        Services.AddScoped<ActorSource>().AddScoped<StepUpProof>();
        Services.AddSingleton<IHttpContextAccessor>(new HttpContextAccessor());
        Services.AddScoped<AuthenticationStateProvider, SignedIn>();
        Services.AddScoped<StoreContext>(_ => house.Store.CreateDbContext());
        Services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<StoreContext>();
        // Last, because it closes the list of services.
        SetRendererInfo(new RendererInfo("Server", true));
        return house;
    }

    private sealed class SignedIn : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(GateHouse.Principal("p1", "s")));
    }
}
