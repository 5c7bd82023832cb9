using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Tests;

public sealed class TunerPolicyTests
{
    private static readonly KnobSettings Lossy = new(ParallelismMode.Tensor, PrecisionMode.Fp8Fp4, 1, 0, false, false, 0, false);

    [Test]
    public void Decide_UnseenTraffic_HoldsStill()
        => Assert.That(Decide(1e6, KnobMask.AllowAll), Is.EqualTo(Lossy));

    [Test]
    public void Decide_UnseenTrafficAndSpentBudget_LeavesTheLossySetting()
        => Assert.That(Decide(1e6, KnobMask.AllowAll.With(Knob.Precision, (int)PrecisionMode.Fp8Fp4, false)), Is.EqualTo(Lossy with { Precision = PrecisionMode.Fp8 }));

    [Test]
    public void Decide_SeenTraffic_AsksTheNetwork()
        => Assert.That(Decide(1, KnobMask.AllowAll).Parallelism, Is.EqualTo(ParallelismMode.Hybrid));

    private static KnobSettings Decide(double promptTokens, KnobMask mask)
    {
        // A network that wants the hybrid layout whatever it sees.
        float[] biases = new float[KnobSpace.LogitCount];
        biases[(int)ParallelismMode.Hybrid] = 1;
        var network = new PolicyNetwork([new DenseLayer(new float[KnobSpace.LogitCount * ObservationSchema.FieldCount], biases)]);
        var space = new KnobSpace([new(16, 512), new(64, 1024)], [0], ["draft"]);
        var policy = new TunerPolicy(network, ObservationNormalizer.None(ObservationSchema.FieldCount), new ObservationEncoder(space, new ServiceObjective(0.5, 0, 0.025), 0.2), space);
        return policy.Decide(new WindowMetrics { Seconds = 10, Arrived = 1, MeanPromptTokens = promptTokens }, Lossy, mask);
    }
}
