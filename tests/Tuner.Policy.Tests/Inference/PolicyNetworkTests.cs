using Tuner.Policy.Inference;

namespace Tuner.Policy.Tests.Inference;

public sealed class PolicyNetworkTests
{
    [Test]
    public void Forward_TwoLayers_MatchesTheFormula()
    {
        var network = new PolicyNetwork([new DenseLayer([1, 2, -1, 0.5f], [0.1f, -0.2f]), new DenseLayer([2, -3], [0.5f])]);
        var logits = new float[1];

        network.Forward([0.3f, -0.4f], logits);

        double first = Math.Tanh(0.3 - 0.8 + 0.1);
        double second = Math.Tanh(-0.3 - 0.2 - 0.2);
        Assert.That(logits[0], Is.EqualTo((2 * first) - (3 * second) + 0.5).Within(1e-6));
    }

    [Test]
    public void Forward_ManyTimes_AllocatesNothing()
    {
        var network = new PolicyNetwork([new DenseLayer(new float[64 * 32], new float[64]), new DenseLayer(new float[20 * 64], new float[20])]);
        var observation = new float[32];
        var logits = new float[20];
        network.Forward(observation, logits);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
            network.Forward(observation, logits);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void PolicyNetwork_LayersThatDoNotFit_AreRefused()
        => Assert.That(
            () => new PolicyNetwork([new DenseLayer(new float[6], new float[3]), new DenseLayer(new float[4], new float[2])]),
            Throws.ArgumentException.With.Message.Contains("Layer 1 takes 2 inputs; layer 0 gives 3."));
}
