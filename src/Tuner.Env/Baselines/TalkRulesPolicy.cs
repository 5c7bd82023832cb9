using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>The five-row table: many short requests → replicas; few long → pipeline; mixed → hybrid; larger than one GPU → tensor with pipeline.</summary>
/// <remarks>
/// What the rows mean in numbers is in <see cref="TalkTable"/>. The fifth row, experts for mixtures, needs a mixture model. The other knobs
/// stay at the engine's default.
/// </remarks>
/// <param name="scenario">The scenario.</param>
public sealed class TalkRulesPolicy(Scenario scenario) : ITuningPolicy
{
    /// <inheritdoc/>
    public string Name => "talk-rules";

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        => TalkTable.RowOf(scenario, window) is { } row && TalkTable.Advice(row) is { } mode && mask.Allows(Knob.Parallelism, (int)mode)
            ? current with { Parallelism = mode }
            : current;
}
