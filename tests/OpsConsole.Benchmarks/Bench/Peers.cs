using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>The web servers that the console is held beside, each in a process of its own.</summary>
internal static class Peers
{
    public static async Task<int> Run(string[] words)
    {
        var builder = WebApplication.CreateBuilder(words);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        if (words is ["bare", var file, ..])
        {
            var bytes = await File.ReadAllBytesAsync(file);
            app.MapGet("/api/v1/gates/{site}", (HttpContext http) =>
            {
                http.Response.ContentType = "application/json; charset=utf-8";
                http.Response.ContentLength = bytes.Length;
                return http.Response.Body.WriteAsync(bytes, 0, bytes.Length);
            });
        }
        await app.RunAsync();
        return 0;
    }
}
