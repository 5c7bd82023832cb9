using System.Globalization;
using System.Text.Json;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.CommandLines;

/// <summary>Arguments and configuration of <c>trtllm-serve</c> for a setting (tensorrt_llm/commands/serve.py at 4c05a748; tensorrt_llm/llmapi/llm_args.py).</summary>
/// <remarks>
/// KV type, speculation and batch wait have no flags: they go into the file of <c>--config</c>, which also turns on the metrics Tuner reads.
/// Replicas are for a router outside: a layout has one. There is no speculative prefetch: masked.
/// </remarks>
public sealed class TensorRtLlmFlags : EngineFlags
{
    /// <param name="setup">What the operator says of the engine.</param>
    /// <exception cref="ArgumentException">A layout has more than one replica, or the setup is unsound.</exception>
    public TensorRtLlmFlags(EngineSetup setup)
        : base(setup)
    {
        if (setup.Layouts.Values.Any(layout => layout.Data != 1))
            throw new ArgumentException("trtllm-serve runs one replica; put a router before several.", nameof(setup));
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Knob> Written { get; } = [Knob.Parallelism, Knob.Precision, Knob.MaxBatch, Knob.BatchWait, Knob.KvCompression, Knob.Speculation, Knob.Draft];

    /// <inheritdoc/>
    protected override EngineCommandLine Compose(in KnobSettings settings)
    {
        EngineLayout layout = Setup.Layouts[settings.Parallelism];
        BatchRung rung = Setup.Contract.BatchLadder[settings.MaxBatchLevel];
        List<string> arguments =
        [
            Setup.Checkpoints[settings.Precision],
            "--tp_size", Number(layout.Tensor),
            "--pp_size", Number(layout.Pipeline),
            "--max_batch_size", Number(rung.Sequences),
            "--max_num_tokens", Number(rung.TokenBudget),
        ];
        arguments.AddRange(Setup.More);
        List<string> config =
        [
            "return_perf_metrics: true",
            "enable_iter_perf_stats: true",
            "kv_cache_config:",
            $"  dtype: {(settings.KvCompression ? "fp8" : "auto")}",
            $"  enable_block_reuse: {(Setup.PrefixCaching ? "true" : "false")}",
        ];
        double wait = Setup.Contract.BatchWaitLadder[settings.BatchWaitLevel];
        if (wait > 0)
            config.Add(string.Create(CultureInfo.InvariantCulture, $"batch_wait_timeout_ms: {wait * 1000:0.###}"));
        if (settings.Speculation)
        {
            EngineDraft draft = Setup.Drafts[settings.DraftLevel];
            config.AddRange([
                "speculative_config:",
                $"  decoding_type: {(draft.Eagle3 ? "Eagle3" : "Draft_Target")}",
                $"  max_draft_len: {Number(draft.Tokens)}",
                $"  speculative_model: {JsonSerializer.Serialize(draft.Model, EngineJson.Default.String)}"]);
        }

        return new EngineCommandLine(arguments, "--config", string.Join('\n', config) + "\n");
    }
}
