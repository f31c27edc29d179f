using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace OpsConsole.Tests.House;

public sealed class SampleTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task The_sites_are_played_on_the_sample_and_nowhere_else(bool sample, int played)
    {
        await using var house = new TestHouse(sample);
        Assert.Equal(played, house.App.Services.GetServices<IHostedService>().OfType<SampleSites>().Count());
    }
}
