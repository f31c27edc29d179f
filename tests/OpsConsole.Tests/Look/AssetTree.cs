namespace OpsConsole.Tests.Look;

/// <summary>The assets as they lie in the repository.</summary>
internal static class AssetTree
{
    public static string Home { get; } = Find();

    public static string Root => Path.Combine(Home, "wwwroot-assets");

    public static string File(string name) => Path.Combine(Root, name.Replace('/', Path.DirectorySeparatorChar));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "OpsConsole.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
    }
}
