namespace OpsConsole.Ground.Controls;

/// <summary>A key and what it does, for showing.</summary>
public sealed record KeyHint(string Key, string Says);
