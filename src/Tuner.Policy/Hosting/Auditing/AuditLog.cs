using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;
using Tuner.Policy.Observations;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>JSON lines: <c>audit.jsonl</c>, and <c>audit.1.jsonl</c> (newest) to <c>audit.N.jsonl</c> when it was full.</summary>
internal sealed class AuditLog
{
    private readonly string folder;
    private readonly long maxBytes;
    private readonly int kept;
    private readonly string path;
    private readonly ArrayBufferWriter<byte> text = new(8 << 10);

    /// <param name="folder">Where the logs lie.</param>
    /// <param name="maxBytes">Size at which a log is full.</param>
    /// <param name="kept">Full logs kept.</param>
    public AuditLog(string folder, long maxBytes, int kept)
    {
        (this.folder, this.maxBytes, this.kept) = (folder, maxBytes, kept);
        path = Path.Combine(folder, "audit.jsonl");
    }

    public void Write(AuditDecision decision) => Append(decision, HostingJson.Default.AuditDecision);

    public void Write(AuditOutcome outcome) => Append(outcome, HostingJson.Default.AuditOutcome);

    public void Write(AuditPrediction prediction) => Append(prediction, HostingJson.Default.AuditPrediction);

    private void Append<T>(T line, JsonTypeInfo<T> type)
    {
        try
        {
            Put(line, type);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(folder);
            Put(line, type);
        }
    }

    private void Put<T>(T line, JsonTypeInfo<T> type)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            long end = RandomAccess.GetLength(file);
            if (end >= maxBytes)
            {
                file.Dispose();
                Rotate();
                file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                end = RandomAccess.GetLength(file);
            }

            // One write a line: a reader never meets half of one, nor does a crash leave more than its last cut short.
            if (end == 0)
                end += Write(file, end, new AuditHeader(ObservationSchema.Version, ObservationSchema.FieldNames), HostingJson.Default.AuditHeader);
            Write(file, end, line, type);
        }
        finally
        {
            file.Dispose();
        }
    }

    private int Write<T>(SafeFileHandle file, long at, T line, JsonTypeInfo<T> type)
    {
        text.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(text))
            JsonSerializer.Serialize(json, line, type);
        text.GetSpan(1)[0] = (byte)'\n';
        text.Advance(1);
        RandomAccess.Write(file, text.WrittenSpan, at);
        return text.WrittenCount;
    }

    private void Rotate()
    {
        for (int i = kept - 1; i >= 1; i--)
        {
            if (File.Exists(Numbered(i)))
                File.Move(Numbered(i), Numbered(i + 1), overwrite: true);
        }

        File.Move(path, Numbered(1), overwrite: true);
    }

    private string Numbered(int number) => Path.Combine(folder, $"audit.{number}.jsonl");
}
