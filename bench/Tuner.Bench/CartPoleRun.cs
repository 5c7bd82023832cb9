using System.Diagnostics;
using System.Globalization;
using Tuner.Agent.Evaluation;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env.Toys;

namespace Tuner.Bench;

/// <summary>PPO on CartPole-v1: how long from the start of a process to a policy whose 100 greedy episodes average 475.</summary>
/// <remarks>
/// Each seed is a process of its own, so that the runtime, the compiler and libtorch start within the time measured. A run stops
/// when 50 greedy episodes average 495; the score comes from 100 others that nothing was decided by. Settings were chosen on seeds
/// 101 to 112.
/// </remarks>
internal static class CartPoleRun
{
    private const double Solved = 475;
    private const long MostSteps = 200_000;

    public static PpoOptions Options => new()
    {
        Environments = 8,
        RolloutSteps = 32,
        MinibatchSize = 256,
        Epochs = 10,
        LearningRate = 2e-3,
        AnnealLearningRate = false,
        Discount = 0.98,
        Lambda = 0.9,
        EntropyWeight = 0,
        Threads = 1,
    };

    /// <param name="first">First seed.</param>
    /// <param name="last">Last seed.</param>
    public static int Run(int first, int last)
    {
        Console.WriteLine("CartPole-v1: seconds from starting a process to its score over 100 greedy episodes");
        var seconds = new List<double>();
        int solved = 0;
        for (int seed = first; seed <= last; seed++)
        {
            var watch = Stopwatch.StartNew();
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["cartpole-seed", seed.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
            string? line = child.StandardOutput.ReadLine();
            double took = watch.Elapsed.TotalSeconds;
            child.WaitForExit();
            if (child.ExitCode == 0)
            {
                solved++;
                seconds.Add(took);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line}; {took:F2} s from the start of the process"));
        }

        seconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{solved} of {last - first + 1} seeds solved; median {(seconds.Count > 0 ? seconds[seconds.Count / 2] : double.NaN):F2} s, slowest {(seconds.Count > 0 ? seconds[^1] : double.NaN):F2} s"));
        return solved == last - first + 1 ? 0 : 1;
    }

    /// <summary>One seed, in this process.</summary>
    public static int RunSeed(ulong seed)
    {
        (double score, long steps, double seconds) = Solve(Options, seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {score:F1} after {steps} steps and {seconds:F2} s of training"));
        return score >= Solved ? 0 : 1;
    }

    internal static (double Score, long Steps, double Seconds) Solve(PpoOptions options, ulong seed)
    {
        var watch = Stopwatch.StartNew();
        using var trainer = new PpoTrainer(_ => new CartPole(), options, seed);
        using var stop = new CancellationTokenSource();
        trainer.Run(MostSteps, new Watcher(trainer, stop, seed), stop.Token);
        (var network, var normalizer) = trainer.ExportNetwork();
        double seconds = watch.Elapsed.TotalSeconds;
        return (GreedyScore.MeanReturn(network, normalizer, new CartPole(), 100, seed: 1000 + seed), trainer.Steps, seconds);
    }

    private sealed class Watcher(PpoTrainer trainer, CancellationTokenSource stop, ulong seed) : IProgress<TrainingProgress>
    {
        private const double Promising = 150;

        public void Report(TrainingProgress value)
        {
            if (value.MeanReturn is not >= Promising)
                return;
            (var network, var normalizer) = trainer.ExportNetwork();
            if (GreedyScore.MeanReturn(network, normalizer, new CartPole(), 5, seed: 3000 + seed) >= 495
                && GreedyScore.MeanReturn(network, normalizer, new CartPole(), 50, seed: 2000 + seed) >= 495)
                stop.Cancel();
        }
    }
}
