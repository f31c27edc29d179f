using System.Text.RegularExpressions;
using OpsConsole.Domain.Queue;

namespace OpsConsole.Ground.Settings;

/// <summary>Reads kinds of transactions, and the tables in which sites put them aside.</summary>
internal static partial class KindReader
{
    private static readonly string[] Always = ["key", "id", "site", "started_at"];

    // Status is what a DoneSql is told, due what a schedule is told; a field of that name would hide it.
    private static readonly string[] Reserved = [.. Always, "status", "due"];

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,62}\z")]
    private static partial Regex FieldName { get; }

    [GeneratedRegex(@"\A[A-Z]{3}\z")]
    private static partial Regex Currency { get; }

    public static KindSettings? Read(string name, SettingsSection kind)
    {
        var run = kind.Run;
        var fields = ReadFields(kind);
        var parameters = Parameters(fields);
        var order = kind.Texts("OrderKey", single: true);
        foreach (var (text, path) in order)
        {
            run.IsOneOf(text, [.. fields.Select(f => f.Name)], "field", path);
        }
        var limits = ReadLimits(kind, [.. fields.Where(f => f.Type == FieldType.Money)]);
        var legs = kind.Listed("Legs", s => ReadLeg(s, parameters), required: true);
        var databases = legs.Select(l => l.Database).Where(d => d.Length > 0).Distinct().ToList();
        if (databases.Count > 1)
        {
            kind.Fault("Legs", $"The legs run in {string.Join(" and ", databases)}; one commit over several databases is not there yet in this version.", "Keep the legs of a kind in one database.");
        }
        var evidence = kind.Named("Evidence", (label, s) => run.Database(s, "Database") is var database && run.Sql(s, "Sql", parameters) is { } sql
            ? new EvidenceSettings(label, database, sql) : null);
        return new(name, fields, [.. order.Select(o => o.Text)], limits, legs, evidence);
    }

    private static string[] Parameters(IReadOnlyList<FieldRule> fields) =>
        [.. fields.Select(f => f.Name), .. fields.Where(f => f.Type == FieldType.Money).Select(f => f.Name + "_currency"), .. Always];

    private static LegSettings? ReadLeg(SettingsSection leg, string[] parameters)
    {
        var (database, sql, rows) = (leg.Run.Database(leg, "Database"), leg.Run.Sql(leg, "Sql", parameters), leg.Whole("Rows", 1, 0, 1_000_000));
        return sql is null ? null : new(database, sql, rows);
    }

    private static List<FieldRule> ReadFields(SettingsSection kind)
    {
        var fields = new List<FieldRule>();
        var path = kind.PathOf("Fields");
        var run = kind.Run;
        if (kind.Find("Fields") is not { } found)
        {
            run.Fault(path, "is missing.", "Give at least one field: { \"account\": \"Integer\" }.");
            return fields;
        }
        if (found.As(NodeKind.List) is { Kind: NodeKind.List } list)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                fields.AddRange(Some(run.Object(list.Items[i], $"{path}[{i}]", "OpsConsole:Estate:TransactionKinds:*:Fields[]", s => ReadField(s.Text("Name"), s))));
            }
        }
        else if (found.As(NodeKind.Object) is { Kind: NodeKind.Object } map)
        {
            foreach (var (name, node) in map.Members)
            {
                var whole = node.Kind == NodeKind.Text ? Short(node) : node;
                // The stand-in keeps the SQL that uses the field from being blamed as well.
                fields.Add(run.Object(whole, $"{path}:{name}", "OpsConsole:Estate:TransactionKinds:*:Fields:*", s => ReadField(name, s)) ?? new(name, FieldType.Text));
            }
        }
        else
        {
            run.Fault(path, $"is {SettingsSection.Words(found.Kind)}, not a section of names.", "Give at least one field: { \"account\": \"Integer\" }.");
        }
        CheckNames(fields, path, run);
        return fields;
    }

    private static IEnumerable<FieldRule> Some(FieldRule? field) => field is null ? [] : [field];

    // "account": "Integer" is short for "account": { "Type": "Integer" }.
    private static ConfigNode Short(ConfigNode type)
    {
        var whole = new ConfigNode(NodeKind.Object);
        whole.Members.Add(("Type", type));
        return whole;
    }

    private static void CheckNames(List<FieldRule> fields, string path, SettingsRun run)
    {
        var taken = new HashSet<string>(Reserved, StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields.Where(f => f.Name.Length > 0))
        {
            if (!FieldName.IsMatch(field.Name))
            {
                run.Fault($"{path}:{field.Name}", $"The field '{field.Name}' cannot be a parameter of SQL.", "Use letters, digits and _, and begin with a letter.");
            }
            foreach (var name in field.Type == FieldType.Money ? new[] { field.Name, field.Name + "_currency" } : [field.Name])
            {
                if (!taken.Add(name))
                {
                    run.Fault($"{path}:{field.Name}", $"The parameter @{name} is taken already.", "Give the field another name.");
                }
            }
        }
    }

    private static FieldRule ReadField(string name, SettingsSection field)
    {
        var faults = field.Run.Faults.Count;
        var type = field.Choice<FieldType>("Type", null);
        // Of a type that is not known, nothing more can be said.
        var known = field.Run.Faults.Count == faults;
        var currencies = field.Texts("Currencies");
        foreach (var (text, path) in currencies.Where(c => !Currency.IsMatch(c.Text)))
        {
            field.Run.Fault(path, $"'{text}' is no currency.", "Write three capital letters such as EUR.");
        }
        var (min, max) = (field.Amount("Min"), field.Amount("Max"));
        if (min > max)
        {
            field.Fault("Max", $"The largest value {max} is below the smallest, {min}.", "Exchange them.");
        }
        // Of a text they are lengths.
        var ranged = type is FieldType.Integer or FieldType.Decimal or FieldType.Money or FieldType.Text;
        foreach (var (key, fits) in new[] { ("Currencies", type == FieldType.Money), ("Min", ranged), ("Max", ranged) })
        {
            if (field.Has(key) && known && !fits)
            {
                field.Fault(key, $"means nothing for a field of type {type}.", "Leave it out.");
            }
        }
        return new(name, type, field.Flag("Optional", false), currencies.Count == 0 ? null : [.. currencies.Select(c => c.Text)], min, max);
    }

    private static Dictionary<string, decimal>? ReadLimits(SettingsSection kind, IReadOnlyList<FieldRule> money)
    {
        const string key = "SecondPersonAbove";
        const string every = "*";
        var path = kind.PathOf(key);
        if (kind.Find(key)?.As(NodeKind.Object) is not { } found)
        {
            return null;
        }
        if (money.Count == 0)
        {
            kind.Fault(key, "The kind has no field of type Money to which the limit could apply.", "Leave it out, or add such a field.");
            return null;
        }
        if (found.Kind != NodeKind.Object)
        {
            return LimitOf(kind, found, path) is { } limit ? new() { [every] = limit } : null;
        }
        // A field that names no currencies takes any.
        string[] currencies = money.Any(f => f.Currencies is null) ? [] : [.. money.SelectMany(f => f.Currencies!).Distinct(), every];
        var limits = new Dictionary<string, decimal>();
        foreach (var (currency, node) in found.Members)
        {
            if (currency != every && !Currency.IsMatch(currency))
            {
                kind.Run.Fault($"{path}:{currency}", $"'{currency}' is no currency.", "Write three capital letters such as EUR, or * for every other.");
            }
            else
            {
                kind.Run.IsOneOf(currency, currencies, "currency of this kind", $"{path}:{currency}");
            }
            if (LimitOf(kind, node, $"{path}:{currency}") is { } amount)
            {
                limits[currency] = amount;
            }
        }
        if (limits.Count == 0)
        {
            kind.Fault(key, "names no limit.", "Give a number, or one for each currency.");
        }
        return limits;
    }

    private static decimal? LimitOf(SettingsSection kind, ConfigNode found, string path)
    {
        var limit = kind.AmountOf(found, path);
        if (limit < 0) { kind.Run.Fault(path, "is below zero.", "Give the amount above which a second person is needed; 0 asks for one each time."); }
        return limit;
    }

    public static PendingSettings? ReadPending(SettingsSection pending, IReadOnlyList<KindSettings> kinds, IReadOnlyList<string> kindNames)
    {
        var (name, database) = (pending.Text("Kind"), pending.Run.Database(pending, "Database"));
        var path = pending.PathOf("Kind");
        if (name.Length > 0 && kindNames.Count == 0)
        {
            pending.Run.Fault(path, $"There is no kind of transaction '{name}'.", "Describe it under TransactionKinds.");
        }
        else if (name.Length > 0)
        {
            pending.Run.IsOneOf(name, kindNames, "kind of transaction", path);
        }
        var kind = kinds.FirstOrDefault(k => k.Name == name);
        var sql = pending.Run.Sql(pending, "Sql", []);
        var done = pending.Run.Sql(pending, "DoneSql", kind is null ? [.. Always, "status"] : [.. Parameters(kind.Fields), "status"]);
        if (database.Length > 0 && kind is { Legs.Count: > 0 } && kind.Database.Length > 0 && kind.Database != database)
        {
            pending.Fault("Database", $"DoneSql has to run in one transaction with the legs of {name}, and those run in {kind.Database}.", $"Keep the waiting ones in {kind.Database}.");
        }
        return sql is null || done is null ? null : new(name, database, sql, done);
    }
}
