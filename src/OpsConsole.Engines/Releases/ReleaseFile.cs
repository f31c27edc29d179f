using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Engines.Releases;

/// <summary>One release: the bytes for the hash, the text as it is, and what its text says about how it can be run.</summary>
internal static class ReleaseFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Release Read(string folder, ReleasePart up, ReleasePart? down, EngineKind engine)
    {
        var findings = new List<ReleaseFinding>();
        var (sql, hash) = Load(folder, up.Name, findings);
        var marks = ScriptFindings.Of(up.Name, sql, engine, findings);
        string? downSql = null;
        if (down is not null)
        {
            downSql = Load(folder, down.Name, findings).Sql;
            ScriptFindings.Of(down.Name, downSql, engine, findings);
        }
        return new Release(up.Version, up.Title, up.Name, sql, hash, down?.Name, downSql, marks.Transactional, marks.Repeatable, findings);
    }

    private static (string Sql, string Sha256) Load(string folder, string name, List<ReleaseFinding> findings)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Path.Combine(folder, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(new(name, 1, $"The file cannot be read: {e.Message}", Blocking: true));
            return ("", "");
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        try
        {
            return (Strict.GetString(bytes).TrimStart('\uFEFF'), hash);
        }
        catch (DecoderFallbackException)
        {
            findings.Add(new(name, 1, "The file is not UTF-8; save it as UTF-8.", Blocking: true));
            return ("", hash);
        }
    }
}
