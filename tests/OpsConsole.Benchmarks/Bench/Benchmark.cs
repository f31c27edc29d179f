using System.Globalization;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>One thing that is measured beside its peer, in the same run on the same machine.</summary>
internal sealed record Benchmark(string Name, string What, Func<Report, Options, Task> Run);

/// <param name="Names">empty: all</param>
/// <param name="Scale">pgbench's; 1 is about 15 MB</param>
internal sealed record Options(IReadOnlyList<string> Names, int Scale, int Releases)
{
    /// <summary>Null: not understood.</summary>
    public static Options? Read(string[] args, IEnumerable<string> known)
    {
        var options = new Options([], 20, 500);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--scale" or "--releases")
            {
                if (i + 1 >= args.Length || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n < 1) { return null; }
                options = args[i++] == "--scale" ? options with { Scale = n } : options with { Releases = n };
            }
            else if (known.Contains(args[i])) { options = options with { Names = [.. options.Names, args[i]] }; }
            else { return null; }
        }
        return options;
    }
}
