using OpsConsole.Domain;

namespace OpsConsole.Ground.Access;

/// <summary>What a service answers: a value, or a refusal that left everything as it was.</summary>
public sealed record Answer<T>(T? Value, Refusal? Refusal, object? More = null)
{
    public bool Refused => Refusal is not null;
    public static implicit operator Answer<T>(T value) => new(value, null);
    public static implicit operator Answer<T>(Refusal refusal) => new(default, refusal);
}

public sealed record FieldFault(string Field, string Code, string Message);

/// <summary>Refusals as RFC 9457 problems. <c>More</c> adds members, such as <c>can</c> or <c>errors</c>.</summary>
public static class Problems
{
    public static IResult ToResult<T>(this Answer<T> answer, Func<T, IResult>? ok = null) =>
        answer.Refusal is { } refusal ? From(refusal, answer.More) : ok is null ? Results.Ok(answer.Value) : ok(answer.Value!);

    public static IResult From(Refusal refusal, object? more = null)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code };
        foreach (var property in more?.GetType().GetProperties() ?? [])
        {
            extensions[System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = property.GetValue(more);
        }
        if (refusal.Field is { } field) { extensions.TryAdd("errors", new[] { new FieldFault(field, "invalid", refusal.Text) }); }
        return Results.Problem(refusal.Text, statusCode: Status(refusal.Code), title: Title(refusal.Code), extensions: extensions);
    }

    /// <summary>The console is there and does not work yet, or not any more: who asks again is served by it or by the one that drives.</summary>
    public static IResult NotReady(string waitsFor) => Results.Problem($"The console waits for {waitsFor}. Nothing was done; ask again.", statusCode: 503, title: Title(RefusalCode.NotNow),
        extensions: new Dictionary<string, object?> { ["code"] = RefusalCode.NotNow });

    public static int Status(string code) => code switch
    {
        RefusalCode.Unauthorized => 401,
        RefusalCode.NotAllowed or RefusalCode.StepUpNeeded or RefusalCode.SecondPersonNeeded => 403,
        RefusalCode.NotFound => 404,
        RefusalCode.WrongState or RefusalCode.NotNow or RefusalCode.InProgress => 409,
        RefusalCode.TooLarge => 413,
        RefusalCode.KeyReused => 422,
        RefusalCode.TooMany => 429,
        _ => 400,
    };

    private static string Title(string code) => code switch
    {
        RefusalCode.Unauthorized => "Sign in first",
        RefusalCode.NotAllowed => "Not allowed",
        RefusalCode.StepUpNeeded => "Prove again who you are",
        RefusalCode.SecondPersonNeeded => "A second person is needed",
        RefusalCode.WrongState => "Not open in this state",
        RefusalCode.NotNow => "Not now",
        RefusalCode.NotFound => "Not found",
        RefusalCode.InProgress => "Still in work",
        RefusalCode.KeyReused => "The key was used for other content",
        RefusalCode.TooLarge => "Too large",
        RefusalCode.TooMany => "Too many",
        _ => "Not accepted",
    };
}
