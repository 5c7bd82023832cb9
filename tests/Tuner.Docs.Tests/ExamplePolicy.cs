using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Docs.Tests;

/// <summary>A policy made by hand, whose decision is known.</summary>
internal static class ExamplePolicy
{
    /// <summary>Has seen all traffic, turns speculation on, runs tensor parallel and moves no ladder.</summary>
    public static PolicyFile SpeculationOn()
    {
        int inputs = ObservationSchema.FieldCount;
        float[] biases = new float[KnobSpace.LogitCount];
        biases[KnobSpace.LogitOf(Knob.Parallelism, (int)ParallelismMode.Tensor)] = 1;
        biases[KnobSpace.LogitOf(Knob.MaxBatch, (int)LadderMove.Keep)] = 1;
        biases[KnobSpace.LogitOf(Knob.BatchWait, (int)LadderMove.Keep)] = 1;
        biases[KnobSpace.LogitOf(Knob.Speculation, 1)] = 1;
        biases[KnobSpace.LogitOf(Knob.Draft, (int)LadderMove.Keep)] = 1;
        float[] variance = new float[inputs];
        Array.Fill(variance, 100);
        return new PolicyFile(
            ObservationSchema.Version,
            ObservationSchema.FieldNames,
            KnobSpace.HeadSizes.ToArray(),
            new ObservationNormalizer(new float[inputs], variance, 10),
            new PolicyNetwork([new DenseLayer(new float[inputs * KnobSpace.LogitCount], biases)]),
            new PolicyManifest { Scenario = "llama70b-8xb200" });
    }
}
