using Tuner.Env.Baselines;
using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A policy that takes the layout of one row of the five-row table where that row applies, and decides for itself elsewhere.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="inner">The policy.</param>
/// <param name="row">The row.</param>
internal sealed class TalkRowPolicy(Scenario scenario, ITuningPolicy inner, TalkRow row) : ITuningPolicy
{
    public string Name => $"{inner.Name}, row {(int)row + 1}";

    public void Reset() => inner.Reset();

    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        KnobSettings own = inner.Decide(window, current, mask);
        if (TalkTable.RowOf(scenario, window) != row || TalkTable.Advice(row) is not { } mode)
            return own;
        return own with { Parallelism = mask.Allows(Knob.Parallelism, (int)mode) ? mode : current.Parallelism };
    }
}
