namespace OpsConsole.Domain;

/// <summary>A rule or a right says no. Nothing was changed. Not an exception: the page shows it and the API answers with it.</summary>
/// <param name="Code">one of <see cref="RefusalCode"/></param>
/// <param name="Text">one sentence for a person</param>
public sealed record Refusal(string Code, string Text)
{
    /// <summary>The field that is wrong, where it is one.</summary>
    public string? Field { get; init; }

    public static Refusal Of(string field, string text) => new(RefusalCode.InvalidField, text) { Field = field };
}

/// <summary>The codes of the API's problems.</summary>
public static class RefusalCode
{
    public const string Unauthorized = "unauthorized";
    public const string NotAllowed = "notAllowed";
    public const string StepUpNeeded = "stepUpNeeded";
    public const string SecondPersonNeeded = "secondPersonNeeded";
    public const string WrongState = "wrongState";
    public const string NotNow = "notNow";
    public const string UnknownKind = "unknownKind";
    public const string InvalidField = "invalidField";
    public const string MissingKey = "missingKey";
    public const string KeyReused = "keyReused";
    public const string InProgress = "inProgress";
    public const string TooLarge = "tooLarge";
    public const string TooMany = "tooMany";
    public const string NotFound = "notFound";
}
