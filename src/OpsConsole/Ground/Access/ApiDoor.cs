using System.Text.Json;
using System.Text.Json.Serialization;
using OpsConsole.Domain;
using OpsConsole.Engines;

namespace OpsConsole.Ground.Access;

/// <summary>How bodies are read: a name that is not known, a number where a word belongs and a text that no store keeps are faults, never passed over.</summary>
public static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Strict(JsonSerializerOptions json)
    {
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.Converters.Add(new PlainText());
        json.Converters.Add(new Instant());
        return json;
    }

    /// <summary>Where in the body it went wrong, and what would be right.</summary>
    public static FieldFault FaultOf(JsonException fault)
    {
        var field = (fault.Path ?? "$").TrimStart('$').TrimStart('.');
        var name = field.Length == 0 ? "body" : field;
        return fault.Message.Contains("could not be mapped to any", StringComparison.Ordinal) ? new(name, "unknown", $"{name} is not known here.")
            : fault.InnerException is FormatException own ? new(name, "invalid", own.Message)
            : field.Length == 0 ? new(name, "invalid", "The body has to be a JSON object.") : new(name, "invalid", $"{name} cannot be read as what belongs there.");
    }

    // PostgreSQL keeps no text with a NUL in it, and no person wrote one.
    private sealed class PlainText : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) { throw new JsonException(); }
            var text = reader.GetString();
            return text?.Contains('\0', StringComparison.Ordinal) == true ? throw new JsonException(null, new FormatException("A text holds no NUL.")) : text;
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options)!;
        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
    }

    // Without its offset a time would be taken in the zone of whatever machine the console runs on.
    private sealed class Instant : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.GetString() is [.., _, _, _] text && HasOffset(text) && reader.TryGetDateTimeOffset(out var at)
                ? at : throw new JsonException(null, new FormatException("A time is an instant with its offset, such as 2026-11-17T02:30:00Z."));

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
        private static bool HasOffset(string text) => text[^1] is 'Z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
    }
}

/// <summary>
/// Whatever goes wrong on the way of an API call is answered as a problem with its code: what the framework refuses, what an engine throws, and what nobody thought of.
/// </summary>
internal sealed class ApiFaults(RequestDelegate next, ILogger<ApiFaults> log)
{
    private static readonly PathString Api = new("/api");

    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(Api)) { await next(http); return; }
        if (http.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            await Answer(http, 400, Fields(new FieldFault("query", "invalid", "A text holds no NUL.")));
            return;
        }
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException fault) when (!http.Response.HasStarted)
        {
            await Answer(http, fault.StatusCode, Of(fault.StatusCode, fault));
            return;
        }
        catch (EngineFault fault) when (!http.Response.HasStarted)
        {
            await Answer(http, 409, Problems.From(new Refusal(RefusalCode.NotNow, $"The database does not answer, or refuses: {fault.Message}")));
            return;
        }
        catch (Exception fault) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested) // Nobody thought of it: said as it is, and kept in the log.
        {
            log.LogError(fault, "{Method} {Path} failed.", http.Request.Method, http.Request.Path);
            await Answer(http, 500, Results.Problem($"The console failed at it ({http.TraceIdentifier} in its log). Look at what is there before asking again.", statusCode: 500, title: "Failed",
                extensions: new Dictionary<string, object?> { ["code"] = RefusalCode.NotNow }));
            return;
        }
        if (!http.Response.HasStarted && http.Response is { StatusCode: 400 or 404 or 405 or 413 or 415, ContentType: null, ContentLength: null or 0 })
        {
            await Answer(http, http.Response.StatusCode, Of(http.Response.StatusCode, null));
        }
    }

    private static IResult Of(int status, BadHttpRequestException? fault) => status switch
    {
        404 => Problems.From(new Refusal(RefusalCode.NotFound, "There is nothing under this address.")),
        405 => Problem(status, RefusalCode.NotFound, "The address is there and does not take this method; Allow names those that it takes."),
        413 => Problems.From(new Refusal(RefusalCode.TooLarge, "The body is larger than the console takes.")),
        415 => Problem(status, RefusalCode.InvalidField, "Send the body as application/json."),
        _ when fault?.InnerException is JsonException json => Fields(ApiJson.FaultOf(json)),
        _ when fault is { Message: { } words } && words.Contains("from body", StringComparison.Ordinal) => Fields(new FieldFault("body", "missing", "A JSON body is needed.")),
        _ when fault is { Message: { } words } && words.Split('"') is [_, var parameter, ..] => Fields(new FieldFault(parameter.Split(' ')[^1], "invalid", $"{parameter.Split(' ')[^1]} cannot be read.")),
        _ => Problem(status, RefusalCode.InvalidField, "The request cannot be read."),
    };

    private static IResult Fields(FieldFault fault) => Problems.From(new Refusal(RefusalCode.InvalidField, fault.Message), new { errors = new[] { fault } });
    private static IResult Problem(int status, string code, string text) => Results.Problem(text, statusCode: status, title: "Not accepted", extensions: new Dictionary<string, object?> { ["code"] = code });

    private static Task Answer(HttpContext http, int status, IResult problem)
    {
        http.Response.StatusCode = status;
        return problem.ExecuteAsync(http);
    }
}

/// <summary>HEAD is GET without its body, on every address; the server leaves the body out.</summary>
internal sealed class HeadAsGet(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method)) { http.Request.Method = HttpMethods.Get; }
        return next(http);
    }
}
