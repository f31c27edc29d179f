namespace OpsConsole.Ground.Controls;

/// <summary>Where the keyboard stands in a list, and what is selected in it. Both are kept by id, because rows come and go and change places.</summary>
public sealed class RowCursor
{
    private readonly HashSet<string> selected = [];
    private IReadOnlyList<string> rows = [];

    /// <summary>Null: nowhere yet.</summary>
    public string? At { get; private set; }
    public IReadOnlyCollection<string> Selected => selected;
    public bool IsSelected(string id) => selected.Contains(id);

    /// <summary>The rows as they stand now. What is gone is not selected any more.</summary>
    public void Show(IReadOnlyList<string> now, IEnumerable<string> selectable)
    {
        rows = now;
        selected.IntersectWith(selectable);
        if (At is not null && !rows.Contains(At)) { At = null; }
    }

    /// <summary>Down or up; from nowhere to the first or the last.</summary>
    public void Move(int step)
    {
        if (rows.Count == 0) { return; }
        var index = At is null ? -1 : rows.ToList().IndexOf(At);
        At = rows[index < 0 ? step > 0 ? 0 : rows.Count - 1 : Math.Clamp(index + step, 0, rows.Count - 1)];
    }

    public void GoTo(string id)
    {
        if (rows.Contains(id)) { At = id; }
    }

    public void Toggle(string id)
    {
        if (!selected.Remove(id)) { selected.Add(id); }
    }

    public void SelectOnly(IEnumerable<string> ids)
    {
        selected.Clear();
        selected.UnionWith(ids);
    }
}
