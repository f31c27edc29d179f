using System.Text.Json.Serialization;
using OpsConsole.Domain.Planning;

namespace OpsConsole.Domain.Maintenance;

/// <summary>What inspect saw in the database itself.</summary>
public static class Observed
{
    public const string Done = "done";
    public const string NotDone = "notDone";
    public const string Torn = "torn";
    public const string Unknown = "unknown";
}

/// <summary>The policy with which a window was made; later changes of the configuration do not touch it.</summary>
/// <param name="WatchSeconds">how long everybody has to be in before the window may be closed</param>
public sealed record WindowRules(bool RequireRehearsal = true, bool RequireSecondPerson = true, bool FinalizeBySecondPerson = false, int WatchSeconds = 0);

/// <summary>What is planned. The digest covers plan, releases' hashes and configuration; approval is bound to it.</summary>
public sealed record WindowContent(
    string Name, Plan Plan, IReadOnlyDictionary<string, string?> From, IReadOnlyDictionary<string, string> To, string Digest,
    DateTimeOffset? OpensAt = null, DateTimeOffset? ClosesAt = null);

/// <summary>One database's copy. Fingerprint and shell are the engine's own text; only equality has a meaning.</summary>
public sealed record CheckpointFacts(string Database, string Id, string Fingerprint, string Shell);

/// <summary>A fact of a window, written once and never changed. The window is the fold over its events, in order.</summary>
/// <param name="By">a person, or the node that acted by itself</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(Drafted), "drafted")]
[JsonDerivedType(typeof(Changed), "changed")]
[JsonDerivedType(typeof(RehearsalStarted), "rehearsalStarted")]
[JsonDerivedType(typeof(RehearsalEnded), "rehearsalEnded")]
[JsonDerivedType(typeof(Approved), "approved")]
[JsonDerivedType(typeof(ApprovalVoided), "approvalVoided")]
[JsonDerivedType(typeof(Returned), "returned")]
[JsonDerivedType(typeof(PreflightRed), "preflightRed")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(StepStarted), "stepStarted")]
[JsonDerivedType(typeof(StepDone), "stepDone")]
[JsonDerivedType(typeof(StepFailed), "stepFailed")]
[JsonDerivedType(typeof(StepTorn), "stepTorn")]
[JsonDerivedType(typeof(DecisionNeeded), "decisionNeeded")]
[JsonDerivedType(typeof(RetryChosen), "retryChosen")]
[JsonDerivedType(typeof(TaskDone), "taskDone")]
[JsonDerivedType(typeof(Paused), "paused")]
[JsonDerivedType(typeof(Resumed), "resumed")]
[JsonDerivedType(typeof(DoorsRecorded), "doorsRecorded")]
[JsonDerivedType(typeof(CheckpointTaken), "checkpointTaken")]
[JsonDerivedType(typeof(RollbackChosen), "rollbackChosen")]
[JsonDerivedType(typeof(TrialSet), "trialSet")]
[JsonDerivedType(typeof(Finalized), "finalized")]
[JsonDerivedType(typeof(ThawSet), "thawSet")]
[JsonDerivedType(typeof(Closed), "closed")]
[JsonDerivedType(typeof(Extended), "extended")]
[JsonDerivedType(typeof(Noted), "noted")]
[JsonDerivedType(typeof(Abandoned), "abandoned")]
[JsonDerivedType(typeof(TakenOver), "takenOver")]
public abstract record WindowEvent(DateTimeOffset At, string By);

public sealed record Drafted(DateTimeOffset At, string By, string Id, WindowContent Content, WindowRules Rules) : WindowEvent(At, By);
public sealed record Changed(DateTimeOffset At, string By, WindowContent Content) : WindowEvent(At, By);
public sealed record RehearsalStarted(DateTimeOffset At, string By) : WindowEvent(At, By);
/// <param name="Findings">empty: it held; else the window is a draft again</param>
public sealed record RehearsalEnded(DateTimeOffset At, string By, IReadOnlyList<string> Findings) : WindowEvent(At, By);
public sealed record Approved(DateTimeOffset At, string By, string Digest, string? Note = null) : WindowEvent(At, By);
public sealed record ApprovalVoided(DateTimeOffset At, string By, string Because) : WindowEvent(At, By);
public sealed record Returned(DateTimeOffset At, string By, string Reason) : WindowEvent(At, By);
public sealed record PreflightRed(DateTimeOffset At, string By, IReadOnlyList<string> Findings) : WindowEvent(At, By);
public sealed record Started(DateTimeOffset At, string By) : WindowEvent(At, By);
/// <summary>Written before the step's first effect.</summary>
public sealed record StepStarted(DateTimeOffset At, string By, int Step) : WindowEvent(At, By);
/// <summary>Written after its last effect, or when inspect saw that it is done.</summary>
public sealed record StepDone(DateTimeOffset At, string By, int Step, string? Detail = null) : WindowEvent(At, By);
public sealed record StepFailed(DateTimeOffset At, string By, int Step, string Because) : WindowEvent(At, By);
public sealed record StepTorn(DateTimeOffset At, string By, int Step, string Because) : WindowEvent(At, By);
/// <param name="Observed">one of <see cref="Maintenance.Observed"/></param>
/// <param name="Repeatable">the script says that it may be run again after a crash in its middle</param>
public sealed record DecisionNeeded(DateTimeOffset At, string By, int Step, string Observed, string Because, bool Repeatable = false) : WindowEvent(At, By);
public sealed record RetryChosen(DateTimeOffset At, string By, int Step) : WindowEvent(At, By);
public sealed record TaskDone(DateTimeOffset At, string By, int Step, string Note) : WindowEvent(At, By);
public sealed record Paused(DateTimeOffset At, string By) : WindowEvent(At, By);
public sealed record Resumed(DateTimeOffset At, string By) : WindowEvent(At, By);
/// <summary>The rights as they were, written before a door is touched.</summary>
public sealed record DoorsRecorded(DateTimeOffset At, string By, IReadOnlyDictionary<string, string> Doors) : WindowEvent(At, By);
public sealed record CheckpointTaken(DateTimeOffset At, string By, IReadOnlyList<CheckpointFacts> Databases) : WindowEvent(At, By);
public sealed record RollbackChosen(DateTimeOffset At, string By, string? Reason = null) : WindowEvent(At, By);
public sealed record TrialSet(DateTimeOffset At, string By, bool On) : WindowEvent(At, By);
/// <param name="Leave">the reason why something undecided is left</param>
public sealed record Finalized(DateTimeOffset At, string By, string? Leave = null) : WindowEvent(At, By);
public sealed record ThawSet(DateTimeOffset At, string By, int Share) : WindowEvent(At, By);
public sealed record Closed(DateTimeOffset At, string By) : WindowEvent(At, By);
public sealed record Extended(DateTimeOffset At, string By, DateTimeOffset ClosesAt, string Reason) : WindowEvent(At, By);
public sealed record Noted(DateTimeOffset At, string By, string Text) : WindowEvent(At, By);
public sealed record Abandoned(DateTimeOffset At, string By, string? Reason = null) : WindowEvent(At, By);
/// <summary>Another node drives from here on. Whatever was running is inspected first.</summary>
public sealed record TakenOver(DateTimeOffset At, string By, string Node, long Epoch) : WindowEvent(At, By);
