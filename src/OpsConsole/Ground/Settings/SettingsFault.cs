namespace OpsConsole.Ground.Settings;

/// <param name="Path">of the key, such as <c>OpsConsole:Estate:Sites:forum:Databases[1]</c></param>
/// <param name="What">what is wrong</param>
/// <param name="Remedy">what would be right</param>
public sealed record SettingsFault(string Path, string What, string Remedy)
{
    public override string ToString() => $"{Path}: {What} {Remedy}";
}
