using System.Text.Json.Serialization;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>First line of every audit log.</summary>
/// <param name="SchemaVersion">Version of the observation schema.</param>
/// <param name="Fields">Names of an observation's entries, in order.</param>
internal sealed record AuditHeader(int SchemaVersion, IReadOnlyList<string> Fields)
{
    [JsonPropertyOrder(-1)]
    public string Kind { get; } = "header";
}
