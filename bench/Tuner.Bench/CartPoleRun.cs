using System.Diagnostics;
using Tuner.Agent.Evaluation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env.Toys;

namespace Tuner.Bench;

/// <summary>PPO on CartPole-v1 with five seeds: greedy return over 100 episodes and wall time each.</summary>
internal static class CartPoleRun
{
    /// <summary>Settings the RL Baselines3 Zoo found for CartPole, over Tuner's defaults, for 100 000 steps.</summary>
    public static PpoOptions Options => new()
    {
        Environments = 8,
        RolloutSteps = 32,
        MinibatchSize = 256,
        Epochs = 20,
        LearningRate = 1e-3,
        Discount = 0.98,
        Lambda = 0.8,
        EntropyWeight = 0,
    };

    public static int Run(long steps)
    {
        Console.WriteLine($"CartPole-v1, {steps} steps, greedy return over 100 episodes");
        bool solved = true;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            long started = Stopwatch.GetTimestamp();
            using var trainer = new PpoTrainer(_ => new CartPole(), Options, seed);
            trainer.Run(steps);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            (var network, var normalizer) = trainer.ExportNetwork();
            double score = GreedyScore.MeanReturn(network, normalizer, new CartPole(), 100, seed: 1000 + seed);
            solved &= score >= 475;
            Console.WriteLine($"seed {seed}: {score:F1} in {seconds:F1} s (training mean {trainer.History[^1].MeanReturn:F1})");
        }

        return solved ? 0 : 1;
    }
}
