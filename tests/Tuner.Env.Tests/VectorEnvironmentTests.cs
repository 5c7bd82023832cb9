using Tuner.Env.Toys;

namespace Tuner.Env.Tests;

public sealed class VectorEnvironmentTests
{
    [Test]
    public void Step_AnyThreadCount_GivesTheSameResults() => Assert.That(Play(4), Is.EqualTo(Play(1)));

    [Test]
    public void Step_EpisodeEnds_KeepsTheLastObservationAndBeginsAnother()
    {
        var environments = new VectorEnvironment([new CartPole()], seed: 3, threads: 1);
        environments.Reset();
        while (!environments.Step(0, [0]).Terminated)
        {
        }

        Assert.That(Math.Abs(environments.FinalObservation(0)[2]), Is.GreaterThan(0.2f));
        Assert.That(Math.Abs(environments.Observation(0)[2]), Is.LessThan(0.05f));
    }

    [Test]
    public void Restore_MidEpisode_ContinuesTheSame()
    {
        var one = new VectorEnvironment([new CartPole()], seed: 3, threads: 1);
        one.Reset();
        for (int i = 0; i < 37; i++)
            one.Step(0, [i / 2 % 2]);
        var two = new VectorEnvironment([new CartPole()], seed: 99, threads: 1);

        two.Restore(0, one.Snapshot(0));

        for (int i = 0; i < 200; i++)
        {
            Assert.That(two.Observation(0).ToArray(), Is.EqualTo(one.Observation(0).ToArray()));
            one.Step(0, [i % 2]);
            two.Step(0, [i % 2]);
        }
    }

    private static List<float> Play(int threads)
    {
        var environments = new VectorEnvironment([.. Enumerable.Range(0, 5).Select(_ => new CartPole())], seed: 3, threads);
        environments.Reset();
        var trail = new List<float>();
        var results = new StepResult[5];
        for (int step = 0; step < 100; step++)
        {
            environments.Step([step % 2, 0, 1, step / 2 % 2, step / 3 % 2], results);
            for (int i = 0; i < 5; i++)
                trail.AddRange(environments.Observation(i));
        }

        return trail;
    }
}
