using TorchSharp;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Env.Simulation;

namespace Tuner.Agent.Tests.Ppo;

public sealed class PpoDetailTests
{
    [Test]
    public void Advantages_TerminatedAndTruncated_FollowTheirFormulas()
    {
        var advantages = new float[4];

        Advantages.Estimate(
            [1, 2, 3, 4], [0.5f, 0.6f, 0.7f, 0.8f], [0.6f, 9f, 10f, 0.9f],
            [StepEnd.None, StepEnd.Terminated, StepEnd.Truncated, StepEnd.None], 0.9f, 0.8f, advantages);

        Assert.That(advantages[3], Is.EqualTo(4 + (0.9 * 0.9) - 0.8).Within(1e-5));
        Assert.That(advantages[2], Is.EqualTo(3 + (0.9 * 10) - 0.7).Within(1e-5), "truncated: bootstraps from the last observation");
        Assert.That(advantages[1], Is.EqualTo(2 - 0.6).Within(1e-5), "terminated: nothing follows");
        Assert.That(advantages[0], Is.EqualTo(1 + (0.9 * 0.6) - 0.5 + (0.9 * 0.8 * 1.4)).Within(1e-5));
    }

    [Test]
    public void ExplainedVariance_PerfectAndConstantCritic_IsOneAndZero()
    {
        Assert.That(Advantages.ExplainedVariance([1, 2, 3], [1, 2, 3]), Is.EqualTo(1).Within(1e-9));
        Assert.That(Advantages.ExplainedVariance([5, 5, 5], [1, 2, 3]), Is.Zero.Within(1e-9));
    }

    [TestCase(1.5f, 1f, 1.2f, 0f), TestCase(0.5f, 1f, 0.5f, 0.5f), TestCase(0.5f, -1f, -0.8f, 0f), TestCase(1.5f, -1f, -1.5f, -1.5f), TestCase(1.1f, 2f, 2.2f, 2.2f)]
    public void ClippedSurrogate_RatioBeyondTheClip_IsPessimistic(float ratio, float advantage, float objective, float gradient)
    {
        using var scope = torch.NewDisposeScope();

        (torch.Tensor value, torch.Tensor byLogProb) = PpoLoss.ClippedSurrogate(torch.tensor(new[] { ratio }), torch.tensor(new[] { advantage }), 0.2);

        Assert.That(value.item<float>(), Is.EqualTo(objective).Within(1e-6));
        Assert.That(byLogProb.item<float>(), Is.EqualTo(gradient).Within(1e-6));
    }

    [TestCase(1f, 0f, 1f, null, 0f, 0f), TestCase(1f, 0f, 1f, 0.2, 0.32f, 0f), TestCase(-1f, 0f, 1f, 0.2, 2f, -2f), TestCase(0.1f, 0f, 1f, 0.2, 0.405f, -0.9f)]
    public void Value_Clipped_TakesTheWorse(float now, float old, float target, double? clip, float loss, float gradient)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor One(float value) => torch.tensor(new[] { value });

        (torch.Tensor value, torch.Tensor byValue) = PpoLoss.Value(One(now), One(old), One(target), clip);

