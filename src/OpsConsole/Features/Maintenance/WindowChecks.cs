using OpsConsole.Engines;
using OpsConsole.Ground.Settings;
using OpsConsole.Ground.Watching;

namespace OpsConsole.Features.Maintenance;

/// <param name="Text">what was found, in words</param>
/// <param name="Value">for an Unchanged check: what was read, to be compared later</param>
public sealed record CheckResult(string Name, bool Passed, string Text, string? Value = null);

/// <summary>Runs the configured checks on the databases as they are.</summary>
public sealed class WindowChecks(ConsoleSettings settings, EstateDatabases databases, DatabaseWatch watch)
{
    private const int MostRows = 100_000;

    /// <param name="before">what Unchanged checks read before the first release; null: this is before</param>
    public async Task<IReadOnlyList<CheckResult>> Run(IReadOnlyDictionary<string, string>? before, CancellationToken token)
    {
        var results = new List<CheckResult>();
        foreach (var check in settings.Estate.Checks.Where(c => c.When == CheckWhen.Both || (c.When == CheckWhen.Before) == (before is null)))
        {
            try
            {
                results.Add(await One(check, before, token));
            }
            catch (EngineFault fault) // A check that cannot be run has not passed, and says why.
            {
                results.Add(new CheckResult(check.Name, false, $"could not be run: {fault.Message}"));
            }
        }
        return results;
    }

    private async Task<CheckResult> One(CheckSettings check, IReadOnlyDictionary<string, string>? before, CancellationToken token)
    {
        switch (check)
        {
            case NoRowsCheck c:
                var rows = await Rows(c.Query, token);
                return new(c.Name, rows.Count == 0, rows.Count == 0 ? "no row" : $"{rows.Count} rows, the first is {rows[0]}");
            case SubsetCheck c:
                var (of, within) = (await Rows(c.Of, token), (await Rows(c.In, token)).ToHashSet());
                var missing = of.Where(r => !within.Contains(r)).ToList();
                return new(c.Name, missing.Count == 0, missing.Count == 0 ? $"{of.Count} rows, all there" : $"{missing.Count} of {of.Count} are missing, the first is {missing[0]}");
            case EqualCheck c:
                var (left, right) = ((await Rows(c.Of, token)).Order(StringComparer.Ordinal).ToList(), (await Rows(c.And, token)).Order(StringComparer.Ordinal).ToList());
                return new(c.Name, left.SequenceEqual(right), left.SequenceEqual(right) ? $"{left.Count} rows on both sides" : $"{left.Count} rows against {right.Count}, and they differ");
            case UnchangedCheck c:
                var value = string.Join('\n', (await Rows(before is null ? c.Before : c.After, token)).Order(StringComparer.Ordinal));
                if (before is null) { return new(c.Name, true, $"reads {value}", value); }
                var was = before.GetValueOrDefault(c.Name);
                return was is null ? new(c.Name, false, "was not read before the first release", value)
                    : new(c.Name, was == value, was == value ? $"still {value}" : $"was {was} and is {value}", value);
            default:
                throw new InvalidOperationException($"Check {check.Name} is of a kind that this console does not know.");
        }
    }

    private async Task<IReadOnlyList<string>> Rows(QuerySettings query, CancellationToken token)
    {
        var database = databases.Find(query.Database)!;
        var version = (await database.ReadHistory(token)).Version;
        var sql = query.Sql.For(version, watch.Of(database.Name).Releases is { } f ? new Domain.Versions.VersionOrder([.. f.Releases.Select(r => r.Version)]) : null)
            ?? throw new EngineFault($"no query is written for {database.Name} {version}");
        var read = await database.Query(sql, [], MostRows, token);
        if (read.Truncated) { throw new EngineFault($"it returns more than {MostRows} rows"); }
        return [.. read.Rows.Select(r => string.Join(" | ", r.Select(v => v ?? "null")))];
    }
}
