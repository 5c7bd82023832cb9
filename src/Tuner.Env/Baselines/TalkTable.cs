using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>The five-row table in numbers: which row a window falls under, and the layout it advises.</summary>
/// <remarks>
/// The table names no numbers. Short is a 90th percentile below 4,096 prompt tokens, the boundary of
/// <c>adaptive_parallelism_strategy.py</c> (cfregly/ai-performance-engineering, chapter 19); few is below one request a second
/// and GPU.
/// </remarks>
public static class TalkTable
{
    /// <summary>Prompts below this are short, tokens.</summary>
    public const double ShortPromptTokens = 4096;

    /// <summary>The row that applies to a window; null when nothing arrived. Only what arrived is asked about, not how it was served.</summary>
    public static TalkRow? RowOf(Scenario scenario, in WindowMetrics window)
    {
        if (window.Arrived == 0)
            return null;
        if (scenario.Layouts[(int)ParallelismMode.Single] is null)
            return TalkRow.LargerThanGpu;
        if (window.PromptTokensP90 < ShortPromptTokens)
            return TalkRow.ManyShort;
        return window.MeanPromptTokens >= ShortPromptTokens && window.Arrived / window.Seconds < scenario.Gpus ? TalkRow.FewLong : TalkRow.Mixed;
    }

    /// <summary>The layout a row advises; null for experts, which are no layout of their own.</summary>
    public static ParallelismMode? Advice(TalkRow row) => row switch
    {
        TalkRow.ManyShort => ParallelismMode.Single,
        TalkRow.FewLong => ParallelismMode.Pipeline,
        TalkRow.Mixed or TalkRow.LargerThanGpu => ParallelismMode.Hybrid,
        _ => null,
    };
}
