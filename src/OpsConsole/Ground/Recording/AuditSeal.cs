using System.Security.Cryptography;
using OpsConsole.Domain.Audit;
using OpsConsole.Ground.Settings;

namespace OpsConsole.Ground.Recording;

/// <summary>The signed heads and their key, in the data folder: whoever can only write the store can forge neither.</summary>
/// <param name="keys">the folder of the private key</param>
/// <param name="data">the folder of the heads and the public key</param>
public sealed class AuditSeal(string keys, string data)
{
    public AuditSeal(ConsoleSettings settings) : this(settings.KeyDirectory, settings.DataDirectory) { }

    private string PrivateFile => Path.Combine(keys, "audit-heads.pem");
    public string PublicFile => Path.Combine(data, "audit-heads.pub.pem");
    public string HeadsFile => Path.Combine(data, "audit-heads.jsonl");

    /// <summary>The key to sign with, made where there is none yet.</summary>
    public ECDsa Key()
    {
        if (!File.Exists(PrivateFile))
        {
            OwnFolder.Make(keys);
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(PrivateFile, made.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Write(PublicFile, made.ExportSubjectPublicKeyInfoPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }
        return Read(PrivateFile);
    }

    /// <summary>Null: there is none here, so no signature can be looked at.</summary>
    public ECDsa? PublicKey() => File.Exists(PublicFile) ? Read(PublicFile) : File.Exists(PrivateFile) ? Read(PrivateFile) : null;

    public static ECDsa Read(string file)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        return key;
    }

    public IReadOnlyList<AuditHead> Heads() => File.Exists(HeadsFile) ? ReadHeads(HeadsFile) : [];

    /// <summary>A last line without its end was cut off by a crash while it was written, and says nothing.</summary>
    /// <exception cref="FormatException">any other line is no head</exception>
    public static IReadOnlyList<AuditHead> ReadHeads(string file)
    {
        var text = File.ReadAllText(file);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditHead.Read)];
    }

    /// <summary>On disk when it returns.</summary>
    public void Append(AuditHead head)
    {
        using var file = new FileStream(HeadsFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        file.Seek(0, SeekOrigin.End);
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            var whole = file.ReadByte() == '\n';
            file.Seek(0, SeekOrigin.End);
            if (!whole) { file.SetLength(LastLineEnd(file)); file.Seek(0, SeekOrigin.End); }
        }
        file.Write(System.Text.Encoding.UTF8.GetBytes(head.ToLine() + "\n"));
        file.Flush(flushToDisk: true);
    }

    private static long LastLineEnd(FileStream file)
    {
        for (var at = file.Length - 1; at >= 0; at--)
        {
            file.Seek(at, SeekOrigin.Begin);
            if (file.ReadByte() == '\n') { return at + 1; }
        }
        return 0;
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = mode; }
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
