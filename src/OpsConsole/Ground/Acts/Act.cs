using System.Text.Json;
using OpsConsole.Engines;

namespace OpsConsole.Ground.Acts;

/// <summary>
/// The only place where a managed database or a gate is changed. The runner writes the intent, calls <see cref="Touch"/>, writes the outcome.
/// An intent with no outcome is examined at start by <see cref="Inspect"/>, which looks at the database and never at the journal.
/// </summary>
public abstract class Act
{
    /// <summary>One of <see cref="Failpoint.Effects"/>.</summary>
    public abstract string Kind { get; }
    /// <summary>Database, site or group that is touched.</summary>
    public abstract string Subject { get; }
    /// <summary>All that Inspect and a repetition need, as JSON. No secrets.</summary>
    public abstract string IntentJson { get; }
    /// <summary>What the audit says of the intention besides the act's id, for whoever reads the log without the journal.</summary>
    public virtual IReadOnlyDictionary<string, object?> Told => new Dictionary<string, object?>();
    /// <summary>Returns the detail for the journal, as JSON. Safe to repeat.</summary>
    public abstract Task<string> Touch(CancellationToken token);
    public abstract Task<Inspection> Inspect(CancellationToken token);
}

/// <summary>An act of a process that is gone: it can only be looked at.</summary>
public sealed class CutOffAct(ActRow row, Func<CancellationToken, Task<Inspection>> inspect) : Act
{
    public override string Kind => row.Kind;
    public override string Subject => row.Subject;
    public override string IntentJson => row.IntentJson;
    public override Task<string> Touch(CancellationToken token) => throw new InvalidOperationException("What was cut off is looked at, never touched again under the same intent.");
    public override Task<Inspection> Inspect(CancellationToken token) => inspect(token);
}

/// <summary>The journal: one row an act.</summary>
public sealed class ActRow
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Subject { get; init; }
    public string? Window { get; init; }
    public int? Step { get; init; }
    public required string IntentJson { get; init; }
    public long Epoch { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; set; }
    /// <summary>Null while it runs, or after a crash; then done, notDone, torn or unknown.</summary>
    public string? Outcome { get; set; }
    public string? DetailJson { get; set; }
}

/// <param name="Outcome">what is known of the database now</param>
/// <param name="Detail">the touch's detail as JSON, or the fault's words</param>
public sealed record ActResult(Observed Outcome, string Detail, string? ActId = null)
{
    /// <summary>The fault in the words of what threw it; the detail where none is known.</summary>
    public string Words
    {
        get
        {
            try
            {
                using var json = JsonDocument.Parse(Detail);
                return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("fault", out var fault) ? fault.GetString() ?? Detail : Detail;
            }
            catch (JsonException)
            {
                return Detail;
            }
        }
    }
}
