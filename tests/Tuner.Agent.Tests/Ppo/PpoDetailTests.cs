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

    [TestCase(1.5f, 1f, -1.2f), TestCase(0.5f, 1f, -0.5f), TestCase(0.5f, -1f, 0.8f), TestCase(1.5f, -1f, 1.5f)]
    public void ClippedSurrogate_RatioBeyondTheClip_IsPessimistic(float ratio, float advantage, float loss)
    {
        using var scope = torch.NewDisposeScope();
        Assert.That(PpoLoss.ClippedSurrogate(torch.tensor(new[] { ratio }), torch.tensor(new[] { advantage }), 0.2).item<float>(), Is.EqualTo(loss).Within(1e-6));
    }

    [Test]
    public void Value_Clipped_TakesTheWorse()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor now = torch.tensor(new[] { 1f }), old = torch.tensor(new[] { 0f }), target = torch.tensor(new[] { 1f });
        Assert.That(PpoLoss.Value(now, old, target, null).item<float>(), Is.Zero);
        Assert.That(PpoLoss.Value(now, old, target, 0.2).item<float>(), Is.EqualTo(0.32).Within(1e-6));
    }

    [Test]
    public void Diagnostics_KnownRatios_MatchTheirFormulas()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor logRatio = torch.tensor(new[] { 0f, (float)Math.Log(2) });
        Assert.That(PpoLoss.ApproxKl(logRatio).item<float>(), Is.EqualTo((2 - 1 - Math.Log(2)) / 2).Within(1e-6));
        Assert.That(PpoLoss.ClipFraction(logRatio.exp(), 0.2).item<float>(), Is.EqualTo(0.5));
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
    public void Adam_FewSteps_MatchesTorch()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor ours = torch.tensor(new[] { 1f, -2f, 3f });
        var parameter = new TorchSharp.Modules.Parameter(torch.tensor(new[] { 1f, -2f, 3f }));
        using var adam = new Adam(ours, new float[3], new float[3], 0);
        using var reference = torch.optim.Adam([parameter], lr: 0.01, eps: 1e-5);
        for (int step = 0; step < 5; step++)
        {
            reference.zero_grad();
            (parameter * parameter).sum().backward();
            reference.step();
            adam.Step(ours * 2, 0.01);
        }

        Assert.That(ours.data<float>().ToArray(), Is.EqualTo(parameter.data<float>().ToArray()).Within(1e-6));
    }

    [Test]
    public void Descend_LongGradient_IsShortenedToTheMaximum()
    {
        using PpoLearner learner = Learner();
        using var scope = torch.NewDisposeScope();

        learner.Descend(1000 * learner.Network.Parameters.sum(), 0);

        // The first moment after one step is a tenth of the gradient used.
        Assert.That(learner.Optimizer.First.norm().item<float>(), Is.EqualTo(0.05).Within(1e-4));
    }

    [Test]
    public void Descend_NonFiniteGradient_NamesTheTensor()
    {
        using PpoLearner learner = Learner();
        using var scope = torch.NewDisposeScope();
        int bias = learner.Network.Layout.Blocks[1].Offset;
        torch.Tensor loss = (learner.Network.Parameters[bias] - learner.Network.Parameters[bias].detach()).sqrt();

        Assert.That(() => learner.Descend(loss, 0.1), Throws.TypeOf<NonFiniteException>().With.Message.Contains("actor.0.bias"));
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
        return new PpoLearner(new PpoOptions { Device = device }, layout, [4], state, RandomStream.For(1, "minibatches"));
    }
}
