namespace OpsConsole.Shell;

/// <summary>How large the strip is drawn: a line, four figures on the maintenance page, four large figures on the board.</summary>
public enum StripShape
{
    Line,
    Wide,
    Board,
}
