using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Bandit;

public sealed class BanditTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Slow = B200.DefaultSettings with { Parallelism = ParallelismMode.Tensor, MaxBatchLevel = 0 };
    private static readonly KnobSettings Roomy = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };

    [Test]
    public void Expect_LinearRewards_AreFoundAndDoubtFalls()
    {
        var arm = new LinearArm(3);
        double[] truth = [0.5, -1, 2];
        RandomStream random = RandomStream.For(1, "arm");
        double[] context = new double[3];
        double doubtBefore = arm.Expect([1, 1, 1]).Width;
        for (int i = 0; i < 500; i++)
        {
            for (int j = 0; j < 3; j++)
                context[j] = random.NextGaussian();
            arm.Learn(context, context.Zip(truth, (x, t) => x * t).Sum() + (0.1 * random.NextGaussian()));
        }

        (double mean, double width) = arm.Expect([1, 1, 1]);
        Assert.That(mean, Is.EqualTo(1.5).Within(0.03));
        Assert.That(width, Is.LessThan(0.1 * doubtBefore));
    }

    [Test]
    public void Run_Search_FindsTheSettingThatCarriesTheLoad()
    {
        EngineCostCache costs = Lab.Costs(B200);
        TrafficTrace training = Lab.Poisson(1, 40, 400, 1500, 200);
        Func<BanditPolicy> make = BanditSearch.Run(costs, training, [Slow, Roomy], 1, new RewardOptions(), 1);
        RunResult run = PolicyRunner.Run(costs, Lab.Poisson(2, 40, 400, 1500, 200), make(), Slow);
        Assert.That(run.Settings.Count(settings => settings == Roomy), Is.GreaterThan(0.8 * run.Settings.Count));
    }

    [Test]
    public void Run_TwiceWithOnePolicy_BeginsFromWhatTrainingTaught()
    {
        EngineCostCache costs = Lab.Costs(B200);
        var policy = new BanditPolicy(new BanditArms(B200, [Slow, Roomy], new RewardOptions()), 0.5);
        TrafficTrace traffic = Lab.Poisson(1, 20, 200, 1500, 200);
        RunResult first = PolicyRunner.Run(costs, traffic, policy, Slow);
        Assert.That(PolicyRunner.Run(costs, traffic, policy, Slow).Settings, Is.EqualTo(first.Settings));
    }
}
