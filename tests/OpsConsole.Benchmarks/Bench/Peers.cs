using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OpsConsole.Benchmarks.Bench;

/// <summary>The web servers that the console is held beside, each in a process of its own.</summary>
internal static class Peers
{
    public static async Task<int> Run(string[] words)
    {
        // A path of its own would be read as a setting.
        var (file, rest) = words is ["bare", var named, .. var more] ? (named, more) : (null, words);
        var builder = WebApplication.CreateBuilder(rest);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        if (file is not null)
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
