using OpsConsole.Domain.Versions;
using Xunit;

namespace OpsConsole.Tests.Domain;

public sealed class VersionRangeTests
{
    [Theory]
    [InlineData(">=5", "5", true)]
    [InlineData(">=5", "4", false)]
    [InlineData(">=5 <7", "6", true)]
    [InlineData(">=5 <7", "7", false)]
    [InlineData("4 || >=6", "4", true)]
    [InlineData("4 || >=6", "5", false)]
    [InlineData("4||>=6", "10", true)]
    [InlineData(">= 5", "10", true)]
    [InlineData("=7", "007", true)]
    [InlineData("*", "1", true)]
    [InlineData("<1.2.3", "1.2.3-rc1", true)]
    [InlineData("<=1.2", "1.2.0", true)]
    [InlineData(">20240101120000", "20240102000000", true)]
    public void A_range_holds_the_versions_it_says(string text, string version, bool inside)
    {
        Assert.Equal(inside, VersionRange.Parse(text).Contains(version, VersionOrder.Dotted));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(null)]
    [InlineData(">=")]
    [InlineData(">=5 ||")]
    [InlineData("|| 5")]
    [InlineData("!=5")]
    [InlineData(">=5,<7")]
    [InlineData("~5")]
    [InlineData("5*")]
    [InlineData("=> 5")]
    [InlineData(">=5 | 7")]
    public void What_is_no_range_is_refused_with_a_sentence(string? text)
    {
        Assert.False(VersionRange.TryParse(text, out var range, out var error));
        Assert.Null(range);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_applied_yet_is_older_than_every_version()
    {
        Assert.True(VersionRange.Parse("<1").Contains(null, VersionOrder.Dotted));
        Assert.False(VersionRange.Parse(">=0").Contains(null, VersionOrder.Dotted));
        Assert.True(VersionRange.Any.Contains(null, VersionOrder.Dotted));
    }

    [Fact]
    public void The_folder_decides_the_order_where_it_knows_both()
    {
        var order = new VersionOrder(["spring", "autumn", "007"]);
        Assert.True(VersionRange.Parse(">=spring").Contains("autumn", order));
        Assert.True(VersionRange.Parse(">autumn").Contains("7", order));
        Assert.True(VersionRange.Parse(">=6").Contains("007", order));
    }

    [Fact]
    public void The_text_of_a_range_reads_the_same_however_it_was_spaced()
    {
        Assert.Equal(VersionRange.Parse(">= 5   < 7||9"), VersionRange.Parse(">=5 <7 || =9"));
        Assert.Equal(">=5 <7 || 9", VersionRange.Parse(">= 5   < 7||9").ToString());
    }
}
