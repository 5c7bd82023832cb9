using System.Text.Json;
using Tuner.Env.Evaluation.Replaying;

namespace Tuner.Cli.Commands.Replaying;

/// <summary>A replay for machines.</summary>
internal static class ReplayJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Of(string scenario, string run, RunReplay replay)
        => JsonSerializer.Serialize(
            new
            {
                Scenario = scenario,
                Run = run,
                Requests = replay.Measured.Count,
                replay.Preemptions,
                Latencies = replay.Latencies(),
                replay.MeasuredQueue,
                SimulatedQueue = replay.Queue,
            },
            Options);
}
