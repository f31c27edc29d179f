using System.Text.Json;
using OpsConsole.Engines;
using OpsConsole.Ground.Acts;

namespace OpsConsole.Features.Maintenance;

/// <summary>One release on one database, with its row in the tool's own history table.</summary>
public sealed class ReleaseAct(IManagedDatabase database, ReleaseFolder folder, Release release, string installation, long epoch, Action<StatementProgress> progress) : Act
{
    public override string Kind => "release";
    public override string Subject => database.Name;
    public override string IntentJson => JsonSerializer.Serialize(new { release.Version, release.UpSha256, release.Transactional });

    public override async Task<string> Touch(CancellationToken token)
    {
        await database.ApplyRelease(folder, release, installation, epoch, progress, token);
        return JsonSerializer.Serialize(new { release.Version });
    }

    public override Task<Inspection> Inspect(CancellationToken token) => database.InspectRelease(folder, release, token);
}
