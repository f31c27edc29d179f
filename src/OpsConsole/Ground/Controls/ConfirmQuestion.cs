using System.Runtime.CompilerServices;
using MudBlazor;

namespace OpsConsole.Ground.Controls;

/// <summary>One row of a question: what changes, takes, loses or returns.</summary>
public sealed record ConfirmFact(string Label, string Value, bool Strong = false);

/// <summary>
/// A question before an act. The title is the question itself; Do says verb, count and target; Stay says what remains as it is.
/// </summary>
public sealed record ConfirmQuestion(string Title, string Do, string Stay, IReadOnlyList<ConfirmFact> Facts)
{
    public string? Text { get; init; }
    public bool Danger { get; init; } = true;
    public bool ReasonNeeded { get; init; }
    /// <summary>Words may be given and need not be, such as the note on a task.</summary>
    public bool ReasonOffered { get; init; }
    public string ReasonLabel { get; init; } = "Reason, goes to the audit log";
    /// <summary>The name that has to be typed before the act can be pressed.</summary>
    public string? TypeName { get; init; }
    /// <summary>Enter says yes: for what is meant and not destructive, when the figures were read before.</summary>
    public bool EnterConfirms { get; init; }
    /// <summary>Ask for the password: the act needs a fresh proof of the person.</summary>
    public bool StepUp { get; init; }
    public string StepUpLabel { get; init; } = "Your password, as a fresh proof";
    /// <summary>Asks for words that others will read, such as the message at a closed door; this is their label.</summary>
    public string? WordsLabel { get; init; }
    /// <summary>What stands there to begin with.</summary>
    public string? Words { get; init; }
    /// <summary>Asks for a moment too, such as a new end; this is its label.</summary>
    public string? MomentLabel { get; init; }
    /// <summary>From where the quick choices count.</summary>
    public DateTimeOffset? MomentFrom { get; init; }
}

/// <summary>What the person gave with their yes.</summary>
public sealed record ConfirmAnswer(string? Reason, DateTimeOffset? Moment = null, string? Words = null);

/// <summary>Asks a question and gives null when the person stays.</summary>
public static class Confirm
{
    private static readonly ConditionalWeakTable<IDialogService, object> Asked = [];

    private static readonly DialogOptions Options = new()
    {
        MaxWidth = MaxWidth.ExtraSmall,
        FullWidth = true,
        BackdropClick = false,
        CloseOnEscapeKey = true,
    };

    /// <summary>One question at a time in a page: a second press while one is open asks nothing, and is a no.</summary>
    /// <param name="prove">tries the proof where the question asks for one; the question stays open until it is right</param>
    public static async Task<ConfirmAnswer?> AskAsync(this IDialogService dialogs, ConfirmQuestion question, Func<string, Task<bool>>? prove = null)
    {
        if (!Asked.TryAdd(dialogs, question)) { return null; }
        try
        {
            var parameters = new DialogParameters<ConfirmDialog> { { dialog => dialog.Question, question }, { dialog => dialog.Prove, prove } };
            var shown = await dialogs.ShowAsync<ConfirmDialog>(question.Title, parameters, Options);
            var result = await shown.Result;
            return result is { Canceled: false, Data: ConfirmAnswer answer } ? answer : null;
        }
        finally
        {
            Asked.Remove(dialogs);
        }
    }
}
