using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tuner.Kernels.Swapping;

/// <summary>Writes every change of kernels as one line of JSON. Never disturbs a kernel call: what cannot be written is counted.</summary>
/// <param name="writer">Where to; stays the caller's.</param>
/// <param name="time">Tells the time.</param>
public sealed class AuditLog(TextWriter writer, TimeProvider time)
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly Lock gate = new();
    private long lost;

    /// <summary>Entries that could not be written.</summary>
    public long Lost => Interlocked.Read(ref lost);

    /// <summary>Reads a line back.</summary>
    /// <exception cref="JsonException">It is no entry.</exception>
    public static AuditEntry Parse(string line) => JsonSerializer.Deserialize<AuditEntry>(line, Layout) ?? throw new JsonException("An empty line is no audit entry.");

    internal void Write(string operation, AuditKind kind, string? from, string? to, string why, AuditEvidence? evidence = null)
    {
        string line = JsonSerializer.Serialize(new AuditEntry(time.GetUtcNow(), operation, kind, from, to, why, evidence), Layout);
        lock (gate)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or UnauthorizedAccessException)
            {
                Interlocked.Increment(ref lost);
            }
        }
    }
}
