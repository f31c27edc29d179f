using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OpsConsole.Engines.Sqlite;

/// <summary>What a rename that must not be lost, and must not replace anything, needs beyond the framework.</summary>
internal static class NativeFile
{
    private const int WorkingDirectory = -100, NoReplace = 1, NotSupported = 22, NoSuchCall = 38;
    private const uint OwnerBits = 0x8 | 0x10;

    /// <summary>Renames in one step and refuses to replace; the framework's own move links and unlinks, so that a crash between leaves both names.</summary>
    public static void RenameToFreeName(string from, string to)
    {
        if (OperatingSystem.IsLinux())
        {
            if (Rename(WorkingDirectory, from, WorkingDirectory, to, NoReplace) == 0) { return; }
            var error = Marshal.GetLastPInvokeError();
            if (error is not (NotSupported or NoSuchCall)) { throw new IOException($"{from} cannot be renamed to {to}: {new Win32Exception(error).Message}"); }
            // A file system that does not know the flag: looked at first, then renamed.
            if (File.Exists(to)) { throw new IOException($"{from} cannot be renamed: {to} is there already."); }
            File.Move(from, to, overwrite: true);
            return;
        }
        File.Move(from, to, overwrite: false);
    }

    /// <summary>Only for files on which nobody in this process has a SQLite connection: closing any handle of a file drops this process's locks on it.</summary>
    public static void FlushFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>A rename is on disk only when its directory is.</summary>
    public static void FlushDirectoryOf(string path)
    {
        if (!OperatingSystem.IsLinux()) { return; }
        var descriptor = Open(Path.GetDirectoryName(path)!, 0);
        if (descriptor < 0) { throw new IOException($"The directory of {path} cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}"); }
        var failed = Flush(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed) { throw new IOException($"The directory of {path} cannot be flushed: {new Win32Exception(error).Message}"); }
    }

    /// <summary>"user:group" as numbers; null where the system has no such thing.</summary>
    public static string? Owner(string path)
    {
        if (!OperatingSystem.IsLinux()) { return null; }
        var answer = new byte[256];
        return Stat(WorkingDirectory, path, 0, OwnerBits, answer) != 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"{BitConverter.ToUInt32(answer, 20)}:{BitConverter.ToUInt32(answer, 24)}");
    }

    public static void GiveTo(string path, string owner)
    {
        var ids = owner.Split(':').Select(id => uint.Parse(id, CultureInfo.InvariantCulture)).ToArray();
        if (Own(path, ids[0], ids[1]) != 0)
        {
            throw new IOException($"{path} cannot be given to its owner {owner}, without which the site could not use it: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    // The rule asks for UTF-16; paths here are UTF-8, and each string says so.
#pragma warning disable CA2101
    [DllImport("libc", EntryPoint = "renameat2", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(int fromDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string from, int toDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string to, uint flags);

    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] answer);

    [DllImport("libc", EntryPoint = "chown", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Own([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
