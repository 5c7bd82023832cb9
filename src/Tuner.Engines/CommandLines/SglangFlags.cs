using Tuner.Policy.Knobs;

namespace Tuner.Engines.CommandLines;

/// <summary>Arguments of <c>python3</c> that start SGLang with a setting (flags of python/sglang/srt/server_args.py; docs/backend/server_arguments.md).</summary>
/// <remarks>
/// The token budget is that of a prefill chunk: SGLang does not count decoded tokens into it. It has no wait for a batch, and its
/// hierarchical cache brings back what was asked for, not what is expected: both knobs are masked. Metrics are turned on, as Tuner reads them.
/// </remarks>
/// <param name="setup">What the operator says of the engine.</param>
public sealed class SglangFlags(EngineSetup setup) : EngineFlags(setup)
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
            "-m", "sglang.launch_server",
            "--model-path", Setup.Checkpoints[settings.Precision],
            "--tp-size", Number(layout.Tensor),
            "--pp-size", Number(layout.Pipeline),
            "--dp-size", Number(layout.Data),
            "--max-running-requests", Number(rung.Sequences),
            "--chunked-prefill-size", Number(rung.TokenBudget),
            "--kv-cache-dtype", settings.KvCompression ? "fp8_e4m3" : "auto",
            "--enable-metrics",
        ];
        if (!Setup.PrefixCaching)
            arguments.Add("--disable-radix-cache");
        if (settings.Speculation)
        {
            // A chain of k drafted tokens is verified with the one before it: k steps, top-k 1, k + 1 tokens.
            EngineDraft draft = Setup.Drafts[settings.DraftLevel];
            arguments.AddRange([
                "--speculative-algorithm", draft.Eagle3 ? "EAGLE3" : "STANDALONE",
                "--speculative-draft-model-path", draft.Model,
                "--speculative-num-steps", Number(draft.Tokens),
                "--speculative-eagle-topk", "1",
                "--speculative-num-draft-tokens", Number(draft.Tokens + 1)]);
        }

        arguments.AddRange(Setup.More);
        return new EngineCommandLine(arguments);
    }
}
