using System.Text.Json;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.CommandLines;

/// <summary>Arguments of <c>vllm</c> for a setting (V1 engine; flags of vllm/engine/arg_utils.py at 99d7eb5d).</summary>
/// <remarks>vLLM has no wait for a batch and no speculative prefetch: both are masked.</remarks>
/// <param name="setup">What the operator says of the engine.</param>
public sealed class VllmFlags(EngineSetup setup) : EngineFlags(setup)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Knob> Written { get; } = [Knob.Parallelism, Knob.Precision, Knob.MaxBatch, Knob.KvCompression, Knob.Speculation, Knob.Draft];

    /// <inheritdoc/>
    protected override EngineCommandLine Compose(in KnobSettings settings)
    {
        EngineLayout layout = Setup.Layouts[settings.Parallelism];
        BatchRung rung = Setup.Contract.BatchLadder[settings.MaxBatchLevel];
        List<string> arguments =
        [
            "serve", Setup.Checkpoints[settings.Precision],
            "--tensor-parallel-size", Number(layout.Tensor), // ParallelConfig
            "--pipeline-parallel-size", Number(layout.Pipeline),
            "--data-parallel-size", Number(layout.Data),
            "--max-num-seqs", Number(rung.Sequences), // SchedulerConfig
            "--max-num-batched-tokens", Number(rung.TokenBudget),
            "--kv-cache-dtype", settings.KvCompression ? "fp8" : "auto", // CacheConfig; auto is the model's own type
            Setup.PrefixCaching ? "--enable-prefix-caching" : "--no-enable-prefix-caching",
        ];
        if (settings.Speculation)
        {
            // SpeculativeConfig (vllm/config/speculative.py): model, num_speculative_tokens, method.
            EngineDraft draft = Setup.Drafts[settings.DraftLevel];
            string model = JsonSerializer.Serialize(draft.Model, EngineJson.Default.String);
            arguments.AddRange(["--speculative-config", $"{{\"method\":\"{(draft.Eagle3 ? "eagle3" : "draft_model")}\",\"model\":{model},\"num_speculative_tokens\":{Number(draft.Tokens)}}}"]);
        }

        arguments.AddRange(Setup.More);
        return new EngineCommandLine(arguments);
    }
}
