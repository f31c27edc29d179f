using System.Security.Cryptography;
using Microsoft.OpenApi;
using OpsConsole.Ground.Access;
using Scalar.AspNetCore;

namespace OpsConsole.Shell;

/// <summary>The API for reading, at /docs. Everything comes from this console; no font, no proxy, no agent, no count of visitors.</summary>
public static class ApiDocs
{
    public static void MapApiDocs(this IEndpointRouteBuilder app) => app.MapScalarApiReference("/docs", (options, http) =>
    {
        // Its one inline script is let in by a word that is good for this answer alone; every other page stays without.
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(18));
        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Policy($"'self' 'nonce-{nonce}'");
        options.WithNonce(nonce).WithTitle("OpsConsole API").WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideClientButton().HideDeveloperTools();
    }).ForAnyone();

    /// <summary>What the routes themselves do not say: who is let in, how a refusal looks, and the body of a post, which is read by the queue's own hand.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            (document.Components ??= new()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [Key] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key of a site or a person: opsconsole keys add." } };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            (operation.Responses ??= [])["default"] = new OpenApiResponse
            {
                Description = "A refusal, as RFC 9457 says it, with its code and, where fields are wrong, errors.",
                Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = Problem } },
            };
            if (context.Description is { HttpMethod: "POST", RelativePath: "api/v1/transactions" }) { Post(operation); }
            return Task.CompletedTask;
        });
    });

    private const string Key = "key";
    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };
    private static readonly OpenApiSchema Problem = new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["title"] = Text(),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = Text(),
            ["code"] = Text(),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema> { ["field"] = Text(), ["code"] = Text(), ["message"] = Text() } },
            },
        },
    };

    private static void Post(OpenApiOperation operation)
    {
        (operation.Parameters ??= []).Add(new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Required = true, Schema = Text(), Description = "1 to 255 printable ASCII characters, the same for each try of one transaction." });
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string> { "kind", "fields", "startedAt" },
                        Properties = new Dictionary<string, IOpenApiSchema> { ["kind"] = Text(), ["fields"] = new OpenApiSchema { Type = JsonSchemaType.Object }, ["startedAt"] = Text("date-time"), ["externalId"] = Text() },
                    },
                },
            },
        };
        operation.Responses!.Remove("200");
        operation.Responses["201"] = new OpenApiResponse { Description = "It is on disk: id and status. Sent again it is the same answer, with Idempotency-Replayed." };
    }
}
