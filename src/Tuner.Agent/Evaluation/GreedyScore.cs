using Tuner.Env;
using Tuner.Env.Simulation;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Agent.Evaluation;

/// <summary>How well a network does when it always takes its best guess.</summary>
public static class GreedyScore
{
    /// <summary>The mean return of whole episodes.</summary>
    /// <param name="network">The network.</param>
    /// <param name="normalizer">What comes before it.</param>
    /// <param name="environment">The environment to play; left at an episode's end.</param>
    /// <param name="episodes">How many episodes, at least 1.</param>
    /// <param name="seed">Decides each episode's seed.</param>
    public static double MeanReturn(PolicyNetwork network, ObservationNormalizer normalizer, IEnvironment environment, int episodes, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        RandomStream seeds = RandomStream.For(seed, "evaluation");
        var observation = new float[environment.ObservationSpace.Length];
        var normalized = new float[observation.Length];
        var logits = new float[environment.ActionSpace.TotalSize];
        var mask = new bool[logits.Length];
        var action = new int[environment.ActionSpace.HeadCount];
        double sum = 0;
        for (int episode = 0; episode < episodes; episode++)
        {
            environment.Reset(seeds.NextUInt64(), null, observation);
            StepResult result;
            do
            {
                normalizer.Apply(observation, normalized);
                network.Forward(normalized, logits);
                environment.WriteActionMask(mask);
                MaskedChoice.Greedy(logits, environment.ActionSpace.Sizes, mask, action);
                result = environment.Step(action, observation);
                sum += result.Reward;
            }
            while (!result.Terminated && !result.Truncated);
        }

        return sum / episodes;
    }
}
