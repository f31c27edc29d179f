using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Features.Sessions;

/// <summary>Ends one session; it is done when the session is gone, whoever ended it.</summary>
public sealed class EndSessionAct(IManagedDatabase database, string session) : Act
{
    /// <summary>As it was intended before a crash.</summary>
    public static EndSessionAct Remake(IManagedDatabase database, string intentJson)
    {
        using var intent = JsonDocument.Parse(intentJson);
        return new EndSessionAct(database, intent.RootElement.GetProperty("session").GetString()!);
    }

    public override string Kind => "endSession";
    public override string Subject => database.Name;
    public override string IntentJson => JsonSerializer.Serialize(new { session });

    public override async Task<string> Touch(CancellationToken token) => JsonSerializer.Serialize(new { ended = await database.EndSession(session, token) });

    public override async Task<Inspection> Inspect(CancellationToken token) =>
        (await database.Sessions(token)).Any(s => s.Id == session)
            ? new Inspection(Observed.NotDone, $"session {session} is still there")
            : new Inspection(Observed.Done, $"session {session} is gone");
}
