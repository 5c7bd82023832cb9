using Tuner.Agent.Networks;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env.Simulation;
using Tuner.Policy.Observations;
using static TorchSharp.torch;

namespace Tuner.Agent.Imitation;

/// <summary>Behaviour cloning: makes what the teacher did likely (Pomerleau 1991), head by head among what was allowed.</summary>
public static class Cloning
{
    private const int MinibatchSize = 256;
    private const double LearningRate = 1e-3;

    /// <summary>
    /// A cloned network is unsure wherever its lessons disagreed, in eight heads at every window. Drawn from as it is it would
    /// wander, and a layout changed by chance costs more than most tries gain: PPO could not see what they are worth.
    /// </summary>
    private const float Sharpness = 3;

    /// <summary>Teaches a new network; runs on the processor.</summary>
    /// <param name="options">Shape of the network and clip of its observations.</param>
    /// <param name="examples">The examples, at least one; they decide the normaliser.</param>
    /// <param name="steps">Steps of Adam; its step size falls to 0 over them.</param>
    /// <param name="seed">Decides the first weights and the minibatches.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static Apprentice Fit(PpoOptions options, Demonstrations examples, int steps, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count, nameof(examples));
        int width = examples.Observations[0].Length;
        int heads = examples.HeadSizes.Length;
        ObservationNormalizer normalizer = Measure(examples, (float)options.ObservationClip);
        ParameterLayout layout = Apprentice.LayoutFor(options, width, examples.Masks[0].Length);
        set_num_threads(1);
        var padded = new HeadLayout(examples.HeadSizes);
        using IDisposable quiet = no_grad();
        using var network = new ActorCritic(layout, padded, layout.Draw(seed), CPU);
        using var adam = new Adam(network.Parameters, new float[layout.Length], new float[layout.Length], 0);
        RandomStream random = RandomStream.For(seed, "cloning");
        float[] observations = new float[MinibatchSize * width];
        long[] actions = new long[MinibatchSize * heads];
        float[] weights = new float[MinibatchSize];
        bool[] masks = new bool[MinibatchSize * padded.Length];
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < MinibatchSize; row++)
            {
                int example = random.NextInt(examples.Count);
                normalizer.Apply(examples.Observations[example], observations.AsSpan(row * width, width));
                padded.Pad(examples.Masks[example], masks.AsSpan(row * padded.Length, padded.Length));
                weights[row] = examples.Weights[example];
                for (int head = 0; head < heads; head++)
                    actions[(row * heads) + head] = padded.RowOf(head, examples.Actions[example][head]);
            }

            using var scope = NewDisposeScope();
            Tensor chosen = HeadDistributions.Chosen(padded, tensor(actions).view(MinibatchSize, heads));
            Tensor penalties = HeadDistributions.Penalties(tensor(masks).view(MinibatchSize, padded.Length));
            var now = new HeadDistributions(padded, network.Actor.Forward(tensor(observations).view(MinibatchSize, width)), penalties);
            Tensor weight = tensor(weights);

            // Of the loss −Σ w·log p / Σ w; the critic's gradient stays 0.
            network.Actor.Backward(now.JointGradient(chosen, weight.neg().div_(weight.sum())));
            adam.Step(network.Gradient, LearningRate * (1 - ((double)step / steps)));
        }

        using var last = NewDisposeScope();
        float[] learned = network.Parameters.data<float>().ToArray();
        Sharpen(layout, learned);
        FiniteGuard.CheckBlocks(learned, layout, "The parameters");
        return new Apprentice(layout, learned, normalizer);
    }

    /// <summary>Multiplies all logits: the same likeliest choices, drawn more often.</summary>
    private static void Sharpen(ParameterLayout layout, float[] parameters)
    {
        int outputs = (layout.Blocks.Count / 2) - 2;
        ParameterBlock weight = layout.Blocks[outputs];
        ParameterBlock bias = layout.Blocks[outputs + 1];
        for (int i = weight.Offset; i < bias.Offset + bias.Length; i++)
            parameters[i] *= Sharpness;
    }

    private static ObservationNormalizer Measure(Demonstrations examples, float clip)
    {
        int length = examples.Observations[0].Length;
        var moments = new RunningMoments(length);
        foreach (float[] observation in examples.Observations)
            moments.Add(observation);
        return new ObservationNormalizer([.. moments.Mean.Select(mean => (float)mean)], [.. Enumerable.Range(0, length).Select(i => (float)moments.Variance(i))], clip);
    }
}
