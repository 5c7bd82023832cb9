using Tuner.Env.Scenarios;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A decision table that drives a cluster: the settings of the row a window falls into, as far as they are allowed now.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="tree">The table's tree over <see cref="PlainField.All"/>.</param>
/// <param name="settings">What each label of the tree stands for.</param>
public sealed class DistilledPolicy(Scenario scenario, TreeNode tree, IReadOnlyList<KnobSettings> settings) : ITuningPolicy
{
    private readonly ObservationEncoder encoder = new(scenario.Knobs, scenario.Objective, scenario.Quality.Budget);
    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly double[] values = new double[PlainField.All.Count];

    /// <inheritdoc/>
    public string Name => "table";

    /// <inheritdoc/>
    public void Reset() => encoder.Reset();

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
    {
        encoder.Encode(window, current, observation);
        PlainField.Read(observation, values);
        return KnobRules.Allowed(settings[tree.Leaf(values).Label], current, mask, [Knob.Precision, Knob.KvCompression, Knob.Speculation, Knob.KvPrefetch]);
    }
}
