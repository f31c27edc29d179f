using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Commands;

namespace OpsConsole.Features.Audit;

/// <summary>Verifies the store's log, or a file that was exported, which needs neither store nor configuration.</summary>
internal static class AuditCommands
{
    public static IReadOnlyList<Command> All { get; } = [new("audit verify", "[FILE]", Verify)];

    private static async Task<int> Verify(CommandCall call, CancellationToken token)
    {
        if (call.Names(0, 1) is [var file]) { return await VerifyFile(call, file, token); }
        CommandHouse house;
        try
        {
            house = await call.Open(token);
        }
        catch (Ground.Store.StoreRefused refused)
        {
            await call.Said.WriteLineAsync(refused.Message);
            return 2;
        }
        var answer = await new AuditService(house.Store, house.Recorder, TimeProvider.System).Verify(call.Actor, token);
        return answer.Refusal is { } refusal ? await call.Refuse(refusal) : await Say(call, answer.Value!.Entries, answer.Value.FirstBad);
    }

    private static async Task<int> VerifyFile(CommandCall call, string file, CancellationToken token)
    {
        long number = 0;
        Entry? before = null;
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
                return await Say(call, number - 1, new BadEntry(before?.Sequence + 1 ?? 1, $"Line {number} is no entry; the one before it is {before?.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}."));
            }
            if (AuditChain.Verify(before is null ? [entry] : [before, entry]) is { } bad) { return await Say(call, number - 1, bad); }
            before = entry;
        }
        return await Say(call, number, null);
    }

    private static async Task<int> Say(CommandCall call, long entries, BadEntry? bad)
    {
        await call.Answer.WriteLineAsync(bad is null ? $"whole: {entries} entries" : $"broken at {bad.Sequence}: {bad.Because}");
        return bad is null ? 0 : 1;
    }
}
