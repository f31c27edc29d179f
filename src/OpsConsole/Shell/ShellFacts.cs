namespace OpsConsole.Shell;

/// <summary>What the frame says about the house: the name of the estate, and how to name the person's step-up, if any is fresh.</summary>
public sealed record ShellFacts(string EstateName);
