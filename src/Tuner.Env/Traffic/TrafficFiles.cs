using System.IO.Compression;

namespace Tuner.Env.Traffic;

/// <summary>Opens trace files, telling their format by content and not by name.</summary>
public static class TrafficFiles
{
    private const int HeadBytes = 4096;

    /// <summary>Opens a trace, gzipped or not. Nothing but its first bytes is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="seed">Seed of what is sampled rather than recorded: ServeGen's requests, the starts of agentic sessions.</param>
    /// <exception cref="TrafficFormatException">There is no such file, or no known format fits.</exception>
    public static ITrafficSource Open(string path, ulong seed = 1)
    {
        string name = Path.GetFileName(path);
        if (Directory.Exists(path))
            throw new TrafficFormatException($"{path}: this is a folder; expected a trace file.");
        if (!File.Exists(path))
            throw new TrafficFormatException($"{path}: no such file; expected a trace (Azure CSV, Mooncake JSONL, BurstGPT CSV, ServeGen archive, agentic sessions).");
        byte[] head = new byte[HeadBytes];
        int length;
        try
        {
            using Stream stream = OpenDecompressed(path);
            length = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        }
        catch (InvalidDataException broken)
        {
            throw new TrafficFormatException($"{name}: broken gzip data; the file seems damaged or cut off.", broken);
        }

        ReadOnlySpan<byte> start = head.AsSpan(0, length);
        if (start.StartsWith("\uFEFF"u8))
            start = start[3..];
        if (start.TrimStart(" \t\r\n"u8).Length == 0)
            throw new TrafficFormatException($"{name}: the file is empty; a trace needs at least one request.");
        Func<Stream> open = () => new GuardedStream(OpenDecompressed(path), name);
        if (MooncakeReader.Recognises(start))
            return new MooncakeReader(name, open);
        if (ServeGenReader.Recognises(start))
            return new ServeGenReader(name, open, seed);
        if (AgenticSessionsReader.Recognises(start))
            return new AgenticSessionsReader(name, open, seed);
        if (EngineRunReader.Recognises(start))
            return new EngineRunReader(name, open);
        if (BurstGptReader.Recognises(start))
            return new BurstGptReader(name, open, seed);
        if (start.IndexOf("TIMESTAMP"u8) >= 0 || AzureCsvReader.Recognises(start))
        {
            return new AzureCsvReader(name, open, name.Contains("code", StringComparison.OrdinalIgnoreCase) ? TrafficClass.Code : TrafficClass.Chat);
        }

        throw new TrafficFormatException($"{name}:1: no known trace format; expected Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens), Mooncake JSONL (timestamp, input_length, ...), BurstGPT CSV, a ServeGen archive, agentic sessions or a recorded run.");
    }

    /// <summary>Writes requests as Mooncake JSON Lines, gzipped when the name ends in <c>.gz</c>; <see cref="Open"/> reads them back.</summary>
    /// <remarks>The file appears under its name only when it is complete.</remarks>
    /// <param name="source">The requests.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="cancellation">Stops the writing; nothing is left behind.</param>
    /// <returns>How many requests were written.</returns>
    public static long Save(ITrafficSource source, string path, CancellationToken cancellation = default)
        => MooncakeWriter.Write(source, path, cancellation);

    private static Stream OpenDecompressed(string path)
    {
        FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        int read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
