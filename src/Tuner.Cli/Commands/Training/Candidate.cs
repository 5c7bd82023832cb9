using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands.Training;

/// <summary>A policy that training could ship.</summary>
/// <param name="Kind"><c>tuned</c>, <c>cloned</c> or <c>fixed</c>.</param>
/// <param name="Name">What it is, for reports.</param>
/// <param name="Network">The network.</param>
/// <param name="Normalizer">What comes before it.</param>
/// <param name="Start">The settings it begins with.</param>
/// <param name="Course">The course it comes from; null for a fixed setting.</param>
internal sealed record Candidate(string Kind, string Name, PolicyNetwork Network, ObservationNormalizer Normalizer, KnobSettings Start, CourseOutcome? Course = null)
{
    /// <summary>A network that leads to certain settings, one rung a window, and stays there whatever it sees.</summary>
    public static Candidate Fixed(string name, KnobSettings settings)
    {
        int[] action = new int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(settings, settings, action);
        float[] biases = new float[KnobSpace.LogitCount];
        int offset = 0;
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            biases[offset + action[head]] = 1;
            offset += KnobSpace.HeadSizes[head];
        }

        var layer = new DenseLayer(new float[biases.Length * ObservationSchema.FieldCount], biases);
        return new Candidate("fixed", name, new PolicyNetwork([layer]), ObservationNormalizer.None(ObservationSchema.FieldCount), settings);
    }
}
