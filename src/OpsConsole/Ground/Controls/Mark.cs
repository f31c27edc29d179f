using MudBlazor;

namespace OpsConsole.Ground.Controls;

/// <summary>The nine states a thing on a screen can be in. A state is always drawn as icon, word and colour together.</summary>
public enum Mark
{
    Ok,
    Attention,
    Danger,
    Frozen,
    Unknown,
    Running,
    Waits,
    YouPress,
    Refused,
}

/// <summary>How each state is drawn. Every icon has an outline of its own, so that the state is read without its colour.</summary>
public static class MarkLook
{
    private const string Ring = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 1.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4z";

    public static string Css(this Mark mark) => mark switch
    {
        Mark.Ok => "is-ok",
        Mark.Attention => "is-attention",
        Mark.Danger => "is-danger",
        Mark.Frozen => "is-frozen",
        Mark.Unknown => "is-unknown",
        Mark.Running => "is-running",
        Mark.Waits => "is-waits",
        Mark.YouPress => "is-you",
        _ => "is-refused",
    };

    public static string Icon(this Mark mark) => mark switch
    {
        Mark.Ok => Icons.Material.Outlined.CheckCircle,
        Mark.Attention => Icons.Material.Outlined.WarningAmber,
        Mark.Danger => Icons.Material.Outlined.Dangerous,
        Mark.Frozen => Icons.Material.Outlined.AcUnit,
        Mark.Unknown => Dashed,
        Mark.Running => $"<path d=\"{Ring}\"/><path d=\"M12 3a9 9 0 0 1 0 18z\"/>",
        Mark.Waits => $"<path d=\"{Ring}\"/>",
        Mark.YouPress => Icons.Material.Outlined.Person,
        _ => Icons.Material.Outlined.FrontHand,
    };

    /// <summary>The word that stands when the caller has no better one.</summary>
    public static string Word(this Mark mark) => mark switch
    {
        Mark.Ok => "Done",
        Mark.Attention => "Held",
        Mark.Danger => "Failed",
        Mark.Frozen => "Frozen",
        Mark.Unknown => "Unknown",
        Mark.Running => "Running",
        Mark.Waits => "Waits",
        Mark.YouPress => "You press",
        _ => "Refused",
    };

    private static string Dashed =>
        "<circle cx=\"12\" cy=\"12\" r=\"9\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.9\" stroke-dasharray=\"3.4 2.25\"/>"
        + "<path d=\"M11.1 15.6h1.8v1.8h-1.8zM12 6.8a3.2 3.2 0 0 0-3.2 3.2h1.7a1.5 1.5 0 1 1 3 0c0 1.5-2.3 1.4-2.3 4.2h1.7c0-1.9 2.3-2.1 2.3-4.2A3.2 3.2 0 0 0 12 6.8z\"/>";
}