        Assert.That(value.item<float>(), Is.EqualTo(loss).Within(1e-6));
        Assert.That(byValue.item<float>(), Is.EqualTo(gradient).Within(1e-6));
    }

    [Test]
    public void Diagnostics_KnownRatios_MatchTheirFormulas()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor logRatio = torch.tensor(new[] { 0f, (float)Math.Log(2) });
        Assert.That(PpoLoss.ApproxKl(logRatio.exp(), logRatio).mean().item<float>(), Is.EqualTo((2 - 1 - Math.Log(2)) / 2).Within(1e-6));
        Assert.That(PpoLoss.Clipped(logRatio.exp(), 0.2).mean().item<float>(), Is.EqualTo(0.5));
    }

    [Test]
    public void Normalized_Minibatch_HasMeanZeroAndDeviationOne()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor normalized = PpoLoss.Normalized(torch.tensor(new[] { 1f, 5f, 9f, 2f }));
        Assert.That(normalized.mean().item<float>(), Is.Zero.Within(1e-6));
        Assert.That(normalized.std().item<float>(), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void Adam_RandomGradients_MatchesTorch()
    {
        using var scope = torch.NewDisposeScope();
        RandomStream random = RandomStream.For(2, "adam");
        float[] Draw(double scale) => [.. Enumerable.Range(0, 200).Select(_ => (float)(scale * random.NextGaussian()))];
        float[] start = Draw(1);
        torch.Tensor ours = torch.tensor(start);
        var parameter = new TorchSharp.Modules.Parameter(torch.tensor(start));
        using var adam = new Adam(ours, new float[200], new float[200], 0);
        using var reference = torch.optim.Adam([parameter], lr: 0.01, eps: 1e-5);
        for (int step = 0; step < 100; step++)
        {
            // From far below ε to far above it.
            torch.Tensor gradient = torch.tensor(Draw(Math.Pow(10, (step % 10) - 7)));
            parameter.grad = gradient.clone();
            reference.step();
            adam.Step(gradient, 0.01);
        }

        Assert.That(ours.data<float>().ToArray(), Is.EqualTo(parameter.data<float>().ToArray()).Within(2e-6));
    }

    [Test]
    public void Descend_LongGradient_IsShortenedToTheMaximum()
    {
        using PpoLearner learner = Learner();
        using var scope = torch.NewDisposeScope();
        learner.Network.Gradient.fill_(1000);

        learner.Descend(0);

        // The first moment after one step is a tenth of the gradient used.
        Assert.That(learner.Optimizer.First.norm().item<float>(), Is.EqualTo(0.05).Within(1e-4));
    }

    [Test]
    public void Descend_NonFiniteGradient_NamesTheTensor()
    {
        using PpoLearner learner = Learner();
        using var scope = torch.NewDisposeScope();
        learner.Network.Gradient[learner.Network.Layout.Blocks[1].Offset + 2] = float.NaN;

        Assert.That(() => learner.Descend(0.1), Throws.TypeOf<NonFiniteException>().With.Message.Contains("gradient of actor.0.bias[2] is NaN"));
    }

    [Test]
    public void Shuffle_EveryEpoch_HasEachSampleOnceInAnotherOrder()
    {
        using PpoLearner learner = Learner();
        long[] order = [.. Enumerable.Range(0, 100).Select(i => (long)i)];
        learner.Shuffle(order);
        long[] first = [.. order];
        learner.Shuffle(order);

        Assert.That(order, Is.Not.EqualTo(first).And.EquivalentTo(Enumerable.Range(0, 100)));
        Assert.That(first, Is.Not.Ordered);
    }

    [Test]
    public void Options_SeveralMistakes_AreReportedAtOnce()
    {
        var options = new PpoOptions { Epochs = 0, Discount = double.NaN, Device = "tpu", HiddenLayers = [0] };

        Assert.That(options.Problems(), Has.Count.EqualTo(4));
        Assert.That(new PpoOptions().Problems(), Is.Empty);
    }

    [Test]
    public void Device_CudaWithoutOne_IsRefusedWithASentence()
    {
        if (torch.cuda.is_available())
            Assert.Ignore("This machine has a CUDA device.");
        Assert.That(() => Learner("cuda"), Throws.InvalidOperationException.With.Message.Contains("finds no CUDA device"));
    }

    private static PpoLearner Learner(string device = "cpu")
    {
        var layout = new ParameterLayout(3, [8], 4);
        var state = new LearnerState(layout.Draw(1), new float[layout.Length], new float[layout.Length], 0);
        return new PpoLearner(new PpoOptions { Device = device }, layout, new HeadLayout([4]), state, RandomStream.For(1, "minibatches"));
    }
}
