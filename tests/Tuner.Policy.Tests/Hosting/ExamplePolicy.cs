using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>Policies made by hand, whose decisions are known.</summary>
internal static class ExamplePolicy
{
    public static ServingContract Contract { get; } = new()
    {
        BatchLadder = [new(64, 2048), new(128, 2048), new(256, 4096)],
        BatchWaitLadder = [0, 0.01],
        Drafts = ["draft-1b", "draft-3b"],
        Objective = new(0.5, 0, 0.03),
        QualityBudget = 0.2,
        Fp4Loss = 0.5,
        KvCompressionLoss = 0.3,
    };

    /// <summary>Wants tensor parallel always, and what is named; moves no other ladder and has seen all traffic but the extreme.</summary>
    public static PolicyFile Wanting(params (Knob Knob, int Value)[] wishes)
    {
        int inputs = ObservationSchema.FieldCount;
        float[] biases = new float[KnobSpace.LogitCount];
        (Knob, int)[] still = [(Knob.Parallelism, (int)ParallelismMode.Tensor), (Knob.MaxBatch, 1), (Knob.BatchWait, 1), (Knob.Draft, 1)];
        foreach ((Knob knob, int value) in still)
            biases[KnobSpace.LogitOf(knob, value)] = 1;
        foreach ((Knob knob, int value) in wishes)
            biases[KnobSpace.LogitOf(knob, value)] = 2;
        float[] variance = new float[inputs];
        Array.Fill(variance, 10);
        return new PolicyFile(
            ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(),
            new ObservationNormalizer(new float[inputs], variance, 10),
            new PolicyNetwork([new DenseLayer(new float[inputs * KnobSpace.LogitCount], biases)]),
            new PolicyManifest { Scenario = "example", Kind = "tuned", Serving = Contract });
    }

    public static PolicyFile SpeculationOn() => Wanting((Knob.Speculation, 1));
}
