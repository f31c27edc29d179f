using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using OpsConsole.Ground.Controls;
using Xunit;

namespace OpsConsole.Tests.Look;

/// <summary>A browser that is not there: MudBlazor's services, a clock that the test sets, and scripts that answer nothing.</summary>
public abstract class LookContext : BunitContext, IAsyncLifetime
{
    public static readonly DateTimeOffset Night = new(2026, 11, 17, 2, 7, 42, TimeSpan.Zero);

    protected LookContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddScoped<KeyBook>();
        Services.AddSingleton<TimeProvider>(Clock);
        SetRendererInfo(new RendererInfo("Server", true));
    }

    protected FakeTimeProvider Clock { get; } = new(Night);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
}
