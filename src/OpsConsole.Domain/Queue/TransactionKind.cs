using System.Globalization;
using System.Text.Json;
using OpsConsole.Domain.Audit;

namespace OpsConsole.Domain.Queue;

public enum FieldType { Integer, Decimal, Money, Text, Boolean, Date, Instant, Uuid }

/// <summary>One field of a kind.</summary>
/// <param name="Currencies">for money: ISO 4217 codes that are taken; null: any three capital letters</param>
/// <param name="Min">inclusive; for text the least length</param>
/// <param name="Max">inclusive; for text the greatest length</param>
public sealed record FieldRule(string Name, FieldType Type, bool Optional = false, IReadOnlyList<string>? Currencies = null, decimal? Min = null, decimal? Max = null);

/// <param name="Code">missing, unknown, type, range, digits or currency</param>
public sealed record FieldError(string Field, string Code, string Message);

/// <summary>Either values or errors.</summary>
/// <param name="Values">long, decimal, string, bool, DateOnly, DateTimeOffset, Guid or null; money takes two: x and x_currency</param>
public sealed record FieldsRead(IReadOnlyDictionary<string, object?> Values, IReadOnlyList<FieldError> Errors)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>A kind of transaction: what a site may post and when a second person is needed.</summary>
/// <param name="Limits">limit by currency; the key * is for every amount. Above it a second person is needed</param>
public sealed record TransactionKind(
    string Name, IReadOnlyList<FieldRule> Fields, IReadOnlyList<string> OrderKeys, IReadOnlyDictionary<string, decimal>? Limits = null)
{
    private const int MostText = 10_000;

    /// <summary>SHA-256 over what the site meant, hex: kind and fields in canonical form. The same content has the same hash in any spelling of its JSON.</summary>
    public static string PayloadSha256(string kind, JsonElement fields) => PayloadSha256(kind, CanonicalJson.Of(fields));

    /// <param name="fields">already in canonical form</param>
    public static string PayloadSha256(string kind, string fields) => CanonicalJson.Sha256($"{{\"fields\":{fields},\"kind\":{CanonicalJson.Quote(kind)}}}");

    /// <summary>Reads every field and reports every fault, not only the first.</summary>
    public FieldsRead Read(JsonElement posted)
    {
        if (posted.ValueKind != JsonValueKind.Object)
        {
            return new(new Dictionary<string, object?>(), [new("fields", "type", "fields has to be an object.")]);
        }
        var (values, errors) = (new Dictionary<string, object?>(), new List<FieldError>());
        foreach (var (name, twice) in MembersOf(posted))
        {
            if (!Fields.Any(f => f.Name == name))
            {
                errors.Add(new(name, "unknown", $"The kind {Name} has no field {name}."));
            }
            else if (twice)
            {
                errors.Add(new(name, "type", $"{name} is there twice."));
            }
        }
        foreach (var rule in Fields)
        {
            if (!posted.TryGetProperty(rule.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                ReadNothing(rule, values, errors);
            }
            else if (rule.Type == FieldType.Money)
            {
                ReadMoney(rule, value, values, errors);
            }
            else if (ReadOne(rule, value, out var read) is { } error)
            {
                errors.Add(error);
            }
            else
            {
                values[rule.Name] = read;
            }
        }
        return errors.Count == 0 ? new(values, []) : new(new Dictionary<string, object?>(), errors);
    }

    /// <summary>Each name once, in the order in which it comes first, and whether it comes again.</summary>
    public static IReadOnlyDictionary<string, bool> MembersOf(JsonElement json)
    {
        var members = new OrderedDictionary<string, bool>();
        foreach (var member in json.EnumerateObject())
        {
            if (!members.TryAdd(member.Name, false)) { members[member.Name] = true; }
        }
        return members;
    }

    /// <summary>Whether a second person is needed. A currency without a limit of its own falls under *; without that it is above, because nobody has said otherwise.</summary>
    public bool IsAboveLimit(IReadOnlyDictionary<string, object?> values)
    {
        if (Limits is not { Count: > 0 } limits)
        {
            return false;
        }
        return Fields.Where(f => f.Type == FieldType.Money).Any(f => values.GetValueOrDefault(f.Name) is decimal amount
            && (!(limits.TryGetValue((string)values[f.Name + "_currency"]!, out var limit) || limits.TryGetValue("*", out limit)) || Math.Abs(amount) > limit));
    }

    /// <summary>One text per order key, such as account=42; an absent value makes none.</summary>
    public IReadOnlyList<string> OrderKeysOf(IReadOnlyDictionary<string, object?> values) =>
        [.. OrderKeys.Where(k => values.GetValueOrDefault(k) is not null).Select(k => string.Create(CultureInfo.InvariantCulture, $"{k}={values[k]}"))];

    private static void ReadNothing(FieldRule rule, Dictionary<string, object?> values, List<FieldError> errors)
    {
        if (!rule.Optional)
        {
            errors.Add(new(rule.Name, "missing", $"{rule.Name} is missing."));
            return;
        }
        values[rule.Name] = null;
        if (rule.Type == FieldType.Money)
        {
            values[rule.Name + "_currency"] = null;
        }
    }

    /// <summary>A value that is there and is no money. Null: it is one of the rule's type and within its range.</summary>
    public static FieldError? ReadOne(FieldRule rule, JsonElement value, out object? read)
    {
        read = null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        switch (rule.Type)
        {
            case FieldType.Integer when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number):
                read = number;
                return OutOfRange(rule, number);
            case FieldType.Decimal when TryReadDecimal(value.ValueKind == JsonValueKind.Number ? value.GetRawText() : text, out var amount):
                read = amount;
                return OutOfRange(rule, amount);
            case FieldType.Text when text is not null:
                read = text;
                return text.Contains('\0', StringComparison.Ordinal) ? new(rule.Name, "type", $"{rule.Name} holds a zero character.")
                    : text.Length < (rule.Min ?? 0) ? new(rule.Name, "range", string.Create(CultureInfo.InvariantCulture, $"{rule.Name} has {text.Length} characters; at least {rule.Min} are needed."))
                    : text.Length > (rule.Max ?? MostText) ? new(rule.Name, "range", string.Create(CultureInfo.InvariantCulture, $"{rule.Name} has {text.Length} characters; at most {rule.Max ?? MostText} are allowed."))
                    : null;
            case FieldType.Boolean when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                read = value.GetBoolean();
                return null;
            case FieldType.Date when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date):
                read = date;
                return null;
            // Without an offset an instant is a guess.
            case FieldType.Instant when text is not null && text.Length > 19 && text[10] == 'T' && (text[^1] == 'Z' || text[^6] is '+' or '-')
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant):
                read = instant.ToUniversalTime();
                return null;
            case FieldType.Uuid when Guid.TryParseExact(text, "D", out var guid):
                read = guid;
                return null;
            default:
                return new(rule.Name, "type", $"{rule.Name} has to be {Wanted(rule.Type)}.");
        }
    }

    private static void ReadMoney(FieldRule rule, JsonElement value, Dictionary<string, object?> values, List<FieldError> errors)
    {
        // The amount is text: a JSON number passes through binary fractions in too many libraries.
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() != 2
            || !value.TryGetProperty("value", out var v) || v.ValueKind != JsonValueKind.String || !TryReadDecimal(v.GetString(), out var amount)
            || !value.TryGetProperty("currency", out var c) || c.ValueKind != JsonValueKind.String)
        {
            errors.Add(new(rule.Name, "type", $"{rule.Name} has to be {Wanted(FieldType.Money)}."));
            return;
        }
        var currency = c.GetString()!;
        if (rule.Currencies is { } taken ? !taken.Contains(currency, StringComparer.Ordinal) : !(currency.Length == 3 && currency.All(char.IsAsciiLetterUpper)))
        {
            errors.Add(new(rule.Name, "currency", rule.Currencies is null
                ? $"{rule.Name} has no currency of three capital letters." : $"{rule.Name} has the currency {currency}; taken are {string.Join(", ", rule.Currencies)}."));
        }
        else if (amount.Scale > DigitsOf(currency))
        {
            errors.Add(new(rule.Name, "digits", $"{rule.Name} has {amount.Scale} decimal places; {currency} has {DigitsOf(currency)}."));
        }
        else if (OutOfRange(rule, amount) is { } error)
        {
            errors.Add(error);
        }
        // Always with all its decimal places, so that a target that takes the amount as text reads 500 as 500.00.
        (values[rule.Name], values[rule.Name + "_currency"]) = (Whole(amount, currency), currency);
    }

    /// <summary>With all the decimal places of its currency: a store may keep 500.00 as 500.</summary>
    public static decimal Whole(decimal amount, string currency) => amount + new decimal(0, 0, 0, false, (byte)DigitsOf(currency));

    // Digits, one point, a sign; no exponent, no separators, no spaces. Beyond 28 characters a decimal would be rounded without a word.
    private static bool TryReadDecimal(string? text, out decimal amount)
    {
        amount = 0;
        return text is { Length: > 0 and <= 28 } && char.IsAsciiDigit(text[^1])
            && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount);
    }

    private static FieldError? OutOfRange(FieldRule rule, decimal amount) =>
        amount < rule.Min ? new(rule.Name, "range", string.Create(CultureInfo.InvariantCulture, $"{rule.Name} is {amount}; the least is {rule.Min}."))
        : amount > rule.Max ? new(rule.Name, "range", string.Create(CultureInfo.InvariantCulture, $"{rule.Name} is {amount}; the most is {rule.Max}."))
        : null;

    // ISO 4217 minor units that are not two.
    private static int DigitsOf(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "UYI" or "VND" or "VUV" or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        "CLF" or "UYW" => 4,
        _ => 2,
    };

    private static string Wanted(FieldType type) => type switch
    {
        FieldType.Integer => "a whole number",
        FieldType.Decimal => "a number such as 12.5",
        FieldType.Money => "an object such as {\"value\": \"12.34\", \"currency\": \"EUR\"}",
        FieldType.Text => "text",
        FieldType.Boolean => "true or false",
        FieldType.Date => "a date such as 2005-11-18",
        FieldType.Instant => "an instant with its offset, such as 2005-11-18T09:30:00Z",
        _ => "a UUID such as 6fa459ea-ee8a-3ca4-894e-db77e160355e",
    };
}
