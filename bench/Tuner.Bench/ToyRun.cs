using System.Globalization;
using Tuner.Agent.Evaluation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Toys;

namespace Tuner.Bench;

/// <summary>PPO on a toy after a fixed number of steps: mean return of 100 greedy episodes that nothing was decided by, seed after seed.</summary>
internal static class ToyRun
{
    private const int Episodes = 100;

    /// <summary>Acrobot-v1; settings chosen on seeds 101 to 104.</summary>
    public static int Acrobot(int first, int last)
    {
        var options = new PpoOptions { Environments = 16, RolloutSteps = 128, LearningRate = 2e-3, Lambda = 0.94, EntropyWeight = 0 };
        return Run("Acrobot-v1", () => new Acrobot(), options, 400_000, -80, first, last);
    }

    /// <summary>Masked heads of 4, 2 and 5 values, whose best return is known.</summary>
    public static int MaskedHeads(int first, int last)
    {
        var options = new PpoOptions { RolloutSteps = 64, LearningRate = 3e-3, Discount = 0.5, TargetKl = null };
        return Run("masked heads", () => new MaskedHeadsToy(), options, 40_000, 0.99 * MaskedHeadsToy.MaxSteps, first, last);
    }

    private static int Run(string name, Func<IEnvironment> make, PpoOptions options, long steps, double enough, int first, int last)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {steps} steps, mean of {Episodes} greedy episodes; {enough} is enough"));
        int good = 0;
        for (int seed = first; seed <= last; seed++)
        {
            using var trainer = new PpoTrainer(_ => make(), options, (ulong)seed);
            trainer.Run(steps);
            (var network, var normalizer) = trainer.ExportNetwork();
            double score = GreedyScore.MeanReturn(network, normalizer, make(), Episodes, seed: 1000 + (ulong)seed);
            good += score >= enough ? 1 : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {score:F2}, {steps / trainer.History.Sum(update => (double)options.Environments * options.RolloutSteps / update.StepsPerSecond):#,0} steps/s"));
        }

        Console.WriteLine($"{good} of {last - first + 1} seeds reach it");
        return good == last - first + 1 ? 0 : 1;
    }
}
