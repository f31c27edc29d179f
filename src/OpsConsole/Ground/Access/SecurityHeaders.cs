namespace OpsConsole.Ground.Access;

/// <summary>No script but our own files, no frame, no foreign host. Styles may be inline because the component library sets them on elements.</summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    /// <param name="scripts">where scripts may come from</param>
    public static string Policy(string scripts) =>
        $"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string OwnFiles = Policy("'self'");

    public Task InvokeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = OwnFiles;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        return next(http);
    }
}
