using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>The five-row table: many short requests → replicas; few long → pipeline; mixed → hybrid; larger than one GPU → tensor with pipeline.</summary>
/// <remarks>
/// The table names no numbers. Short is a 90th percentile below 4,096 prompt tokens, the boundary of
/// <c>adaptive_parallelism_strategy.py</c> (cfregly/ai-performance-engineering, chapter 19); few is below one request a second
/// and GPU. The fifth row, experts for mixtures, needs a mixture model. The other knobs stay at the engine's default.
/// </remarks>
/// <param name="scenario">The scenario.</param>
public sealed class TalkRulesPolicy(Scenario scenario) : ITuningPolicy
{
    private const double ShortPromptTokens = 4096;

    private readonly bool fitsOneGpu = scenario.Layouts[(int)ParallelismMode.Single] is not null;

    /// <inheritdoc/>
    public string Name => "talk-rules";

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        if (window.Arrived == 0)
            return current;
        ParallelismMode mode;
        if (!fitsOneGpu)
            mode = ParallelismMode.Hybrid;
        else if (window.PromptTokensP90 < ShortPromptTokens)
            mode = ParallelismMode.Single;
        else if (window.MeanPromptTokens >= ShortPromptTokens && window.Arrived / window.Seconds < scenario.Gpus)
            mode = ParallelismMode.Pipeline;
        else
            mode = ParallelismMode.Hybrid;
        return mask.Allows(Knob.Parallelism, (int)mode) ? current with { Parallelism = mode } : current;
    }
}
