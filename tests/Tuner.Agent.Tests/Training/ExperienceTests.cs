using TorchSharp;
using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Simulation;
using Tuner.Env.Toys;

namespace Tuner.Agent.Tests.Training;

public sealed class ExperienceTests
{
    [Test]
    public void Collect_UnequalMaskedHeads_IsWhatTheLearnerThinksToo()
    {
        (Experience experience, PpoLearner learner, ParameterLayout layout, float[] parameters) = Prepare(new MaskedHeadsToy());
        using PpoLearner owned = learner;

        experience.Collect(layout.Actor(parameters), layout.Critic(parameters), experience.MeasuredNormalizer());

        experience.Rollout.Estimate(0.9f, 0.9f);
        using var scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        Samples samples = Samples.From(experience.Rollout, learner.Network.Heads, torch.CPU);
        float[] torchValues = learner.Network.Critic.Forward(samples.Observations).contiguous().data<float>().ToArray();
        var now = new HeadDistributions(learner.Network.Heads, learner.Network.Actor.Forward(samples.Observations), samples.Penalties);
        float[] torchLogProbs = now.Joint(samples.Chosen).data<float>().ToArray();
        Assert.That(torchLogProbs, Is.EqualTo(experience.Rollout.LogProbs).Within(1e-5), "before the first step of an update every ratio is 1");
        Assert.That(torchValues, Is.EqualTo(experience.Rollout.Values).Within(1e-5));
    }

    [Test]
    public void Collect_TruncatedEpisode_BootstrapsFromItsLastObservation()
    {
        (Experience experience, PpoLearner learner, ParameterLayout layout, float[] parameters) = Prepare(new MaskedHeadsToy());
        using PpoLearner owned = learner;

        experience.Collect(layout.Actor(parameters), layout.Critic(parameters), experience.MeasuredNormalizer());

        Rollout rollout = experience.Rollout;
        for (int t = 0; t < rollout.Steps; t++)
        {
            bool ends = (t + 1) % MaskedHeadsToy.MaxSteps == 0;
            Assert.That(rollout.Ends[t], Is.EqualTo(ends ? StepEnd.Truncated : StepEnd.None));
            if (!ends && t + 1 < rollout.Steps)
                Assert.That(rollout.NextValues[t], Is.EqualTo(rollout.Values[t + 1]));
            else
                Assert.That(rollout.NextValues[t], Is.Not.Zero, "the critic's value of an observation the rollout does not hold");
        }
    }

    [Test]
    public void Collect_ScaledRewards_AreDividedByTheDeviationOfTheDiscountedReturn()
    {
        (Experience scaled, PpoLearner learner, ParameterLayout layout, float[] parameters) = Prepare(new CartPole());
        using PpoLearner owned = learner;

        scaled.Collect(layout.Actor(parameters), layout.Critic(parameters), scaled.MeasuredNormalizer());

        // CartPole pays 1 a step: the discounted return of step t of an episode is (1 − γᵗ) / (1 − γ).
        var returns = new List<double>();
        double running = 0;
        foreach (StepEnd end in scaled.Rollout.Ends)
        {
            running = (0.99 * running) + 1;
            returns.Add(running);
            if (end != StepEnd.None)
                running = 0;
        }

        double mean = returns.Average();
        double deviation = Math.Sqrt(returns.Average(value => (value - mean) * (value - mean)));
        Assert.That(scaled.Rollout.Rewards, Is.All.EqualTo((float)(1 / deviation)).Within(1e-5));
    }

    private static (Experience Experience, PpoLearner Learner, ParameterLayout Layout, float[] Parameters) Prepare(IEnvironment environment)
    {
        var options = new PpoOptions { Environments = 1, RolloutSteps = 60, MinibatchSize = 60, HiddenLayers = [16] };
        var environments = new VectorEnvironment([environment], seed: 5, threads: 1);
        environments.Reset();
        var heads = new HeadLayout(environment.ActionSpace.Sizes);
        var layout = new ParameterLayout(environment.ObservationSpace.Length, options.HiddenLayers, environment.ActionSpace.TotalSize);
        RandomStream random = RandomStream.For(6, "weights");
        float[] parameters = [.. Enumerable.Range(0, layout.Length).Select(_ => (float)(0.5 * random.NextGaussian()))];
        var learner = new PpoLearner(options, layout, heads, new LearnerState(parameters, new float[layout.Length], new float[layout.Length], 0), random);
        return (new Experience(options, environments, heads, seed: 5), learner, layout, parameters);
    }
}
