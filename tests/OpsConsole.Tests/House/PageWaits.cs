using System.Runtime.CompilerServices;
using Bunit;

namespace OpsConsole.Tests.House;

/// <summary>How long a test waits for what a page is to show. A page that shows it is not waited for any longer, so it may be an age: a machine that is busy is no defect.</summary>
internal static class PageWaits
{
    [ModuleInitializer]
    internal static void Patient() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(30);
}
