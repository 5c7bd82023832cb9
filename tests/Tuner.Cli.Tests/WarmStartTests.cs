using Tuner.Cli.Commands.Training;
using Tuner.Env.Baselines;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Tests;

internal sealed class WarmStartTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("qwen32b-4xh100");

    [Test]
    public void Courses_CandidatesInTwoLayouts_AddOneThatStaysInStaticBests()
    {
        KnobSettings tensor = Scenario.DefaultSettings with { Parallelism = ParallelismMode.Tensor };
        KnobSettings hybrid = tensor with { Parallelism = ParallelismMode.Hybrid, KvCompression = true };

        IReadOnlyList<Course> courses = Start(hybrid, [hybrid, tensor]).Courses(Scenario, "runs");

        Assert.That(courses, Has.Count.EqualTo(2));
        Assert.That(courses[0].Candidates, Is.EqualTo(new[] { hybrid, tensor }));
        Assert.That(courses[1].Candidates, Is.EqualTo(new[] { hybrid, tensor with { Parallelism = ParallelismMode.Hybrid } }));
        Assert.That(courses[1].CheckpointPath, Is.Not.EqualTo(courses[0].CheckpointPath));
    }

    [Test]
    public void Courses_OneLayoutOnly_AreOne()
    {
        KnobSettings tensor = Scenario.DefaultSettings with { Parallelism = ParallelismMode.Tensor };

        Assert.That(Start(tensor, [tensor, tensor with { KvCompression = true }]).Courses(Scenario, "runs"), Has.Count.EqualTo(1));
    }

    private static WarmStart Start(KnobSettings best, KnobSettings[] candidates)
        => new(new TrainingMix([], [], []), best, new Portfolio([best]), candidates, new RewardOptions());
}
