using Tuner.Env.Scenarios;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Env.Evaluation;

/// <summary>Which fields of the observation move a policy's decision: each is nudged alone, on the windows of a run.</summary>
/// <remarks>
/// It shows what the network reacts to where it was asked, not what causes what: fields that move together in real traffic
/// are nudged one at a time.
/// </remarks>
public static class PolicySensitivity
{
    /// <summary>Measures every field against every knob.</summary>
    /// <param name="network">The policy's network.</param>
    /// <param name="normalizer">Its normaliser.</param>
    /// <param name="scenario">The scenario of the run.</param>
    /// <param name="run">The windows to ask about; the settings in force are part of what the policy saw.</param>
    /// <param name="step">How far a normalised field is nudged, either way: 1 is one deviation of its training values.</param>
    /// <returns>All pairs, the strongest first.</returns>
    public static IReadOnlyList<FieldSensitivity> Of(PolicyNetwork network, ObservationNormalizer normalizer, Scenario scenario, RunResult run, float step = 1)
    {
        ObservationEncoder encoder = scenario.NewEncoder();
        var rules = new KnobRules(scenario);
        float[] observation = new float[ObservationSchema.FieldCount];
        bool[] allowed = new bool[KnobSpace.LogitCount];
        double[,] shift = new double[ObservationSchema.FieldCount, KnobSpace.HeadCount];
        for (int i = 0; i < run.Windows.Count; i++)
        {
            encoder.Encode(run.Windows[i], run.Settings[i], observation);
            normalizer.Apply(observation, observation);
            rules.Mask(run.Settings[i], run.Windows[i]).WriteTo(allowed);
            Add(network, observation, allowed, step, shift);
        }

        double asked = 2.0 * Math.Max(1, run.Windows.Count);
        return [.. Enumerable.Range(0, ObservationSchema.FieldCount)
            .SelectMany(field => Enum.GetValues<Knob>().Select(knob => new FieldSensitivity(ObservationSchema.FieldNames[field], knob, shift[field, (int)knob] / asked)))
            .OrderByDescending(each => each.Shift)];
    }

    private static void Add(PolicyNetwork network, float[] observation, ReadOnlySpan<bool> allowed, float step, double[,] shift)
    {
        double[] before = Probabilities(network, observation, allowed);
        for (int field = 0; field < observation.Length; field++)
        {
            float value = observation[field];
            foreach (float nudged in (ReadOnlySpan<float>)[value - step, value + step])
            {
                observation[field] = nudged;
                double[] after = Probabilities(network, observation, allowed);
                int offset = 0;
                for (int head = 0; head < KnobSpace.HeadCount; head++)
                {
                    for (int choice = 0; choice < KnobSpace.HeadSizes[head]; choice++, offset++)
                        shift[field, head] += 0.5 * Math.Abs(after[offset] - before[offset]);
                }
            }

            observation[field] = value;
        }
    }

    private static double[] Probabilities(PolicyNetwork network, ReadOnlySpan<float> observation, ReadOnlySpan<bool> allowed)
    {
        float[] logits = new float[KnobSpace.LogitCount];
        network.Forward(observation, logits);
        double[] probabilities = new double[logits.Length];
        int offset = 0;
        foreach (int size in KnobSpace.HeadSizes)
        {
            double sum = 0;
            float top = float.NegativeInfinity;
            for (int i = offset; i < offset + size; i++)
                top = allowed[i] ? Math.Max(top, logits[i]) : top;
            for (int i = offset; i < offset + size; i++)
                sum += probabilities[i] = allowed[i] ? Math.Exp(logits[i] - top) : 0;
            for (int i = offset; i < offset + size; i++)
                probabilities[i] /= sum;
            offset += size;
        }

        return probabilities;
    }
}
