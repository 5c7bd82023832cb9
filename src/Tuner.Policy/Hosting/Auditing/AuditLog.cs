using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tuner.Policy.Observations;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>JSON lines: <c>audit.jsonl</c>, and <c>audit.1.jsonl</c> (newest) to <c>audit.N.jsonl</c> when it was full.</summary>
/// <param name="folder">Where the logs lie.</param>
/// <param name="maxBytes">Size at which a log is full.</param>
/// <param name="kept">Full logs kept.</param>
internal sealed class AuditLog(string folder, long maxBytes, int kept)
{
    private readonly string path = Path.Combine(folder, "audit.jsonl");

    public void Write(AuditDecision decision) => Append(decision, HostingJson.Default.AuditDecision);

    public void Write(AuditOutcome outcome) => Append(outcome, HostingJson.Default.AuditOutcome);

    public void Write(AuditPrediction prediction) => Append(prediction, HostingJson.Default.AuditPrediction);

    private void Append<T>(T line, JsonTypeInfo<T> type)
    {
        Directory.CreateDirectory(folder);
        if (File.Exists(path) && new FileInfo(path).Length >= maxBytes)
            Rotate();
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        if (stream.Position == 0)
            Put(stream, new AuditHeader(ObservationSchema.Version, ObservationSchema.FieldNames), HostingJson.Default.AuditHeader);
        Put(stream, line, type);
    }

    private static void Put<T>(FileStream stream, T line, JsonTypeInfo<T> type)
    {
        // One write a line: a reader never meets half of one, nor does a crash leave more than its last cut short.
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(line, type);
        stream.Write([.. json, (byte)'\n']);
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
