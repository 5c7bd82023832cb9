using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Env.Traffic;

namespace Tuner.Env.Fuzzing;

/// <summary>A scenario, its traffic and what is turned when: everything a run depends on, small enough to print.</summary>
/// <param name="Scenario">The cluster.</param>
/// <param name="BlockTokens">Tokens a shared prefix block covers, a multiple of 16.</param>
/// <param name="Requests">The traffic.</param>
/// <param name="Actions">The actions.</param>
/// <param name="CutSeconds">Mean length of the small advances the run is cut into.</param>
/// <param name="Seed">Seed of the cuts.</param>
internal sealed record FuzzCase(FuzzScenario Scenario, int BlockTokens, FuzzRequest[] Requests, FuzzAction[] Actions, double CutSeconds, ulong Seed)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, IndentSize = 1, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static FuzzCase Parse(string json) => JsonSerializer.Deserialize<FuzzCase>(json, Json)!;

    /// <summary>The traffic as a trace.</summary>
    public TrafficTrace Trace()
    {
        var requests = new List<InferenceRequest>(Requests.Length);
        double at = 0;
        foreach (FuzzRequest request in Requests)
        {
            at += request.Gap;
            ulong[] hashes = [.. Enumerable.Range(0, request.Blocks).Select(block => ((ulong)request.Session << 32) + (ulong)block + 1)];
            requests.Add(new InferenceRequest(at, request.Prompt + (request.Blocks * BlockTokens), request.Output, request.Class, hashes, request.Blocks == 0 ? 0 : BlockTokens));
        }

        return TrafficTrace.Of("fuzz", requests, at);
    }

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this, Json);
}
