using System.Globalization;
using System.Security.Cryptography;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Commands;
using OpsConsole.Ground.Recording;

namespace OpsConsole.Features.Audit;

/// <summary>Verifies the store's log with its signed heads, or a file that was exported, which needs neither store nor configuration.</summary>
internal static class AuditCommands
{
    public static IReadOnlyList<Command> All { get; } = [new("audit verify", "[FILE [--heads FILE --key FILE]]", Verify)];

    private static async Task<int> Verify(CommandCall call, CancellationToken token)
    {
        var (heads, key) = (call.Option("--heads"), call.Option("--key"));
        try
        {
            if (call.Names(0, 1) is [var file]) { return await VerifyFile(call, file, heads, key, token); }
            if (heads is not null || key is not null) { throw new UsageFault("Heads and key are named for a file; the store's own are in the data folder."); }
            var house = await call.Open(token);
            var answer = await new AuditService(house.Store, house.Recorder, new AuditSeal(house.Settings), TimeProvider.System).Verify(call.Actor, token);
            return answer.Refusal is { } refusal ? await call.Refuse(refusal) : await Say(call, new AuditFindings(answer.Value!.Entries, answer.Value.FirstBad, answer.Value.SignedUpTo));
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException or ArgumentException)
        {
            await call.Said.WriteLineAsync($"Heads or key cannot be read: {fault.Message}".AsMemory(), token);
            return 2;
        }
    }

    private static async Task<int> VerifyFile(CommandCall call, string file, string? heads, string? keyFile, CancellationToken token)
    {
        if (heads is null != keyFile is null) { throw new UsageFault("--heads and --key go together."); }
        using var key = keyFile is null ? null : AuditSeal.Read(keyFile);
        var walk = new AuditWalk(heads is null ? [] : AuditSeal.ReadHeads(heads), key);
        long number = 0, last = 0;
        await foreach (var line in File.ReadLinesAsync(file, token))
        {
            number++;
            Entry entry;
            try
            {
                entry = AuditLine.Read(line);
            }
            catch (FormatException)
            {
                return await Say(call, walk.End(new BadEntry(last + 1, $"Line {number} is no entry; the one before it is {(last == 0 ? "none" : last.ToString(CultureInfo.InvariantCulture))}.")));
            }
            if (last == 0 && entry.Sequence != 1) { return await Say(call, walk.End(new BadEntry(1, entry.Sequence == 2 ? "Entry 1 is missing: the file begins after it." : $"Entries 1 to {entry.Sequence - 1} are missing: the file begins after them."))); }
            if (walk.Next(entry) is { } bad) { return await Say(call, walk.End(bad)); }
            last = entry.Sequence;
        }
        if (number == 0)
        {
            await call.Said.WriteLineAsync($"{file} holds no entry, so there was nothing to look at.".AsMemory(), token);
            return 2;
        }
        return await Say(call, walk.End(null));
    }

    private static async Task<int> Say(CommandCall call, AuditFindings found)
    {
        await call.Answer.WriteLineAsync(found.Bad is { } bad ? $"broken at {bad.Sequence}: {bad.Because}" : $"whole: {found.Entries} entries");
        if (found.Bad is null)
        {
            await call.Said.WriteLineAsync(found.SignedUpTo is { } signed ? $"The head of entry {signed} was signed; up to there nothing was cut off." : "No signed head was looked at: a cut-off end would not show.");
        }
        return found.Bad is null ? 0 : 1;
    }
}
