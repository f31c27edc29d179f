using System.Security.Cryptography;
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
}
