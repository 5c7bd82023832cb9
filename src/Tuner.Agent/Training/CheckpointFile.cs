using System.Security.Cryptography;
using Tuner.Policy.Files;

namespace Tuner.Agent.Training;

/// <summary>A checkpoint's envelope: eight letters before, the last its version, a SHA-256 after.</summary>
internal static class CheckpointFile
{
    private static ReadOnlySpan<byte> Magic => "TUNERCK2"u8;

    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Save(string path, Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        write(writer);
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        AtomicFile.Write(path, stream.ToArray());
    }

    /// <summary>Opens the contents of an undamaged file.</summary>
    /// <exception cref="CheckpointFormatException">The file is not a whole, undamaged checkpoint.</exception>
    public static BinaryReader Open(string path)
    {
        string name = Path.GetFileName(path);
        byte[] bytes = File.ReadAllBytes(path);
        if (!bytes.AsSpan().StartsWith(Magic))
            throw new CheckpointFormatException($"{name} is not a checkpoint of this version: it does not begin with TUNERCK2.");
        int end = bytes.Length - SHA256.HashSizeInBytes;
        if (end < Magic.Length || !SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
            throw new CheckpointFormatException($"{name} is truncated or damaged: its SHA-256 checksum does not match its contents.");
        return new BinaryReader(new MemoryStream(bytes, Magic.Length, end - Magic.Length));
    }
}
