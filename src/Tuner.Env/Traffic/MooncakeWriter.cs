using System.IO.Compression;
using System.Text.Json;

namespace Tuner.Env.Traffic;

/// <summary>Writes requests the way <see cref="MooncakeReader"/> reads them; block hashes become small numbers in order of appearance.</summary>
internal static class MooncakeWriter
{
    private const int CheckEvery = 1024;

    public static long Write(ITrafficSource source, string path, CancellationToken cancellation)
    {
        string full = Path.GetFullPath(path);
        string unfinished = full + ".unfinished";
        try
        {
            long count;
            using (Stream content = Create(unfinished, full.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)))
                count = Write(source, content, cancellation);
            File.Move(unfinished, full, overwrite: true);
            return count;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static Stream Create(string path, bool compressed)
    {
        FileStream file = File.Create(path, 1 << 16);
        return compressed ? new GZipStream(file, CompressionLevel.Optimal) : file;
    }

    private static long Write(ITrafficSource source, Stream content, CancellationToken cancellation)
    {
        var ids = new Dictionary<ulong, int>();
        using var buffered = new BufferedStream(content, 1 << 16);
        using var json = new Utf8JsonWriter(buffered);
        long count = 0;
        double milliseconds = double.NegativeInfinity;
        foreach (InferenceRequest request in source)
        {
            if (count++ % CheckEvery == 0)
                cancellation.ThrowIfCancellationRequested();

            // Equal times would be read as one coarse tick and spread: a microsecond keeps them apart.
            milliseconds = Math.Max(Math.Round(request.ArrivalSeconds * 1000, 3), Math.Round(milliseconds + 0.001, 3));
            WriteRequest(json, milliseconds, request, ids);
            json.Flush();
            buffered.WriteByte((byte)'\n');
            json.Reset();
        }

        return count;
    }

    private static void WriteRequest(Utf8JsonWriter json, double milliseconds, in InferenceRequest request, Dictionary<ulong, int> ids)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp", milliseconds);
        json.WriteNumber("input_length", request.PromptTokens);
        json.WriteNumber("output_length", request.OutputTokens);
        json.WriteStartArray("hash_ids");
        foreach (ulong hash in request.PrefixBlocks.Span)
        {
            if (!ids.TryGetValue(hash, out int id))
                ids.Add(hash, id = ids.Count);
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        if (!request.PrefixBlocks.IsEmpty && request.PrefixBlockTokens != MooncakeReader.DefaultBlockTokens)
            json.WriteNumber("block_tokens", request.PrefixBlockTokens);
        json.WriteString("class", request.Class.ToString());
        json.WriteEndObject();
    }
}
